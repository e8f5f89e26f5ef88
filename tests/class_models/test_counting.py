"""Class counts are the counts of the text in which each word is its class; what has no class, or no text, is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError, VocabularyWarning
from tests.class_models import toy
from tests.conftest import TOY
from tests.laws.test_smoothings import SENTENCES, counted
from tests.texts import listed_counts

WORDS_OF_LAWS = {"a": "A", "b": "B", "c": "B", "zzz": "A"}  # d has none


def test_class_counts_are_those_of_the_text_by_class() -> None:
    found, expected = toy.class_counts(3), toy.counts_by_class(3)
    assert listed_counts(found.inner) == listed_counts(expected)
    assert found.inner["D N"] == 6
    assert found.inner["V D N"] == 3
    assert (found.tokens, found.sentences) == (17, 3)


@pytest.mark.filterwarnings("ignore:.*of the running words have no class")  # of those with much of d
@given(SENTENCES, st.integers(1, 4), st.booleans())
def test_class_counts_of_any_text_are_those_of_the_text_by_class(sentences: list[str], order: int, own: bool) -> None:
    known = WORDS_OF_LAWS | ({"d": "d"} if own else {"d": "<unk>"})
    lines = [*sentences, "a", "b c"]
    by_class = "".join(" ".join(known[word] for word in line.split()) + "\n" for line in lines)
    found = lmkit.class_counts(counted(lines, order), toy.classes(WORDS_OF_LAWS), unclassed="own" if own else "unk")
    assert listed_counts(found.inner) == listed_counts(toy.counts_by_class(order, by_class))


def test_the_share_of_a_word_is_its_count_in_its_class() -> None:
    found = toy.class_counts()
    shares = dict(zip(found.vocabulary.words, (10.0**found.members.log10_shares).tolist(), strict=True))
    marks = {b"</s>": 1.0, b"<s>": 1.0, b"<unk>": 1.0}
    assert shares == pytest.approx({word.encode(): share for word, share in toy.SHARES.items()} | marks)


def test_words_without_a_class_are_unknown_and_told() -> None:
    found = toy.class_counts()
    assert found.inner["<unk>"] == 2
    assert b"elle" not in found.vocabulary.ids
    assert found.unplaced is not None
    assert found.unplaced.in_words() == [
        "words of the text without a class, which are <unk>: 2, 11.76% of its tokens",
        "words of the classes that the text lacks, left out (--class-add knows them): 1",
    ]


def test_words_without_a_class_can_be_classes_of_their_own() -> None:
    found = toy.class_counts(unclassed="own")
    assert (found.inner["elle"], found.inner["dans"], found.inner["<unk>"]) == (1, 1, 0)
    assert found.members.log10_shares[found.vocabulary.id_of("elle")] == 0
    assert found.members.details == {"classes": 3, "unclassed": "own"}


def test_a_word_of_its_own_class_is_none_of_a_class_that_is_called_so() -> None:
    counts = lmkit.count_ngrams(TOY, 1)
    found = lmkit.class_counts(counts, toy.classes({"le": "elle", "chat": "=elle"}), unclassed="own")
    assert found.inner["elle"] == counts["le"] == 3
    assert found.inner["=elle"] == counts["chat"] == 2
    assert found.inner["==elle"] == counts["elle"] == 1


def test_a_class_that_is_called_as_a_mark_is_not_that_mark() -> None:
    found = lmkit.class_counts(lmkit.count_ngrams(TOY, 1), toy.classes({"le": "<unk>", "chat": "<s>"}), unclassed="own")
    assert (found.inner["=<unk>"], found.inner["=<s>"]) == (3, 2)


def test_classes_that_would_be_called_alike_stay_apart() -> None:
    words = dict(zip(toy.WORDS, ["<s>", "=<s>", "==<s>"] * 4, strict=False))
    names = lmkit.class_counts(lmkit.count_ngrams(TOY, 2), toy.classes(words)).inner.vocabulary.words
    assert len(set(names)) == len(names) == 3 + 3


def test_added_counts_give_words_that_the_text_lacks_a_share() -> None:
    """V: boit 2, voit 1, dort 0, each with 1/2 more: 5/2, 3/2, 1/2 of 9/2."""
    found = toy.class_counts(add=0.5)
    shares = [10.0 ** found.members.log10_shares[found.vocabulary.id_of(word)] for word in ("boit", "voit", "dort")]
    assert shares == pytest.approx([5 / 9, 3 / 9, 1 / 9])
    assert found.inner["V"] == 3
    assert found.members.details["class_add"] == 0.5


def test_a_class_without_a_word_in_the_text_is_left_out() -> None:
    """Its part of the probability would be lost."""
    words, counts = toy.WORDS | {"dort": "X"}, lmkit.count_ngrams(TOY, 2)
    assert lmkit.class_counts(counts, toy.classes(words)).inner.vocabulary.words[3:] == [b"D", b"N", b"V"]
    added = lmkit.class_counts(counts, toy.classes(words), add=1.0)
    assert added.inner.vocabulary.words[3:] == [b"D", b"N", b"V", b"X"]


def test_classes_of_another_language_are_told() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    with pytest.warns(VocabularyWarning, match=r"94\.12% of the running words have no class"):
        lmkit.class_counts(counts, toy.classes({"dans": "P", "the": "D"}))
    lmkit.class_counts(counts, toy.classes({"dans": "P", "the": "D"}), unclassed="own")  # a few classes among words
    with pytest.raises(DataError, match="no word of the text has a class"):
        lmkit.class_counts(counts, toy.classes({"the": "D"}))


@pytest.mark.parametrize("add", [-1.0, float("nan"), float("inf")])
def test_what_cannot_be_added_is_refused(add: float) -> None:
    with pytest.raises(UsageError, match="must be 0 or more"):
        toy.class_counts(add=add)


def test_class_counts_are_not_classed_again() -> None:
    found: Any = toy.class_counts()
    with pytest.raises(DataError, match="counts of words are needed, and this is ClassCounts"):
        lmkit.class_counts(found, toy.classes())


def test_a_vocabulary_that_classes_limit_is_said_to_be_given() -> None:
    """Else <unk> would have been counted for no reason, as a check says."""
    assert toy.class_counts().inner.fixed_vocabulary
    assert not toy.class_counts(unclassed="own").inner.fixed_vocabulary
    assert lmkit.check_model(toy.class_counts()).warnings == 0
