"""Figures per word, character and byte of the text itself, as lm-evaluation-harness defines them."""

import gzip
import io
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lmkit
from lmkit.text.size import PIECE, TextSize, text_size
from lmkit.text.whitespace import WIDE_SPACES
from tests.conftest import CORPORA, LANGUAGES, TOY, Result, held_out_text, text_file, train_text

Run = Callable[..., Result]
LETTERS = ["a", "b", "é", "ɖ", "の", "🙂", "\u200b", "\u00ad", "\u2030", "\u3001", "\u1681"]  # no white space
SPACES = [" ", "\t", "\r", "\v", "\f", "\n", *(space.decode() for space in WIDE_SPACES)]


def toy_laplace() -> lmkit.NgramModel:
    """Laplace bigrams of the worked example, V = 13 with <unk>."""
    return lmkit.laplace(lmkit.count_ngrams(TOY, 2), precision="double")


def test_figures_of_the_toy_sentence_by_hand() -> None:
    """`elle voit le chien` and its line end: 4 words, 19 characters, 19 bytes; 5 tokens, of which </s> is one.

    p(elle|<s>) = (1+1)/(3+13), p(voit|elle) = 1/14, p(le|voit) = 2/14, p(chien|le) = 2/16, p(</s>|chien) = 1/14:
    together 1 / (8 · 14 · 7 · 8 · 14) = 1 / 87808.
    """
    result = lmkit.perplexity(toy_laplace(), CORPORA / "toy.test.tok")
    assert (result.words, result.characters, result.bytes, result.tokens) == (4, 19, 19, 5)
    assert result.perplexity == pytest.approx(87808 ** (1 / 5), rel=1e-12)
    assert result.word_perplexity == pytest.approx(87808 ** (1 / 4), rel=1e-12)
    assert result.byte_perplexity == pytest.approx(87808 ** (1 / 19), rel=1e-12)
    assert result.bits_per_byte == pytest.approx(math.log2(87808) / 19, rel=1e-12)
    assert result.bits_per_character == pytest.approx(math.log2(87808) / 19, rel=1e-12)


def test_oov_words_and_sentence_ends_are_in_the_sum() -> None:
    """p(elle|<s>) = 1/8, p(<unk>|elle) = 1/14, and after <unk>, which was never seen, p(</s>) = 1/13."""
    result = lmkit.perplexity(toy_laplace(), io.BytesIO("elle dîne\n".encode()))
    assert (result.oov, result.words, result.characters, result.bytes) == (1, 2, 10, 11)
    assert result.word_perplexity == pytest.approx((8 * 14 * 13) ** (1 / 2), rel=1e-12)
    assert result.bits_per_byte == pytest.approx(math.log2(8 * 14 * 13) / 11, rel=1e-12)
    assert result.bits_per_character == pytest.approx(math.log2(8 * 14 * 13) / 10, rel=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["tok", "txt"])
def test_figures_are_those_of_the_harness_formulas(language: str, kind: str) -> None:
    """exp(−Σ ln p / n) and −Σ ln p / (n ln 2), from token scores, with Python's own words, code points and bytes."""
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), 3))
    path = held_out_text(language).with_suffix(f".{kind}")
    document = path.read_text(encoding="utf-8")
    loglikelihood = sum(
        math.log(10) * score.log10_prob for line in document.splitlines() for score in lmkit.score_sentence(model, line)
    )
    result = lmkit.perplexity(model, path)
    words, size = len(document.split()), len(document.encode())
    assert (result.words, result.characters, result.bytes) == (words, len(document), size)
    assert result.word_perplexity == pytest.approx(math.exp(-loglikelihood / words), rel=1e-9)
    assert result.byte_perplexity == pytest.approx(math.exp(-loglikelihood / size), rel=1e-9)
    assert result.bits_per_byte == pytest.approx(-loglikelihood / size / math.log(2), rel=1e-9)
    assert result.bits_per_character == pytest.approx(-loglikelihood / len(document) / math.log(2), rel=1e-9)


@given(st.text(st.sampled_from(LETTERS + SPACES), max_size=40))
@example("")
@example("\u3000")
@example("a")
def test_size_is_what_python_counts(text: str) -> None:
    assert text_size(text.encode()) == TextSize(len(text.split()), len(text), len(text.encode()))


def test_every_white_space_of_unicode_separates_words() -> None:
    points = [chr(point) for point in range(33, 0x110000) if not 0xD800 <= point < 0xE000]
    text = "\n".join(f"x{point}x" for point in points) + "\n"
    assert text_size(text.encode()) == TextSize(len(text.split()), len(text), len(text.encode()))
    assert sorted(point.encode() for point in points if point.isspace()) == sorted(WIDE_SPACES)


def test_long_texts_are_counted_in_pieces_and_long_lines_whole() -> None:
    text = "né la\u00a0où " * 20_000 + "\n" + "là-bas ça\n" * 60_000 + "fin"
    assert len(text.encode()) > 2 * PIECE
    assert text_size(text.encode()) == TextSize(len(text.split()), len(text), len(text.encode()))


SIZES = {
    "no final newline": (b"le chat", TextSize(2, 8, 8)),
    "blank lines": (b"le chat\n\n \t\n", TextSize(2, 12, 12)),
    "crlf": (b"le chat\r\n", TextSize(2, 9, 9)),
    "byte order mark": (b"\xef\xbb\xbfle chat\n", TextSize(2, 8, 8)),
    "gzip": (gzip.compress(b"le chat\n"), TextSize(2, 8, 8)),
    "no-break spaces": ("« le chat\u202f! »\n".encode(), TextSize(5, 14, 18)),
}


@pytest.mark.parametrize("name", SIZES)
def test_size_is_that_of_the_text_as_it_was_read(name: str) -> None:
    data, expected = SIZES[name]
    result = lmkit.perplexity(toy_laplace(), io.BytesIO(data))
    assert TextSize(result.words, result.characters, result.bytes) == expected


def test_size_does_not_depend_on_what_a_model_makes_of_the_text() -> None:
    """The capital has a wider lower case: İ (2 bytes) and its dot, e + accent, an OOV, a blank line."""
    text = "Le CHAT\n\nİle e\u0301té\n"
    expected = TextSize(len(text.split()), len(text), len(text.encode()))
    for options in ({}, {"lowercase": True}, {"normalize": "nfc"}, {"blank_lines": "sentence"}):
        model = lmkit.laplace(lmkit.count_ngrams(TOY, 2, settings=lmkit.TextSettings(**options)))
        for block_bytes in (1, 5, 1000):
            result = lmkit.perplexity(model, io.BytesIO(text.encode()), reading=lmkit.Reading(block_bytes=block_bytes))
            assert TextSize(result.words, result.characters, result.bytes) == expected


def test_several_files_add_up_and_each_has_its_own_by_file(lmkit_run: Run, tmp_path: Path) -> None:
    model = tmp_path / "m"
    lmkit.save(toy_laplace(), model)
    other = text_file(tmp_path, "le dîner")
    together = json.loads(lmkit_run("perplexity", model, TOY, other, "--json").out)
    assert (together["words"], together["characters"], together["bytes"]) == (17 + 2, 74 + 9, 74 + 10)
    rows = lmkit_run("perplexity", model, TOY, other, "--by", "file", "--json").out.splitlines()
    assert [json.loads(row)["bytes"] for row in rows] == [74, 10]


def test_figures_of_an_impossible_text_are_infinite_and_null_in_json(lmkit_run: Run, tmp_path: Path) -> None:
    counts = tmp_path / "c"
    lmkit.save(lmkit.count_ngrams(TOY, 2), counts)
    figures = json.loads(lmkit_run("perplexity", counts, CORPORA / "toy.test.tok", "--json").out)
    names = ("word_perplexity", "byte_perplexity", "bits_per_byte", "bits_per_character")
    assert [figures[name] for name in names] == [None] * 4
    out = lmkit_run("perplexity", counts, CORPORA / "toy.test.tok").out
    assert all(f"{name}\tinf\n" in out for name in names)
