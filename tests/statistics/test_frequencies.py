"""lmkit vocabulary frequencies: counts by rank, Zipf's law, the law of counts, and what describes a vocabulary."""

import io
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import zeta

import lmkit
from lmkit.statistics.power_laws import fit_count_law
from tests.conftest import CORPORA, TOY, Run, text_file, train_text
from tests.shell_lines import run_line


def text_of(counts: NDArray[np.int64]) -> io.BytesIO:
    """A text in which word i stands counts[i] times."""
    return io.BytesIO("".join(f"w{word} " * int(count) + "\n" for word, count in enumerate(counts) if count).encode())


def test_the_figures_of_the_toy_text(lmkit_run: Run) -> None:
    """`le` 3 times, four words twice, six once: 17 tokens, 11 types.

    Entropy: log2 17 − (3 log2 3 + 4 · 2 log2 2) / 17. Zipf's law from two occurrences on, 3 2 2 2 2 by rank:
    Σ r^-s log r / Σ r^-s is 2 log 120 / 11, their mean log rank, and C Σ r^-s their total of 11.
    """
    out = lmkit_run("vocabulary", "frequencies", TOY, "--min-count", 2, "--json").out
    figures = json.loads(out)
    assert (figures["tokens"], figures["types"], figures["hapax_legomena"]) == (17, 11, 6)
    assert figures["type_token_ratio"] == pytest.approx(11 / 17, rel=1e-12)
    assert figures["unseen_share"] == pytest.approx(6 / 17, rel=1e-12)
    assert figures["entropy_bits"] == pytest.approx(math.log2(17) - (3 * math.log2(3) + 8) / 17, rel=1e-12)
    assert figures["counts_of_counts"] == {"1": 6, "2": 4, "3": 1} | {str(m): 0 for m in range(4, 11)}
    zipf, ranks = figures["zipf"], np.arange(1, 6)
    shares = ranks ** -zipf["exponent"]
    assert shares @ np.log(ranks) / shares.sum() == pytest.approx(2 * math.log(120) / 11, rel=1e-9)
    assert zipf["constant"] * shares.sum() == pytest.approx(11, rel=1e-9)
    residuals = np.log([3, 2, 2, 2, 2]) - np.log(zipf["constant"] * shares)
    assert zipf["r_squared"] == pytest.approx(1 - residuals @ residuals / (0.8 * math.log(1.5) ** 2), rel=1e-9)
    assert (zipf["from_rank"], zipf["to_rank"], zipf["least_count"]) == (1, 5, 2)
    assert figures["signature"].startswith(
        "zipf:maximum-likelihood|ranks:1-5|min-count:2|cutoff:1|sentences:line|unit:word|"
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_counts_by_rank_are_those_of_a_counter(language: str) -> None:
    words = Counter(train_text(language).read_text(encoding="utf-8").split())
    found = lmkit.word_frequencies(train_text(language), resources=lmkit.Resources(workers=1))
    assert found.counts.tolist() == [count for _, count in words.most_common()]
    values, types = found.spectrum()
    assert dict(zip(values.tolist(), types.tolist(), strict=True)) == Counter(words.values())
    entropy = lmkit.entropy(train_text(language))
    assert (found.tokens, found.types) == (entropy.tokens, entropy.types)
    assert found.entropy_bits == entropy.entropy_bits


# powerlaw 2.0.0 (PyPI), `Fit(counts, discrete=True)`: alpha, xmin, D. It looks for alpha to about 1e-5.
POWERLAW = {"en": (2.145268628554688, 3, 0.03627863050461355), "fr": (2.022652118613171, 2, 0.01608573238138361)}


@pytest.mark.parametrize("language", POWERLAW)
def test_the_law_of_counts_agrees_with_powerlaw(language: str) -> None:
    alpha, x_min, distance = POWERLAW[language]
    law = lmkit.word_frequencies(train_text(language)).count_law
    assert law.x_min == x_min
    assert law.alpha == pytest.approx(alpha, abs=3e-5)
    assert law.ks_distance == pytest.approx(distance, abs=1e-5)


def log_likelihood(alpha: float, counts: list[int], x_min: int) -> float:
    """The logarithm of the probability of the counts from x_min on."""
    tail = [count for count in counts if count >= x_min]
    return -len(tail) * math.log(float(zeta(alpha, x_min))) - alpha * sum(map(math.log, tail))


def distance_by_definition(alpha: float, counts: list[int], x_min: int) -> float:
    """The largest distance between the two distribution functions over all whole numbers from x_min to the highest count."""
    tail = [count for count in counts if count >= x_min]
    return max(
        abs(sum(count >= x for count in tail) / len(tail) - float(zeta(alpha, x) / zeta(alpha, x_min)))
        for x in range(x_min, max(tail) + 2)
    )


@given(st.lists(st.integers(1, 12) | st.integers(1, 200), min_size=2, max_size=40).filter(lambda x: len(set(x)) > 1))
def test_the_law_of_counts_is_the_most_likely_and_the_closest(counts: list[int]) -> None:
    law = fit_count_law(np.array(counts))
    if law.undefined is not None:
        return
    found = log_likelihood(law.alpha, counts, law.x_min)
    for other in (law.alpha * 0.999, law.alpha * 1.001):
        assert log_likelihood(other, counts, law.x_min) < found
    assert law.tail_types == sum(count >= law.x_min for count in counts)
    assert law.ks_distance == pytest.approx(distance_by_definition(law.alpha, counts, law.x_min), abs=1e-12)
    for x_min in sorted(set(counts))[:-1]:
        tail = [count for count in counts if count >= x_min]
        alone = fit_count_law(np.array(tail))
        if alone.undefined is None and alone.x_min == x_min:
            assert law.ks_distance <= alone.ks_distance + 1e-12


def test_the_exponent_of_the_law_that_counts_were_drawn_from_is_found() -> None:
    """20,000 counts from p(c) ∝ c^-α, seed 1: within three standard errors, which are 1/√(n Var log c) of that law."""
    for alpha in (1.8, 2.2, 3.0):
        counts = np.random.default_rng(1).zipf(alpha, 20_000)
        law = fit_count_law(counts[counts < 10**9])
        assert law.alpha == pytest.approx(alpha, abs=3 * law.standard_error)
        assert law.zipf_exponent == pytest.approx(1 / (law.alpha - 1), rel=1e-12)
    x = np.arange(law.x_min, 2_000_000, dtype=np.float64)
    shares = x**-law.alpha / zeta(law.alpha, law.x_min)
    variance = shares @ np.log(x) ** 2 - (shares @ np.log(x)) ** 2
    assert law.standard_error == pytest.approx(1 / math.sqrt(law.tail_types * variance), rel=1e-4)


@pytest.mark.parametrize("s", [0.9, 1.0, 1.2, 1.5])
def test_an_exact_zipf_law_is_found(s: float) -> None:
    """Counts are 10^5 r^-s, rounded; from 100 on rounding moves none by more than half a percent."""
    counts = np.round(1e5 * np.arange(1, 301) ** -s).astype(np.int64)
    found = lmkit.word_frequencies(text_of(counts), min_count=100)
    assert found.zipf.exponent == pytest.approx(s, abs=2e-3)
    assert found.zipf.factor == pytest.approx(1e5, rel=5e-3)


@pytest.mark.parametrize("s", [1.0, 1.2, 1.5])
def test_the_law_of_counts_finds_the_zipf_law_that_words_were_drawn_from(s: float) -> None:
    """A million words from p(r) ∝ r^-s over 100,000 words, seed 1: within 5 % from the number of words of each count."""
    shares = np.arange(1, 100_001) ** -s
    counts = np.random.default_rng(1).multinomial(1_000_000, shares / shares.sum())
    assert fit_count_law(counts[counts > 0]).zipf_exponent == pytest.approx(s, rel=0.05)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_steps_are_the_first_and_the_last_rank_of_each_count(counts: list[int]) -> None:
    """Sorted by hand: between two points with one count lie only words with this count."""
    ranks, found = lmkit.word_frequencies(text_of(np.array(counts)), resources=lmkit.Resources(workers=1)).steps()
    ordered = sorted(counts, reverse=True)
    expected = []
    for count in sorted(set(ordered), reverse=True):
        first = ordered.index(count) + 1
        expected += sorted({(first, count), (first + ordered.count(count) - 1, count)})
    assert list(zip(ranks.tolist(), found.tolist(), strict=True)) == expected


def test_ranks_can_be_chosen(lmkit_run: Run) -> None:
    line = ("vocabulary", "frequencies", train_text("en"), "--fit-from", 3, "--fit-to", 50, "--min-count", 12, "--json")
    figures = json.loads(lmkit_run(*line).out)
    counts = np.sort(lmkit.word_frequencies(train_text("en")).counts)[::-1]
    last = min(50, int((counts >= 12).sum()))
    assert (figures["zipf"]["from_rank"], figures["zipf"]["to_rank"]) == (3, last)
    log_ranks = np.log(np.arange(3, last + 1))
    shares = np.exp(-figures["zipf"]["exponent"] * log_ranks)
    mean = counts[2:last] @ log_ranks / counts[2:last].sum()
    assert shares @ log_ranks / shares.sum() == pytest.approx(mean, rel=1e-9)
    assert figures["signature"].startswith(f"zipf:maximum-likelihood|ranks:3-{last}|min-count:12|")


@pytest.mark.parametrize(
    ("text", "zipf", "count_law"),
    [
        ("a a a\n", "the text has one word type", "all counts are the same"),
        ("a b\n", "fewer than two words of the range are seen 10 times or more", "all counts are the same"),
        ("a b " * 10 + "\n", "all words of the range have the same count", "all counts are the same"),
        (
            "a " * 1000 + "b " * 1001 + "\n",
            None,
            "no exponent between 1.01 and 20 is the most likely one",
        ),
    ],
)
def test_an_undefined_fit_is_null_with_a_reason(
    lmkit_run: Run, tmp_path: Path, text: str, zipf: str | None, count_law: str
) -> None:
    line = ("vocabulary", "frequencies", text_file(tmp_path, text))
    figures = json.loads(lmkit_run(*line, "--json").out)
    assert figures["zipf"].get("undefined") == zipf
    assert (figures["zipf"]["exponent"] is None) == (zipf is not None)
    assert figures["count_law"] == dict.fromkeys(
        ("alpha", "standard_error", "x_min", "tail_types", "ks_distance", "zipf_exponent")
    ) | {"undefined": count_law}
    assert "count_law.alpha\tnan\n" in lmkit_run(*line).out


def test_unknown_words_count_as_one_type(tmp_path: Path) -> None:
    text = text_file(tmp_path, "<unk> a <unk>\n")
    found = lmkit.word_frequencies(text, settings=lmkit.TextSettings(reserved="keep"))
    assert (found.tokens, found.types, found.counts.tolist()) == (3, 2, [2, 1])


def test_points_are_the_counts_by_rank(lmkit_run: Run, tmp_path: Path) -> None:
    points = tmp_path / "points.tsv"
    figures = lmkit_run("vocabulary", "frequencies", TOY, "--data", points)
    assert figures.out.startswith("tokens\t17\ntypes\t11\n")
    rows = [[1, 3], [2, 2], [3, 2], [4, 2], [5, 2], *([rank, 1] for rank in range(6, 12))]
    assert points.read_text() == "rank\tcount\n" + "".join(f"{rank}\t{count}\n" for rank, count in rows)
    assert lmkit_run("vocabulary", "frequencies", TOY, "--data", "-").out == points.read_text()


def test_units_and_lower_case_are_counted(lmkit_run: Run) -> None:
    text = CORPORA / "fr.train.txt"
    types = [
        json.loads(lmkit_run("vocabulary", "frequencies", text, *options, "--json").out)["types"]
        for options in ((), ("--lowercase",), ("--unit", "character"))
    ]
    assert types == [
        len(lmkit_run("count", text, *options).out.splitlines())
        for options in ((), ("--lowercase",), ("--unit", "character"))
    ]


def test_the_text_may_come_through_a_pipe() -> None:
    whole = run_line("lmkit vocabulary frequencies corpora/en.train.tok")
    piped = run_line("gzip -c corpora/en.train.tok | lmkit vocabulary frequencies --workers 1")
    assert (whole.returncode, piped.stdout) == (0, whole.stdout)
