"""lmkit vocabulary growth: the number of types in so many tokens, new words, and Heaps' law."""

import io
import json
import math
import re
from itertools import accumulate, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.statistics.first_occurrences import LENGTHS
from tests.conftest import CORPORA, TOY, Run, text_file, train_text
from tests.shell_lines import run_line

sentences = st.lists(st.lists(st.sampled_from("abcdefAB"), max_size=9).map(" ".join), min_size=1, max_size=40)


def types_after(words: list[str]) -> list[int]:
    """V(n) for n = 0, 1, …: straight from the definition."""
    first = {word: place for place, word in reversed(list(enumerate(words)))}
    return [0, *accumulate(first[word] == place for place, word in enumerate(words))]


def oov_rate(words: list[str], length: int) -> float:
    """The share of the words from length to 10 · length that are none of the first `length`."""
    following = words[length : 10 * length]
    return sum(word not in set(words[:length]) for word in following) / len(following)


def one_line(words: list[str]) -> io.BytesIO:
    """The words as a text of one line."""
    return io.BytesIO((" ".join(words) + "\n").encode())


@pytest.mark.parametrize("text", ["fr.train.tok", "en.train.tok", "fr.train.txt"])
def test_every_point_is_what_a_set_of_words_says(text: str) -> None:
    words = re.findall(r"[^ \n]+", (CORPORA / text).read_text(encoding="utf-8"))  # no-break spaces stay in words
    expected = types_after(words)
    for block_bytes, workers in ((1, 1), (700, 2), (None, 2)):
        found = lmkit.vocabulary_growth(
            CORPORA / text, reading=lmkit.Reading(block_bytes=block_bytes), resources=lmkit.Resources(workers=workers)
        )
        lengths = found.lengths.tolist()
        assert lengths == [n for n in LENGTHS.tolist() if n < len(words)] + [len(words)]
        assert found.types_at.tolist() == [expected[n] for n in lengths]
        for length, rate in zip(lengths, found.oov_rates.tolist(), strict=True):
            if 10 <= length <= len(words) // 10:
                assert rate == pytest.approx(oov_rate(words, length), rel=1e-12), length
            else:
                assert math.isnan(rate)


@given(sentences, st.integers(1, 40), st.booleans())
def test_shaping_blank_lines_and_blocks_change_no_point(lines: list[str], block_bytes: int, lowercase: bool) -> None:
    text = "\n".join(lines) + "\n  \n"
    words = (text.lower() if lowercase else text).split()
    if not words:
        return
    shaping = lmkit.TextSettings(lowercase=lowercase)
    found = lmkit.vocabulary_growth(
        io.BytesIO(text.encode()), settings=shaping, reading=lmkit.Reading(block_bytes=block_bytes)
    )
    expected = types_after(words)
    assert found.types_at.tolist() == [expected[n] for n in found.lengths.tolist()]
    for length, rate in zip(found.lengths.tolist(), found.oov_rates.tolist(), strict=True):
        if 10 <= length <= len(words) // 10 and length in LENGTHS:
            assert rate == pytest.approx(oov_rate(words, length), rel=1e-12)


def test_lengths_are_ten_a_decade_and_ten_times_each_is_one_of_them() -> None:
    """So that the next ten-fold of a length ends where a length ends; steps are a factor 10^(1/10), give or take 3 %."""
    from_ten = LENGTHS[LENGTHS >= 10]
    assert np.array_equal(10 * from_ten[:-10], from_ten[10:])
    assert np.abs(np.diff(np.log10(from_ten)) - 0.1).max() < 0.0151


def test_a_text_of_different_words_grows_by_one_a_token() -> None:
    found = lmkit.vocabulary_growth(one_line([str(number) for number in range(5000)]))
    assert (found.heaps.factor, found.heaps.exponent, found.heaps.r_squared) == pytest.approx((1, 1, 1), rel=1e-12)
    assert found.oov_rates[found.lengths == 100].tolist() == [1.0]


@pytest.mark.parametrize(("k", "beta"), [(1.0, 0.5), (3.0, 0.6), (2.0, 0.8)])
def test_the_law_that_a_text_was_made_by_is_found(k: float, beta: float) -> None:
    """Token n is a new word wherever floor(K n^β) steps up, else the first one: V(n) is K n^β, rounded down.

    Rounding takes off half a type on average, less than 0.2 % of V at the shortest length of the fit.
    """
    curve = np.minimum(np.floor(k * np.arange(1, 200_001) ** beta), np.arange(1, 200_001)).astype(int)
    words = np.where(np.diff(curve, prepend=0) > 0, curve, 1)
    found = lmkit.vocabulary_growth(one_line([str(word) for word in words.tolist()]), from_tokens=20_000)
    assert found.types_at.tolist() == curve[found.lengths - 1].tolist()
    assert found.heaps.exponent == pytest.approx(beta, abs=2e-3)
    assert found.heaps.factor == pytest.approx(k, rel=0.02)
    assert found.heaps.r_squared > 0.9999


def test_the_default_range_is_the_last_two_decades() -> None:
    found = lmkit.vocabulary_growth(train_text("fr"))
    assert (found.tokens, found.heaps.from_tokens, found.heaps.to_tokens) == (4320, 43, 4320)
    fitted = found.lengths >= 43
    slope, height = np.polyfit(np.log(found.lengths[fitted]), np.log(found.types_at[fitted]), 1)
    assert found.heaps.points == int(fitted.sum()) == 21
    assert (found.heaps.exponent, found.heaps.factor) == pytest.approx((slope, math.exp(height)), rel=1e-9)
    assert found.signature.startswith("heaps:least-squares|lengths:43-4320|sentences:line|unit:word|")


def test_a_range_can_be_chosen(lmkit_run: Run) -> None:
    line = ("vocabulary", "growth", train_text("fr"), "--fit-from", 100, "--fit-to", 99999, "--json")
    heaps = json.loads(lmkit_run(*line).out)["heaps"]
    assert (heaps["from_tokens"], heaps["to_tokens"], heaps["points"]) == (100, 4320, 18)


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("a a a a\n", (), "the text has one word type"),
        ("a\n", (), "fewer than two points of the curve are in the range"),
        ("a b a a a a a a a a\n", ("--fit-from", 2), "no new word comes in the range"),
        ("a b c d e f g h i j\n", ("--fit-from", 10), "fewer than two points of the curve are in the range"),
    ],
)
def test_an_undefined_fit_is_null_with_a_reason(
    lmkit_run: Run, tmp_path: Path, text: str, options: tuple[object, ...], reason: str
) -> None:
    line = ("vocabulary", "growth", text_file(tmp_path, text), *options)
    heaps = json.loads(lmkit_run(*line, "--json").out)["heaps"]
    assert (heaps["k"], heaps["beta"], heaps["r_squared"], heaps["undefined"]) == (None, None, None, reason)
    assert "heaps.beta\tnan\nheaps.r_squared\tnan\n" in (out := lmkit_run(*line).out)
    assert f"heaps.undefined\t{reason}\n" in out


def test_units_grow_too() -> None:
    """`le chat`, characters: l e ␣ c h a t; the bytes that the text lacks are no types."""
    text = io.BytesIO(b"le chat\n")
    found = lmkit.vocabulary_growth(text, settings=lmkit.TextSettings(unit="byte"))
    assert (found.tokens, found.types, found.types_at.tolist()) == (7, 7, [1, 2, 3, 4, 5, 6, 7])


def test_reserved_words_that_are_skipped_take_no_place() -> None:
    text = b"<s> a <unk> a </s>\n<unk>\n<s> b </s>\n"
    skipped = lmkit.vocabulary_growth(io.BytesIO(text), settings=lmkit.TextSettings(reserved="skip"))
    assert (skipped.lengths.tolist(), skipped.types_at.tolist()) == ([1, 2, 3], [1, 1, 2])
    kept = lmkit.vocabulary_growth(io.BytesIO(b"a <unk> a\n"), settings=lmkit.TextSettings(reserved="keep"))
    assert (kept.tokens, kept.types) == (3, 2)  # as lmkit entropy counts types


def test_points_are_a_table_of_the_curve(lmkit_run: Run, tmp_path: Path) -> None:
    """0 … 39, again, and 0 … 19: after the first ten tokens come 30, 30 and 10 that are none of these ten words."""
    points = tmp_path / "points.tsv"
    text = text_file(tmp_path, " ".join(str(number % 40) for number in range(100)) + "\n")
    figures = lmkit_run("vocabulary", "growth", text, "--data", points, "--json")
    assert json.loads(figures.out)["oov_rate_of_next_decade"] == {"10": pytest.approx(70 / 90, rel=1e-12)}
    rows = [line.split("\t") for line in points.read_text().splitlines()]
    assert rows[0] == ["tokens", "types", "oov_rate_of_next_decade"]
    assert rows[1] == ["1", "1", "nan"]
    assert [row[:2] for row in rows[-3:]] == [["63", "40"], ["79", "40"], ["100", "40"]]
    assert float(next(row[2] for row in rows if row[0] == "10")) == pytest.approx(70 / 90, rel=1e-12)
    streamed = lmkit_run("vocabulary", "growth", text, "--data", "-")
    assert streamed.out == points.read_text()


def test_the_text_may_come_through_a_pipe() -> None:
    whole = run_line("lmkit vocabulary growth corpora/en.train.tok")
    piped = run_line("gzip -c corpora/en.train.tok | lmkit vocabulary growth")
    assert (whole.returncode, piped.stdout) == (0, whole.stdout)


def test_several_files_are_one_text(tmp_path: Path) -> None:
    lines = train_text("en").read_text(encoding="utf-8").splitlines(keepends=True)
    parts = [
        text_file(tmp_path, "".join(islice(lines, start, start + 100)), str(start)) for start in range(0, 400, 100)
    ]
    whole, together = lmkit.vocabulary_growth(train_text("en")), lmkit.vocabulary_growth(parts)
    assert whole.shown() == together.shown()
    assert lmkit.vocabulary_growth(TOY).types == 11
