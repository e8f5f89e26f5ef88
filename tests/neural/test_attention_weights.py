"""Where the tokens of a sentence look."""

import math
from typing import Any

import numpy as np
import pytest

from lmkit.errors import DataError, UsageError
from lmkit.neural.attention_weights import attention_weights
from lmkit.plots.attention.page import attention_page
from lmkit.plots.attention.text import attention_text
from lmkit.plots.attention.view import attention_view
from tests.neural.random_models import CONTEXT, random_model


def test_weights_are_those_of_the_formula() -> None:
    """The first layer, worked out by hand: softmax(q·k / √2) of the normed sums of the vectors of token and position."""
    model = random_model("sinusoidal")
    found = attention_weights(model, "le chat dort").alpha[0]
    p: Any = {name: view.astype(np.float64) for name, view in model.parameters.views.items()}
    x = p["wte.weight"][[1, 3, 5, 7]] + p["wpe.weight"][:4]
    normed = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    normed = normed * p["h.0.ln_1.weight"] + p["h.0.ln_1.bias"]
    q, k, _ = np.split(normed @ p["h.0.attn.c_attn.weight"] + p["h.0.attn.c_attn.bias"], 3, axis=1)
    for head in range(4):
        part = slice(2 * head, 2 * head + 2)
        for place in range(4):
            scores = [math.exp(float(q[place, part] @ k[other, part]) / math.sqrt(2)) for other in range(place + 1)]
            expected = [score / sum(scores) for score in scores]
            assert found[head, place, : place + 1].tolist() == pytest.approx(expected, abs=1e-5)


def test_each_token_looks_at_itself_and_before() -> None:
    found = attention_weights(random_model("transformer"), "le chat dort sur le tapis")
    assert found.tokens == ("<s>", "le", "chat", "dort", "sur", "le", "tapis")
    assert found.alpha.shape == (2, 2, 7, 7)
    np.testing.assert_allclose(found.alpha.sum(axis=-1), 1, atol=1e-6)
    assert not np.triu(found.alpha, 1).any()


def test_one_head_of_one_layer_keeps_its_numbers() -> None:
    whole = attention_weights(random_model("transformer"), "le chat")
    part = whole.of(2, 1)
    assert (part.layers, part.heads, part.alpha.shape) == ((2,), (1,), (1, 1, 3, 3))
    np.testing.assert_array_equal(part.alpha[0, 0], whole.alpha[1, 0])
    assert part.rows()[1] == [2, 1, 2, "le", 1, "<s>", float(whole.alpha[1, 0, 1, 0])]
    assert len(whole.rows()) == 2 * 2 * 6
    with pytest.raises(UsageError, match="layer 3 was asked for, and the model has layers 1 to 2"):
        whole.of(layer=3)


def test_what_cannot_be_shown_is_refused() -> None:
    attention_weights(random_model("transformer"), " ".join(["le"] * (CONTEXT - 1)))
    with pytest.raises(UsageError, match="9 tokens with <s>, and the model looks at 8"):
        attention_weights(random_model("transformer"), " ".join(["le"] * CONTEXT))
    with pytest.raises(DataError, match=r"this model \(feed-forward\) has no attention"):
        attention_weights(random_model("feed-forward"), "le chat")


def test_triangles_stand_under_the_letters_whatever_their_width() -> None:
    """A wide letter takes two columns, a combining accent none: cells are two columns, and lines end where they should."""
    found = attention_weights(random_model("transformer"), "猫 ɛ\N{COMBINING ACUTE ACCENT}te été")
    lines = attention_text(attention_view(found), 80).splitlines()
    assert found.oov == ("猫", "ɛ\N{COMBINING ACUTE ACCENT}te")
    head = next(place for place, line in enumerate(lines) if line.lstrip().startswith("head 1"))
    assert lines[head + 1].split() == [
        "<",
        "猫ɛ\N{COMBINING ACUTE ACCENT}",
        "é",
        "<",
        "猫ɛ\N{COMBINING ACUTE ACCENT}",
        "é",
    ]
    assert lines[head + 2].startswith("<s> █")
    assert lines[head + 3].startswith("猫  ")
    filled = [sum(sign in "░▒▓█" for sign in line) for line in lines[head + 2 : head + 6]]
    assert filled == [4, 8, 12, 16]  # two heads, two columns a cell


def test_a_tone_that_is_a_token_stands_on_a_dotted_circle() -> None:
    """Else it would combine with what is before it: in models of characters, ɔ with a tone is two tokens."""
    view = attention_view(attention_weights(random_model("transformer"), "ɔ \u0301 ɔ\u0301"))
    assert view.tokens == ["<s>", "ɔ", "\u25cc\u0301", "ɔ\u0301"]
    lines = attention_text(view, 80).splitlines()
    assert lines[4].split()[:4] == ["<", "ɔ", "\u25cc\u0301", "ɔ\u0301"]
    shown = attention_text(attention_view(view.weights.of(1, 1)), 80).splitlines()
    assert shown[2].split() == view.tokens


def test_text_is_ascii_where_it_must_be() -> None:
    found = attention_weights(random_model("transformer"), "le chat été 猫")
    assert attention_text(attention_view(found), 40, ascii_only=True).isascii()
    assert attention_text(attention_view(found.of(1, 1)), 40, ascii_only=True).isascii()


def test_a_page_has_a_cell_for_each_weight_and_escapes_the_tokens() -> None:
    found = attention_weights(random_model("transformer"), "le <b>&été")
    page = "".join(attention_page(attention_view(found)))
    assert page.count("<td style=") == 2 * 2 * 6
    assert f'title="&lt;b&gt;&amp;été → le: {found.alpha[0, 0, 2, 1]:.3f}"' in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
