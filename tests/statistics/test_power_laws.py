"""The laws of Zipf and Heaps, and the plots of texts that show them."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq

import lmkit
from lmkit.statistics.power_laws import fit_heaps, fit_zipf
from lmkit.text.settings import Unit
from tests.conftest import TOY, Run, held_out_text, text_file, train_text

falling = st.lists(st.integers(1, 2**40), min_size=2, max_size=50).map(lambda counts: sorted(counts, reverse=True))


def text_of(words: NDArray[np.int64], folder: Path) -> Path:
    """A text of one line with these words, as numbers."""
    return text_file(folder, " ".join(map(str, words.tolist())) + "\n")


def exponents(lmkit_run: Run, text: Path, command: str, law: str, figure: str) -> list[float]:
    """The exponent of a law as the plot and as the command of a vocabulary give it."""
    (curve,) = json.loads(lmkit_run("plot", law, text, "--json").out)["curves"]
    return [curve["exponent"], json.loads(lmkit_run("vocabulary", command, text, "--json").out)[law][figure]]


@pytest.mark.parametrize("s", [0.8, 1.0, 1.2, 1.5, 2.0])
def test_zipfs_exponent_of_a_text_drawn_from_the_law_is_recovered(lmkit_run: Run, tmp_path: Path, s: float) -> None:
    """100,000 words from p(r) ∝ r^−s over a million, seed 1, most of which the text lacks or has once."""
    shares = np.cumsum(np.arange(1.0, 1_000_001.0) ** -s)
    words = np.searchsorted(shares, np.random.default_rng(1).random(100_000) * shares[-1])
    found = exponents(lmkit_run, text_of(words, tmp_path), "frequencies", "zipf", "exponent")
    assert found == pytest.approx([s, s], abs=0.02)


@pytest.mark.parametrize("beta", [0.5, 0.7, 0.9])
def test_heapss_exponent_of_a_text_drawn_from_the_law_is_recovered(lmkit_run: Run, tmp_path: Path, beta: float) -> None:
    """Token n is new with probability V(n) − V(n − 1) for V = 2 n^β (at most n), else word 0: V(n) on average; seed 1."""
    curve = np.minimum(2 * np.arange(100_001.0) ** beta, np.arange(100_001.0))
    is_new = np.random.default_rng(1).random(100_000) < np.diff(curve)
    words = np.where(is_new, np.cumsum(is_new), 0)
    found = exponents(lmkit_run, text_of(words, tmp_path), "growth", "heaps", "beta")
    assert found == pytest.approx([beta, beta], abs=0.02)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("command", "law", "figure"), [("frequencies", "zipf", "exponent"), ("growth", "heaps", "beta")]
)
def test_plots_and_commands_have_one_law_and_say_how_it_was_fitted(
    lmkit_run: Run, language: str, command: str, law: str, figure: str
) -> None:
    plotted, told = exponents(lmkit_run, train_text(language), command, law, figure)
    assert plotted == told > 0
    (curve,) = json.loads(lmkit_run("plot", law, train_text(language), "--json").out)["curves"]
    found = json.loads(lmkit_run("vocabulary", command, train_text(language), "--json").out)
    assert curve["signature"] == found["signature"]
    fitted = found[law]
    ways = {
        "zipf": "zipf:maximum-likelihood|ranks:{from_rank}-{to_rank}|min-count:10|cutoff:1|",
        "heaps": "heaps:least-squares|lengths:{from_tokens}-{to_tokens}|sentences:line|",
    }
    assert found["signature"].startswith(ways[law].format(**fitted))


def test_zipfs_law_of_two_words_goes_through_both() -> None:
    """The law has the total and the mean log rank of the text, here 4 and log 2 / 4: C = 3, s = log2 3."""
    law = fit_zipf(np.array([3, 1]), min_count=1)
    assert (law.factor, law.exponent, law.r_squared) == pytest.approx((3, math.log2(3), 1))
    assert law.at(np.array([1, 2])) == pytest.approx([3, 1])


@pytest.mark.parametrize("s", [0.5, 1.0, 1.3])
@pytest.mark.parametrize("from_rank", [1, 500])
def test_counts_that_follow_zipfs_law_give_it_back_from_any_rank_on(s: float, from_rank: int) -> None:
    counts = np.rint(1e12 * np.arange(1, 2001) ** -s).astype(np.int64)
    law = fit_zipf(counts, from_rank=from_rank)
    assert (law.exponent, law.factor, law.r_squared) == pytest.approx((s, 1e12, 1), rel=1e-6)


@given(falling, st.integers(1, 5))
def test_no_other_exponent_makes_the_counts_more_probable(counts: list[int], from_rank: int) -> None:
    """Against the root that SciPy finds of the derivative of the likelihood."""
    if len(counts) <= from_rank or counts[from_rank - 1] == counts[-1]:
        return
    law = fit_zipf(np.array(counts), from_rank=from_rank, min_count=1)
    fitted = np.array(counts[from_rank - 1 :], np.float64)
    log_ranks = np.log(np.arange(from_rank, len(counts) + 1) / from_rank)

    def derivative(s: float) -> float:
        weights = np.exp(-s * log_ranks)
        return float(fitted @ log_ranks / fitted.sum() - weights @ log_ranks / weights.sum())

    assert law.exponent == pytest.approx(brentq(derivative, 0, 1000, xtol=1e-13), abs=1e-7, rel=1e-9)
    assert law.at(np.arange(from_rank, len(counts) + 1)).sum() == pytest.approx(fitted.sum(), rel=1e-6)


def test_steep_counts_have_a_steep_law() -> None:
    """2^61 : 1 is 2^-s for the second of two ranks, s = 61; 2^61 : 1 at ranks 9 and 10, s = 61 log 2 / log (10 / 9)."""
    assert fit_zipf(np.array([2**61, 1]), min_count=1).exponent == pytest.approx(61)
    late = fit_zipf(np.array([2**61] * 9 + [1])[-10:], from_rank=9, min_count=1)
    assert late.exponent == pytest.approx(61 * math.log(2) / math.log(10 / 9))


def test_heapss_law_is_the_least_squares_line() -> None:
    """Through (1, 1), (10, 100), (100, 100): log10 y = 0, 2, 2 on x = 0, 1, 2: slope 1, mean 4/3 at 1, so log10 K = 1/3;
    residuals −1/3, 2/3, −1/3, so R² = 1 − (6/9) / (24/9) = 3/4.
    """  # fmt: skip
    law = fit_heaps(np.array([1, 10, 100]), np.array([1, 100, 100]), 1, 100)
    assert (law.exponent, law.factor, law.r_squared) == pytest.approx((1, 10 ** (1 / 3), 0.75), rel=1e-12)
    assert (law.points, law.undefined) == (3, None)
    assert law.at(np.array([10])) == pytest.approx([10 ** (4 / 3)])


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
        with pytest.raises(lmkit.DataError, match=r"empty: there is no (word|sentence) in the text"):
            draw(empty)
        with pytest.raises(lmkit.DataError, match=r"blank: there is no (word|sentence) in the text"):
            draw(blank, settings=settings)
