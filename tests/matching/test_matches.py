"""Matches from Python: the definitions, on random texts and by hand."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.resources import Resources
from lmkit.errors import UsageError
from lmkit.matching import levels, pairs, parts
from lmkit.text.settings import TextSettings
from tests.conftest import text_file
from tests.matching.naive import naive_matches

SENTENCES = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), min_size=1, max_size=12)


def as_text(sentences: list[list[str]]) -> io.BytesIO:
    return io.BytesIO("".join(" ".join(words) + "\n" for words in sentences).encode())


def as_tuples(found: lmkit.Matches) -> list[tuple[int, int, int]]:
    """What was found, places counted among the words of the training text."""
    places = found.places - np.searchsorted(found.train_lines.starts, found.places, "right")
    if found.across_lines:
        places = np.where(found.places >= 0, found.places - 1, -1)  # one stretch
    places = np.where(found.lengths > 0, places, -1)
    return list(zip(found.lengths.tolist(), found.counts.tolist(), places.tolist(), strict=True))


@given(
    train=SENTENCES,
    test=SENTENCES,
    workers=st.sampled_from([1, 2, 3]),
    size=st.integers(1, 40),
    far=st.sampled_from([1, 2, 3, 16]),
)
def test_matches_are_those_of_a_naive_search_for_any_size_of_parts_and_number_of_threads(
    train: list[list[str]], test: list[list[str]], workers: int, size: int, far: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "LEAST_PLACES", size)
        patch.setattr(parts, "ENOUGH_PLACES", 2 * size)
        patch.setattr(levels, "FAR", far)
        patch.setattr(pairs, "FIRST_STEP", far)
        for memory in (1, None):
            found = lmkit.matches(as_text(train), as_text(test), resources=Resources(workers, memory))
            assert as_tuples(found) == naive_matches(train, test)


@given(train=SENTENCES, test=SENTENCES, size=st.integers(1, 40), far=st.sampled_from([1, 2, 3, 16]))
def test_matches_across_lines_are_those_of_a_naive_search_in_one_stretch(
    train: list[list[str]], test: list[list[str]], size: int, far: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "LEAST_PLACES", size)
        patch.setattr(levels, "FAR", far)
        patch.setattr("lmkit.matching.window.CONTEXT", 1)
        found = lmkit.matches(as_text(train), as_text(test), across_lines=True, resources=Resources(2, 1))
    joined = [[word for words in text for word in words] for text in (train, test)]
    assert as_tuples(found) == naive_matches(joined[:1], joined[1:])


def found_in(train: str, test: str, **how: Any) -> list[int]:
    """The lengths of the matches of a text in another."""
    lengths: list[int] = lmkit.matches(io.BytesIO(train.encode()), io.BytesIO(test.encode()), **how).lengths.tolist()
    return lengths


def test_words_are_compared_as_the_settings_make_them() -> None:
    assert found_in("The cat, SAT\n", "the cat , sat\n") == [0, 0, 0, 0]
    words = TextSettings(tokenizer="words", lowercase=True)
    assert found_in("The cat, SAT\n", "the cat , sat\n", settings=words) == [1, 2, 3, 4]
    assert found_in("abc\n", "zbc\n", settings=TextSettings(unit="character")) == [0, 1, 2]
    assert found_in("abc\n", "zbc\n", settings=TextSettings(unit="byte")) == [0, 1, 2]


def test_unknown_words_match_nothing_not_even_each_other() -> None:
    assert found_in("a <unk> b\n", "a <unk> b\n", settings=TextSettings(reserved="keep")) == [1, 0, 1]
    assert found_in("a new b\n", "a other b\n") == [1, 0, 1]


def test_marks_and_blank_lines_change_nothing() -> None:
    for settings in (TextSettings(sentence_marks=False), TextSettings(blank_lines="sentence")):
        assert found_in("a b\n\nc\n", "b\n\na b c\n", settings=settings) == [1, 1, 2, 1]


def test_matches_reach_back_further_than_the_words_that_are_read_with_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(f"w{place}" for place in range(3000)) + "\n"
    monkeypatch.setattr(parts, "LEAST_PLACES", 500)
    assert found_in(text, text, resources=Resources(1, 1)) == list(range(1, 3001))


def test_memory_below_what_reading_takes_does_not_make_a_thousand_pairs_of_parts() -> None:
    train, test = 12_400_000, 1_000_000
    sizes = parts.PartSizes.within(Resources(1, 10 << 20), train, test)
    pairs_of_parts = len(parts.parts(train, sizes.train)) * len(parts.parts(test, sizes.test))
    assert pairs_of_parts <= 48 * 4  # of 2^18 tokens each


def test_of_copies_of_a_long_text_the_longest_are_counted_and_the_first_is_named() -> None:
    words = [f"w{place % 97} v{place % 89}" for place in range(2000)]
    whole, end = " ".join(words), " ".join(words[500:])
    train = "\n".join((end, whole, "x " + whole, end)) + "\n"
    found = lmkit.matches(io.BytesIO(train.encode()), io.BytesIO(whole.encode()))
    assert found.lengths.tolist() == list(range(1, 4001))
    assert found.counts[-1] == 2
    assert found.longest() == lmkit.Match(4000, 2, whole, "<stream>:1", "<stream>:2")


def test_a_text_longer_than_memory_has_its_matches_on_disk(tmp_path: Path) -> None:
    text = text_file(tmp_path, "a b c\nb c\n" * 200)
    found = lmkit.matches(text_file(tmp_path, "x a b c\n", "train"), text, resources=Resources(1, 4096, tmp_path))
    assert found.lengths.tolist() == [1, 2, 3, 1, 2] * 200
    assert found.ids.base is not None  # a view of a file


def test_tokens_are_covered_by_matches_that_end_in_later_ones() -> None:
    found = lmkit.matches(io.BytesIO(b"a b c d\n"), io.BytesIO(b"z a b c z b c d\n"))
    assert found.covered(3).tolist() == [False, True, True, True, False, True, True, True]
    assert found.covered(4).tolist() == [False] * 8
    assert found.ends(2).tolist() == [3, 7]
    assert lmkit.match_figures(found, 3).covered_share == 6 / 8


@given(train=SENTENCES, test=SENTENCES, minimum=st.integers(1, 5), piece=st.integers(1, 10))
def test_covered_tokens_are_those_of_all_stretches_that_both_texts_have(
    train: list[list[str]], test: list[list[str]], minimum: int, piece: int
) -> None:
    known = {tuple(words[start : start + minimum]) for words in train for start in range(len(words) - minimum + 1)}
    expected = []
    for words in test:
        marks = [False] * len(words)
        for start in range(len(words) - minimum + 1):
            if tuple(words[start : start + minimum]) in known:
                marks[start : start + minimum] = [True] * minimum
        expected += marks
    found = lmkit.matches(as_text(train), as_text(test))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lmkit.matching.found.PIECE", piece)
        assert found.covered(minimum).tolist() == expected


def test_minimum_below_one_is_refused() -> None:
    found = lmkit.matches(io.BytesIO(b"a\n"), io.BytesIO(b"a\n"))
    with pytest.raises(UsageError, match="it must be 1 or more"):
        lmkit.match_figures(found, 0)


def test_records_that_were_not_told_apart_have_no_bounds() -> None:
    found = lmkit.matches(io.BytesIO(b"a\n"), io.BytesIO(b"a\n"))
    with pytest.raises(ValueError, match="records=True"):
        found.record_bounds  # noqa: B018
