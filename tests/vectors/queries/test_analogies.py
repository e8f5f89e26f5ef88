"""Analogies."""

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.vectors.queries.names import METHODS, Method
from tests.vectors.small import ROYAL, random_vectors, vectors_of


def answers_of(found: lmkit.Answers, vectors: lmkit.WordVectors) -> list[str]:
    """The words that answer."""
    return [vectors.words.words[row].decode() for row in found.row]


def test_homme_is_to_roi_as_femme_to_reine() -> None:
    """The question asks for roi − homme + femme of length 1: (1, 2, 0)/√5 − (1, 0, 0) + (−1, 0, 0) = (1/√5 − 2, 2/√5, 0)."""
    found = lmkit.analogies(ROYAL, [("homme", "roi", "femme")], top=5)
    assert answers_of(found, ROYAL) == ["reine", "chat"]  # no word of the question, and none without a direction
    target = np.array([5**-0.5 - 2, 2 * 5**-0.5])
    expected = target @ np.array([-1, 2]) / 5**0.5 / np.linalg.norm(target)
    assert found.score == pytest.approx([expected, 0], abs=1e-15)


def test_3cosmul_by_hand() -> None:
    """cos(reine, roi) = 3/5, cos(reine, femme) = 1/√5, cos(reine, homme) = −1/√5; chat is at right angles to all."""
    found = lmkit.analogies(ROYAL, [("homme", "roi", "femme")], method="mul")
    reine = (1 + 3 / 5) / 2 * (1 + 5**-0.5) / 2 / ((1 - 5**-0.5) / 2 + 0.001)
    assert answers_of(found, ROYAL) == ["reine", "chat"]
    assert found.score == pytest.approx([reine, 1 / 4 / (1 / 2 + 0.001)], rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_answers_are_those_of_the_formula_for_each_question(method: Method) -> None:
    words = [f"w{number}" for number in range(400)]
    vectors = random_vectors(words, 8)
    generator = np.random.default_rng(2)
    asked = generator.integers(0, 400, (300, 3))
    asked[0] = 5, 5, 6  # words may come twice
    asked[:50, 1] = 7  # questions share pairs
    found = lmkit.analogies(
        vectors, [(words[a], words[b], words[c]) for a, b, c in asked.tolist()], method=method, top=3
    )
    units = vectors.matrix.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    cosines = units @ units.T
    moved = (cosines + 1) / 2
    for number, (a, b, c) in enumerate(asked.tolist()):
        if method == "add":
            scores = (cosines[b] - cosines[a] + cosines[c]) / np.linalg.norm(units[b] - units[a] + units[c])
        else:
            scores = moved[b] * moved[c] / (moved[a] + 0.001)
        scores[[a, b, c]] = -np.inf
        best = np.argsort(-scores, kind="stable")[:3]
        here = found.question == number
        assert found.row[here].tolist() == best.tolist()
        assert found.score[here] == pytest.approx(scores[best], abs=1e-12)


def test_bad_questions_are_refused() -> None:
    with pytest.raises(DataError, match=r"^the word 'roy' is not among the 6 words\.\nNearest spellings: roi\.$"):
        lmkit.analogies(ROYAL, [("homme", "roy", "femme")])
    with pytest.raises(DataError) as error:
        lmkit.analogies(ROYAL, [("homme", "roi", "rien")])
    assert str(error.value) == (
        "the vector of rien is zero: it has no direction, so that its cosine with another is undefined.\n"
        "Ask with words that have other vectors. A word without any pairs in a matrix has such a row."
    )
    with pytest.raises(UsageError, match=r"^0 answers were asked for"):
        lmkit.analogies(ROYAL, [("homme", "roi", "femme")], top=0)
    assert len(lmkit.analogies(ROYAL, []).row) == 0


@pytest.mark.parametrize("method", METHODS)
def test_a_question_that_no_other_word_is_left_for_is_told(method: Method) -> None:
    three = vectors_of({"a": (1, 2), "b": (2, 1), "c": (3, 1), "rien": (0, 0)})
    with pytest.raises(DataError) as error:
        lmkit.analogies(three, [("a", "b", "a"), ("a", "b", "c")], method=method)
    assert str(error.value) == (
        "no word is left for a : b = c : ?: of 4 words, 3 have a vector that is not zero.\n"
        "Words that are asked for are no answers: take vectors of more words."
    )
