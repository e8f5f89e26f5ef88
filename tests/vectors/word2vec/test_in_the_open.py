"""Skip-gram in the open: the formulas, their derivatives, and what training by them shows."""

import io
import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import lmkit
from lmkit.vectors.word2vec.explaining import explained, told_epochs
from lmkit.vectors.word2vec.full_softmax import full_softmax
from lmkit.vectors.word2vec.gradients import Gradients
from lmkit.vectors.word2vec.in_the_open import FOR_TEACHING, MOST_TOKENS, MOST_WORDS, pairs
from lmkit.vectors.word2vec.known_text import known_text
from lmkit.vectors.word2vec.negative_sampling import negative_sampling
from lmkit.vectors.word2vec.settings import Loss
from tests.conftest import TOY, Run, text_file

LOSSES: tuple[Loss, ...] = ("negative-sampling", "softmax")
DIFFERENCE = 1e-6  # of central differences, whose error is about its square
Array = NDArray[np.float64]


def test_vectors_that_no_memory_holds_are_refused_before_they_are_made() -> None:
    settings = replace(FOR_TEACHING, dimensions=10**12)
    with pytest.raises(lmkit.DataError, match=r"vectors of 1,000,000,000,000 dimensions take [\d,]+ MB, and half of"):
        lmkit.skip_gram_in_the_open(lmkit.encode_text(TOY), settings)


def differences(loss: Callable[[Array], Gradients], at: Array) -> Array:
    """The derivative of a loss by central differences."""
    slopes = np.empty_like(at)
    for place in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[place] += DIFFERENCE
        below[place] -= DIFFERENCE
        slopes[place] = (loss(above).loss - loss(below).loss) / (2 * DIFFERENCE)
    return slopes


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_on_the_pairs_of_the_toy_corpus_are_those_of_central_differences(loss: Loss) -> None:
    known = known_text(lmkit.encode_text(TOY))
    draws = np.random.default_rng(1)
    v, u = draws.normal(size=(2, len(known.words), 4))
    of_pair: Callable[[Array, Array], Gradients]
    for center, neighbour in [pair for sentence in known.sentences(100) for pair in pairs(sentence, 2)]:
        if loss == "softmax":
            contexts, of_pair = u, partial(full_softmax, neighbour=neighbour)
        else:
            contexts, of_pair = u[[neighbour, *draws.integers(0, len(u), 3)]], negative_sampling
        found = of_pair(v[center], contexts)
        by_center = differences(partial(of_pair, contexts=contexts), v[center])
        by_contexts = differences(partial(of_pair, v[center]), contexts)
        np.testing.assert_allclose(found.center, by_center, atol=1e-8)
        np.testing.assert_allclose(found.contexts, by_contexts, atol=1e-8)


def test_negative_sampling_by_hand() -> None:
    """With v = (log 3, 0), u_o = (1, 5), noise u = (−1, 0): σ(u_o · v) = 3/4 and σ(u · v) = 1/4."""
    found = negative_sampling(np.array([math.log(3), 0]), np.array([[1.0, 5], [-1, 0]]))
    np.testing.assert_allclose(found.probabilities, [3 / 4, 1 / 4])
    assert found.loss == pytest.approx(-2 * math.log(3 / 4))
    np.testing.assert_allclose(found.center, [-1 / 4 - 1 / 4, -5 / 4])  # −¼ (1, 5) + ¼ (−1, 0)
    np.testing.assert_allclose(found.contexts, [[-math.log(3) / 4, 0], [math.log(3) / 4, 0]])


def test_full_softmax_by_hand() -> None:
    """Products log 1, log 2, log 5: the probabilities are 1/8, 2/8, 5/8."""
    contexts = np.array([[0.0], [math.log(2)], [math.log(5)]])
    found = full_softmax(np.array([1.0]), contexts, 1)
    np.testing.assert_allclose(found.probabilities, [1 / 8, 2 / 8, 5 / 8])
    assert found.loss == pytest.approx(math.log(4))
    np.testing.assert_allclose(found.center, [(2 / 8 - 1) * math.log(2) + 5 / 8 * math.log(5)])
    np.testing.assert_allclose(found.contexts, [[1 / 8], [2 / 8 - 1], [5 / 8]])


def test_products_of_a_thousand_overflow_nothing() -> None:
    v, u = np.array([1000.0]), np.array([[-1.0], [1.0]])
    assert negative_sampling(v, u).loss == pytest.approx(2000)  # −log σ(−1000) − log σ(−1000)
    assert negative_sampling(-v, u).loss == 0
    assert full_softmax(v, u, 0).loss == pytest.approx(2000)


def test_pairs_are_those_of_the_window() -> None:
    assert list(pairs([5, 6, 5, 7], 1)) == [(5, 6), (6, 5), (6, 5), (5, 6), (5, 7), (7, 5)]
    assert len(list(pairs([0, 1, 2, 3], 9))) == 12


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_of_the_toy_corpus_falls(loss: Loss) -> None:
    losses = lmkit.skip_gram_in_the_open(lmkit.encode_text(TOY), replace(FOR_TEACHING, loss=loss)).losses
    assert len(losses) == FOR_TEACHING.epochs
    assert losses[-1] < losses[9] < losses[0]
    assert losses[-1] < 0.75 * losses[0]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_seed_gives_the_same_bits_and_another_one_others(loss: Loss) -> None:
    text = lmkit.encode_text(TOY)
    settings = replace(FOR_TEACHING, loss=loss, epochs=3)
    first, second = (lmkit.skip_gram_in_the_open(text, settings).vectors.matrix.tobytes() for _ in range(2))
    assert first == second
    assert lmkit.skip_gram_in_the_open(text, replace(settings, seed=2)).vectors.matrix.tobytes() != first


def test_a_step_moves_vectors_against_the_gradient_and_the_next_one_starts_there() -> None:
    """In « le chat boit du lait », both first pairs have « le » as their center."""
    first, second = lmkit.skip_gram_in_the_open(lmkit.encode_text(TOY)).steps[:2]
    assert first.center == second.center
    np.testing.assert_array_equal(first.v_after, first.v - 0.1 * first.found.center)
    np.testing.assert_array_equal(second.v, first.v_after)


def test_noise_is_drawn_by_count_to_the_power_three_quarters() -> None:
    """Of « a » (16 times) and « b » (once), b is 1/(16^.75 + 1) = 1/9 of the noise; each is none where it is the neighbour."""
    text = lmkit.encode_text(io.BytesIO(b"a a a a a a a a a a a a a a a a b\n"))
    shown = lmkit.skip_gram_in_the_open(
        text, replace(FOR_TEACHING, negative=1000, window=16, epochs=1, learning_rate=1e-4)
    )
    drawn = [len(step.contexts) - 1 for step in shown.steps if step.neighbour == 0]
    assert sum(drawn) / (1000 * len(drawn)) == pytest.approx(1 / 9, abs=0.003)  # 256 pairs: 5 standard deviations
    assert {word for step in shown.steps if step.neighbour == 0 for word in step.contexts[1:]} == {1}


def test_explained_steps_have_the_numbers_in_the_formulas() -> None:
    """In « été où », each word is the other's neighbour; accents come out as they went in."""
    settings = replace(FOR_TEACHING, dimensions=2, negative=1, epochs=1)
    text = lmkit.encode_text(io.BytesIO("été où\nnoël été\n".encode()))
    shown = lmkit.skip_gram_in_the_open(text, settings)
    step, found = shown.steps[0], shown.steps[0].found
    noise = shown.words[step.contexts[1]]
    v, (u, n) = step.v, step.u
    lines = list(explained(step, shown.words, softmax=False))
    assert lines[0] == f"été → où; noise: {noise}"
    assert lines[1] == f"v(été) = ({v[0]:.4f}, {v[1]:.4f})"
    assert lines[4] == f"u(où) · v(été) = {u[0]:.4f}·{v[0]:.4f} + {u[1]:.4f}·{v[1]:.4f} = {u @ v:.4f}"
    p, q = (1 / (1 + math.exp(-product)) for product in (u @ v, n @ v))
    assert lines[6] == f"σ(u(où) · v(été)) = 1 / (1 + e^{-(u @ v):.4f}) = {p:.4f}"
    assert lines[8] == (
        f"loss = − log σ(u(où) · v(été)) − log σ(−u({noise}) · v(été)) = − log {p:.4f} − log {1 - q:.4f}"
        f" = {-math.log(p) - math.log(1 - q):.4f}"
    )
    gradient = (p - 1) * u + q * n
    assert lines[9].endswith(f" = ({gradient[0]:.4f}, {gradient[1]:.4f})")
    assert lines[10].startswith(f"∂loss/∂u(où) = (σ(u(où) · v(été)) − 1) v(été) = {p - 1:.4f} · (")
    assert lines[-1].startswith("v(été) ← v(été) − 0.1 · ∂loss/∂v(été) = ")
    np.testing.assert_allclose(found.center, gradient)
    shown = lmkit.skip_gram_in_the_open(text, replace(settings, loss="softmax"))
    lines, p = list(explained(shown.steps[0], shown.words, softmax=True)), shown.steps[0].found.probabilities[2]
    assert shown.words == ["été", "noël", "où"]
    assert f"loss = − log p(où | été) = − log {p:.4f} = {-math.log(p):.4f}" in lines


def test_the_epochs_that_are_told() -> None:
    assert told_epochs(100) == [1, 2, 5, 10, 20, 50, 100]
    assert told_epochs(7) == [1, 2, 5, 7]
    assert told_epochs(1) == [1]


def test_explain_prints_pairs_steps_and_losses_and_writes_vectors_if_asked(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("vectors", "word2vec", "--explain", "--softmax", "--window", 1, TOY, "-o", tmp_path / "v")
    assert (result.code, result.err) == (0, "lmkit: 11 vectors of 3 dimensions\n")
    lines = result.out.splitlines()
    assert lines[0] == "le chat boit du lait"
    assert lines[1] == (
        "  pairs of a word and a neighbour: (le, chat) (chat, le) (chat, boit) (boit, chat) (boit, du) (du, boit) (du, lait) (lait, du)"
    )
    assert [line for line in lines if " → " in line] == ["le → chat", "chat → le", "chat → boit"]
    assert [line.split("\t")[0] for line in lines[-9:]] == [
        "epoch",
        "1",
        "2",
        "5",
        "10",
        "20",
        "50",
        "100",
        "signature",
    ]
    vectors = lmkit.load_vectors(tmp_path / "v")
    assert (vectors.matrix.shape, vectors.method) == ((11, 3), "word2vec")
    assert lines[-1] == f"signature\t{vectors.signature()}"


def test_what_cannot_be_shown_in_the_open_is_refused(lmkit_run: Run, tmp_path: Path) -> None:
    refused = {
        ("--architecture", "cbow"): "cbow with negative-sampling is not shown in the open",
        ("--hierarchical-softmax",): "skip-gram with hierarchical-softmax is not shown in the open",
        ("--subsample", "0.1"): "in the open, every pair of words is shown: none is passed over.",
        ("--workers", "2"): "--workers: with --explain, one step follows the other.",
        ("-o", "-"): "--explain and the vectors would both go to standard output.",
    }
    for options, message in refused.items():
        result = lmkit_run("vectors", "word2vec", "--explain", *options, TOY)
        assert (result.code, result.out) == (2, "")
        assert message in result.err
    result = lmkit_run("vectors", "word2vec", "--explain", text_file(tmp_path, " ".join(map(str, range(1001)))))
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "lmkit: the text has 1,001 words, 1,001 of them distinct; in the open, one pair at a time, 20,000 and 1,000 are the most.\n"
        "Take a small text, such as corpora/toy.tok; or leave --explain out, which trains with gensim.\n"
    )


def test_vectors_that_grow_beyond_all_numbers_are_told() -> None:
    """Three hundred noise words among eleven distinct ones are steps of 27 times the learning rate for each."""
    with pytest.raises(lmkit.DataError, match="with a learning rate of 1, the vectors grew beyond all numbers"):
        lmkit.skip_gram_in_the_open(lmkit.encode_text(TOY), replace(FOR_TEACHING, negative=300, learning_rate=1))


def test_explain_needs_no_gensim(lmkit_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim", None)
    assert lmkit_run("vectors", "word2vec", "--explain", "--epochs", 1, TOY).code == 0


def test_the_help_has_the_defaults(lmkit_run: Run) -> None:
    printed = " ".join(lmkit_run("vectors", "word2vec", "--help").out.split())
    usual = lmkit.Word2VecSettings()
    shown = [usual.dimensions, usual.negative, usual.window, usual.epochs, f"{usual.learning_rate}", usual.seed]
    assert [default for default in shown if f"[default: {default}]" not in printed] == []
    assert f"[default: {usual.architecture}]" in printed
    assert f"[default: {usual.subsample:.0e}]".replace("e-0", "e-") in printed
    few = FOR_TEACHING
    assert (
        f"defaults: -d {few.dimensions}, --negative {few.negative}, --window {few.window}, --epochs {few.epochs}, --learning-rate {few.learning_rate},"
        in printed
    )
    assert f"up to {MOST_TOKENS:,} words, {MOST_WORDS:,} distinct" in printed


def test_explain_as_json_has_every_step_of_the_first_sentence(lmkit_run: Run) -> None:
    options = ("--explain", "--json", "-d", 2, "--epochs", 2, "--negative", 1)
    found = json.loads(lmkit_run("vectors", "word2vec", *options, TOY).out)
    assert found["sentence"] == ["le", "chat", "boit", "du", "lait"]
    assert [(step["word"], step["neighbour"]) for step in found["steps"]][:3] == [
        ("le", "chat"),
        ("le", "boit"),
        ("chat", "le"),
    ]
    step = found["steps"][0]
    assert step["contexts"][0] == "chat"
    assert len(step["contexts"]) == len(step["u"]) == len(step["products"]) == len(step["probabilities"])
    settings = replace(FOR_TEACHING, dimensions=2, epochs=2, negative=1)
    shown = lmkit.skip_gram_in_the_open(lmkit.encode_text(TOY), settings)
    assert step["v"] == shown.steps[0].v.tolist()
    assert step["gradient_of_v"] == shown.steps[0].found.center.tolist()
    assert (len(found["steps"]), found["mean_losses"]) == (14, shown.losses)
    assert found["signature"] == shown.vectors.signature()
