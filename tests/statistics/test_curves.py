"""Counts by rank, the growth of the vocabulary, and the laws fitted to them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

import lmkit
from lmkit.statistics import curves
from lmkit.statistics.curves import GROWTH_POINTS, zipf_law
from lmkit.text.settings import Unit
from tests.conftest import TOY, held_out_text, text_file, train_text

COUNTS = st.lists(st.integers(0, 30), max_size=60)
TEXTS = st.lists(st.lists(st.integers(3, 12), max_size=8), max_size=12)  # sentences of word ids


@given(COUNTS)
def test_the_curve_has_the_first_and_the_last_rank_of_each_count(counts: list[int]) -> None:
    """Sorted by hand: between two points with one count lie only words with this count."""
    found = curves.rank_frequency(np.array(counts, np.int64))
    ordered = sorted((count for count in counts if count), reverse=True)
    expected = []
    for count in sorted(set(ordered), reverse=True):
        first = ordered.index(count) + 1
        expected += sorted({(first, count), (first + ordered.count(count) - 1, count)})
    assert list(zip(found.ranks.tolist(), found.counts.tolist(), strict=True)) == expected
    assert (found.types, found.tokens) == (len(ordered), sum(ordered))


def test_zipfs_law_of_two_words_goes_through_both() -> None:
    """The law has the total and the mean log rank of the text, here 4 and log 2 / 4: C = 3, s = log2 3."""
    law = curves.rank_frequency(np.array([1, 0, 3])).law
    assert law is not None
    assert (law.factor, law.exponent) == pytest.approx((3, -np.log2(3)))
    assert law.at(np.array([1, 2])) == pytest.approx([3, 1])


def test_words_that_are_equally_frequent_have_exponent_0() -> None:
    assert curves.rank_frequency(np.array([7, 7, 7])).law == curves.PowerLaw(0.0, 7.0)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.3])
def test_counts_that_follow_zipfs_law_give_it_back(exponent: float) -> None:
    counts = np.rint(1e12 * np.arange(1, 2001) ** -exponent).astype(np.int64)
    law = curves.rank_frequency(counts).law
    assert law is not None
    assert (law.exponent, law.factor) == pytest.approx((-exponent, 1e12), rel=1e-7)


@given(st.lists(st.integers(1, 2**40), min_size=2, max_size=50))
def test_no_other_exponent_makes_the_counts_more_probable(counts: list[int]) -> None:
    """Against the root that SciPy finds of the derivative of the likelihood."""
    ordered = np.sort(np.array(counts, np.int64))[::-1]
    law = zipf_law(ordered)
    assert law is not None
    log_ranks = np.log(np.arange(1, len(counts) + 1))

    def derivative(s: float) -> float:
        weights = np.exp(-s * log_ranks)
        return float(ordered @ log_ranks / ordered.sum() - weights @ log_ranks / weights.sum())

    best = brentq(derivative, 0, 64, xtol=1e-13) if derivative(0) < 0 else 0.0
    assert -law.exponent == pytest.approx(best, abs=1e-7)


def test_steep_counts_have_a_steep_law() -> None:
    """2^62 : 1 is 2^-s for the second of two ranks, s = 62."""
    law = zipf_law(np.array([2**62, 1]))
    assert law is not None
    assert law.exponent == pytest.approx(-62)


@given(TEXTS, st.integers(1, 5))
def test_growth_is_the_number_of_distinct_words_so_far_however_the_text_is_cut(
    sentences: list[list[int]], piece: int
) -> None:
    padded = [np.array([1, *sentence, 0], np.int32) for sentence in sentences]
    blocks = [np.concatenate(padded[at : at + piece]) for at in range(0, len(padded), piece)]
    found = curves.vocabulary_growth(blocks, points=1000)
    words = [word for sentence in sentences for word in sentence]
    assert found.tokens.tolist() == list(range(1, len(words) + 1))
    assert found.types.tolist() == [len(set(words[: n + 1])) for n in range(len(words))]


def test_growth_is_measured_evenly_on_a_logarithmic_axis_up_to_the_last_word() -> None:
    found = curves.vocabulary_growth([np.arange(3, 1_000_003, dtype=np.int32)])
    assert (found.tokens[0], found.tokens[-1]) == (1, 1_000_000)
    assert len(found.tokens) <= GROWTH_POINTS
    late = found.tokens[found.tokens > 1000]
    assert np.diff(np.log(late)) == pytest.approx(np.log(1e6) / (GROWTH_POINTS - 1), rel=0.02)
    assert found.types.tolist() == found.tokens.tolist()


def test_heapss_law_of_all_different_words_is_the_length_itself() -> None:
    law = curves.vocabulary_growth([np.arange(3, 53, dtype=np.int32)]).law
    assert law is not None
    assert (law.exponent, law.factor) == pytest.approx((1, 1))


def test_heapss_law_is_the_least_squares_line() -> None:
    found = curves.vocabulary_growth(lmkit.encode_text(train_text("fr")).blocks())
    slope, start = np.polyfit(np.log(found.tokens), np.log(found.types), 1)
    assert found.law is not None
    assert (found.law.exponent, np.log(found.law.factor)) == pytest.approx((slope, start))


def test_there_is_no_law_of_one_word_or_none() -> None:
    assert curves.rank_frequency(np.array([5])).law is None
    assert curves.rank_frequency(np.array([], np.int64)).law is None
    assert curves.vocabulary_growth([np.array([1, 3, 0], np.int32)]).law is None
    assert curves.vocabulary_growth([]).types.tolist() == []


def test_the_plots_of_texts_have_the_figures_of_the_words_in_them() -> None:
    """Against str.split: words, distinct words, counts."""
    words = train_text("fr").read_text(encoding="utf-8").split()
    zipf = lmkit.zipf_plot(train_text("fr")).curves[0]
    listed = [count for _, count in Counter(words).most_common()]
    assert (zipf.about["tokens"], zipf.about["types"]) == (len(words), len(set(words))) == (4320, 860)
    for rank, count in zip(zipf.columns["rank"], zipf.columns["count"], strict=True):
        assert listed[rank - 1] == count
    heaps = lmkit.heaps_plot(train_text("fr")).curves[0]
    for length, types in zip(heaps.columns["tokens"], heaps.columns["types"], strict=True):
        assert len(set(words[:length])) == types
    assert heaps.columns["types"][-1] == 860


def test_a_curve_for_each_text_or_one_for_all() -> None:
    texts = [train_text("fr"), held_out_text("fr")]
    single = lmkit.heaps_plot(texts)
    assert [curve.about["text"] for curve in single.curves] == ["fr.train.tok", "fr.test.tok"]
    joined = lmkit.heaps_plot(texts, together=True)
    assert [curve.about["text"] for curve in joined.curves] == ["fr.train.tok + fr.test.tok"]
    assert joined.curves[0].columns["types"][-1] == 898  # 860, and the 38 that the README of the texts speaks of


def test_texts_of_one_name_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first, second = text_file(tmp_path, "x y"), text_file(tmp_path / "a", "x")
    names = [curve.about["text"] for curve in lmkit.zipf_plot([first, second, TOY]).curves]
    assert names == [str(first), str(second), "toy.tok"]


@pytest.mark.parametrize("unit", ["character", "byte"])
def test_the_units_of_a_text_may_be_characters_or_bytes(unit: Unit) -> None:
    """The toy corpus has 16 different letters, all of one byte: a b c d e h i l n o r s t u v and the space."""
    settings = lmkit.TextSettings(unit=unit)
    assert lmkit.zipf_plot(TOY, settings=settings).curves[0].about["types"] == 16
    assert lmkit.heaps_plot(TOY, settings=settings).curves[0].columns["types"][-1] == 16


def test_a_text_without_a_word_has_no_curve(tmp_path: Path) -> None:
    empty, blank = text_file(tmp_path, "", "empty"), text_file(tmp_path, "\n\n", "blank")
    settings = lmkit.TextSettings(blank_lines="sentence")
    for draw in (lmkit.zipf_plot, lmkit.heaps_plot):
        with pytest.raises(lmkit.DataError, match=r"empty: there is no sentence in the text"):
            draw(empty)
        with pytest.raises(lmkit.DataError, match=r"blank: there is no (word|sentence) in the text"):
            draw(blank, settings=settings)
