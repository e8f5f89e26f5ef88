"""How the probability of a word comes about in a class model."""

from fractions import Fraction
from typing import Any

import pytest

import lmkit
from lmkit.scoring.mixture import mixture
from tests.class_models import toy


def test_an_explanation_shows_the_class_the_share_and_the_product() -> None:
    model = lmkit.laplace(toy.class_counts(2))
    first, second, _ = lmkit.explain(model, "le chat")
    assert [step.name for step in second.steps] == ["p(N | D)", "p(chat | N)", "p(chat | le)"]
    assert second.steps[1].counts == "c(chat) = 2; all words of N together: 6"
    assert (second.history, second.word, second.read_as) == (("le",), "chat", "chat")
    assert first.probability == Fraction(3, 8) * Fraction(1, 2)
    assert second.probability == Fraction(7, 11) * Fraction(1, 3)
    scores = [score.log10_prob for score in lmkit.score_sentence(model, "le chat")]
    assert [word.log10_prob for word in (first, second)] == pytest.approx(scores[:2], abs=1e-6)


def test_a_word_that_is_its_own_class_and_a_mark_have_no_share() -> None:
    model = lmkit.laplace(toy.class_counts(2, unclassed="own"))
    words = lmkit.explain(model, "elle dort")
    assert [[step.name for step in word.steps] for word in words] == [
        ["p(elle | <s>)"],
        ["p(<unk> | elle)"],
        ["p(</s> | <unk>)"],
    ]
    assert (words[1].word, words[1].read_as) == ("dort", "<unk>")


def test_an_explanation_shows_what_was_added_to_the_counts_of_words() -> None:
    word = lmkit.explain(lmkit.laplace(toy.class_counts(2, add=0.5)), "dort")[0]
    assert word.steps[-2].numbers == "0 + 0.5 / 4.5"
    assert float(word.steps[-2].value) == pytest.approx(1 / 9)


def test_a_model_of_classes_of_any_family_is_within() -> None:
    """A mixture of two models of classes, whose probabilities are halves of both."""
    counts = toy.class_counts(2)
    parts: list[Any] = [smooth(counts.inner, precision="double") for smooth in (lmkit.laplace, lmkit.witten_bell)]
    model = lmkit.ClassModel(mixture(parts), counts.members)
    expected = sum(lmkit.probability(lmkit.ClassModel(part, counts.members), "chat", "le") for part in parts) / 2
    assert lmkit.probability(model, "chat", "le") == pytest.approx(expected)
    assert float(lmkit.explain(model, "le chat")[1].probability) == pytest.approx(expected)
