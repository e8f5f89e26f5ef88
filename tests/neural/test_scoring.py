"""What neural models give texts: sentence by sentence, the same for any blocks and threads."""

from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.engine.resources import Resources
from lmkit.scoring.perplexity import score_text
from lmkit.text.vocabulary import BOS, EOS
from tests.conftest import text_file
from tests.neural.random_models import CONTEXT, SHAPES, WORDS, random_model

every_shape = pytest.mark.parametrize("name", list(SHAPES))


def random_text(sentences: int, longest: int = 3 * CONTEXT) -> str:
    """Lines of random words, some of which no model knows, empty lines among them."""
    draw = np.random.default_rng(5)
    known = [*WORDS, "inconnu"]
    return "".join(" ".join(draw.choice(known, draw.integers(0, longest))) + "\n" for _ in range(sentences))


@every_shape
def test_a_sentence_has_the_same_score_alone_and_among_others(name: str) -> None:
    model, scorer = random_model(name), random_model(name).scorer()
    draw = np.random.default_rng(6)
    sentences = [
        np.array([BOS, *draw.integers(2, len(WORDS) + 3, size), EOS], np.int32) for size in (0, 5, 30, 1, 8, 17)
    ]
    together = model.scorer().score(np.concatenate(sentences))
    alone = [scorer.score(sentence).log10_probs for sentence in sentences]
    np.testing.assert_allclose(together.log10_probs, np.concatenate(alone), atol=1e-6)
    assert together.ends.tolist() == np.cumsum([len(each) for each in alone]).tolist()


@every_shape
def test_figures_have_the_same_bits_for_any_number_of_threads(name: str, tmp_path: Path) -> None:
    model = random_model(name)
    texts = [text_file(tmp_path, random_text(40), f"{number}.txt") for number in range(6)]
    found = [
        np.concatenate([scored.scores.log10_probs for scored in score_text(model, texts, resources=Resources(workers))])
        for workers in (1, 2, 3)
    ]
    assert len(found[0]) > 1000
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@every_shape
def test_an_empty_sentence_has_the_probability_of_its_end(name: str, tmp_path: Path) -> None:
    model = random_model(name)
    text = text_file(tmp_path, "\n")
    found = lmkit.perplexity(model, text, settings=lmkit.TextSettings(blank_lines="sentence"))
    (end,) = (p for word, p in zip(*_next(model), strict=True) if word == "</s>")
    assert found.tokens == 1
    assert found.perplexity == pytest.approx(1 / end, rel=1e-5)


def _next(model: lmkit.NeuralModel) -> tuple[list[str], list[float]]:
    """The first words of a sentence, and their probabilities."""
    found = lmkit.next_words(model)
    return found.words, found.probabilities.tolist()
