"""Characters and bytes as tokens: the same as words of a text that was put apart by hand."""

import io
import itertools
import os
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError
from lmkit.ngrams.counting.limiting import apply_cutoff
from lmkit.smoothing.methods.kneser_ney import kneser_ney
from lmkit.text.settings import Normalize, Unit
from lmkit.text.tokens.units import BYTE_NAMES, unit_name
from tests.conftest import Result, text_file
from tests.units_by_hand import (
    BYTES,
    CHARACTERS,
    EWE,
    MARKS,
    UNITS,
    check_same,
    joined,
    lines_of_text,
    listed,
    name_by_hand,
    orders,
    saved,
    stream,
    vocabulary_of,
    words_of,
)

Run = Callable[..., Result]

# Names


def test_every_character_has_a_name_of_its_own_without_white_space() -> None:
    names = [unit_name(code, "character") for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert len(set(names)) == len(names) == 0x110000 - 0x800
    assert all(name.split() == [name] and name.splitlines() == [name] for name in names)
    assert not set(names) & {"<s>", "</s>", "<unk>"}


@pytest.mark.parametrize(
    ("text", "unit", "names"),
    [
        ("a b", "character", ["a", "␣", "b"]),
        ("␣\t\u00a0\u2028\ufeff", "character", ["<U+2423>", "<U+0009>", "<U+00A0>", "<U+2028>", "<U+FEFF>"]),
        ("e\u0301🙂<U+0009>", "character", ["e", "\u0301", "🙂", "<", "U", "+", "0", "0", "0", "9", ">"]),
        ("é b", "byte", ["<0xC3>", "<0xA9>", "<0x20>", "<0x62>"]),
        (" le\t chat\u00a0! ", "word", ["le", "chat\u00a0!"]),
        ("", "character", []),
    ],
)
def test_names_by_hand(text: str, unit: Unit, names: list[str]) -> None:
    assert lmkit.unit_names(text, unit) == names


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])), st.sampled_from(UNITS))
def test_the_names_give_the_text_back(text: str, unit: Unit) -> None:
    assert lmkit.join_units(lmkit.unit_names(text, unit), unit) == text


def test_what_is_no_name_stays_and_incomplete_characters_are_replaced() -> None:
    assert lmkit.join_units(["a", "<unk>", "␣", "<U+D800>", "<U+110000>"], "character") == "a<unk> <U+D800><U+110000>"
    assert lmkit.join_units(["<0x61>", "<unk>", "<0xC3>"], "byte") == "a<unk>\ufffd"
    assert lmkit.join_units(["le", "chat"], "word") == "le chat"


# Counts


@given(lines_of_text, orders, st.sampled_from(UNITS), st.sampled_from(["skip", "sentence"]))
def test_counts_equal_those_of_a_text_put_apart_by_hand(
    lines: list[str], order: int, unit: Unit, blank_lines: Any
) -> None:
    text = "x\n" + joined(lines)
    found = lmkit.count_ngrams(
        stream(text), order, settings=lmkit.TextSettings(unit=unit, blank_lines=blank_lines, normalize="none")
    )
    words = lmkit.count_ngrams(
        words_of(text, unit, blank_lines),
        order,
        vocabulary=vocabulary_of(text, unit, blank_lines),
        settings=lmkit.TextSettings(blank_lines=blank_lines, normalize="none"),
    )
    check_same(found, words)


AS_IT_IS = lmkit.TextSettings(normalize="none")
TEXT_FIGURES = {
    "signature", "words", "characters", "bytes", "word_perplexity", "byte_perplexity", "bits_per_byte", "bits_per_character",
}  # fmt: skip


@given(lines_of_text, lines_of_text, orders, st.sampled_from(UNITS))
def test_perplexity_equals_that_of_words_put_apart_by_hand(
    train: list[str], test: list[str], order: int, unit: Unit
) -> None:
    train_lines, test_lines = "x y\n" + joined(train), "x zé\n" + joined(test)
    own = lmkit.count_ngrams(stream(train_lines), order, settings=lmkit.TextSettings(unit=unit, normalize="none"))
    words = lmkit.count_ngrams(
        words_of(train_lines, unit), order, vocabulary=vocabulary_of(train_lines, unit), settings=AS_IT_IS
    )
    figures = [
        lmkit.perplexity(kneser_ney(counts, discounts=(0.5, 1, 1.5)), text)
        for counts, text in ((own, stream(test_lines)), (words, words_of(test_lines, unit)))
    ]
    of_tokens = [  # the original texts differ, and with them the figures a byte, character and white-space word
        {name: value for name, value in vars(found).items() if name not in TEXT_FIGURES} for found in figures
    ]
    assert of_tokens[0] == of_tokens[1]
    pieces = lmkit.perplexity(
        kneser_ney(own, discounts=(0.5, 1, 1.5)),
        stream(test_lines),
        reading=lmkit.Reading(block_bytes=7),
        resources=lmkit.Resources(workers=3),
    )
    assert pieces == figures[0]
    assert unit == "character" or figures[0].oov == 0


@given(lines_of_text, st.integers(1, 40), st.integers(1, 3))
def test_encoded_text_and_its_pairs_equal_those_of_words_put_apart_by_hand(
    lines: list[str], block_bytes: int, workers: int
) -> None:
    text = "x y\n" + joined(lines)
    own = lmkit.encode_text(
        stream(text),
        settings=lmkit.TextSettings(unit="character", normalize="none"),
        reading=lmkit.Reading(block_bytes=block_bytes),
        resources=lmkit.Resources(workers=workers),
    )
    words = lmkit.encode_text(words_of(text, "character"), settings=AS_IT_IS)
    assert np.array_equal(np.concatenate(list(own.blocks())), np.concatenate(list(words.blocks())))
    assert own.vocabulary.words == words.vocabulary.words
    assert (lmkit.one_hot(own) != lmkit.one_hot(words)).nnz == 0
    assert (lmkit.cooccurrence(own).matrix != lmkit.cooccurrence(words).matrix).nnz == 0


@given(
    lines_of_text, orders, st.sampled_from(UNITS), st.booleans(), st.sampled_from(["none", "nfc"]), st.integers(1, 40)
)
def test_blocks_threads_memory_and_files_change_no_byte(
    lines: list[str], order: int, unit: Unit, lowercase: bool, normalize: Normalize, block_bytes: int
) -> None:
    text = "x\n" + joined(lines)
    shape = lmkit.TextSettings(unit=unit, lowercase=lowercase, normalize=normalize)
    expected = saved(lmkit.count_ngrams(stream(text), order, resources=lmkit.Resources(workers=1), settings=shape))
    reading = lmkit.Reading(block_bytes=block_bytes)
    for resources in (lmkit.Resources(workers=3), lmkit.Resources(memory=1)):
        found = lmkit.count_ngrams(stream(text), order, settings=shape, reading=reading, resources=resources)
        assert saved(found) == expected
    parts = [stream("x\n"), stream(joined(lines))]
    assert saved(lmkit.count_ngrams(parts, order, settings=shape)) == expected


@given(lines_of_text, st.sampled_from(UNITS), st.booleans())
def test_composed_and_decomposed_text_are_the_same_text_once_normalized(
    lines: list[str], unit: Unit, lowercase: bool
) -> None:
    text = "x\n" + joined(lines)
    shape = lmkit.TextSettings(unit=unit, lowercase=lowercase, normalize="nfc")
    composed, decomposed = (
        saved(lmkit.count_ngrams(stream(unicodedata.normalize(form, text)), 2, settings=shape))
        for form in ("NFC", "NFD")
    )
    assert composed == decomposed


def test_normalization_joins_letters_that_would_be_cut_apart() -> None:
    assert listed("e\u0301\u00e9", unit="character", normalize="none") == {"e": 1, "\u0301": 1, "\u00e9": 1}
    assert listed("e\u0301\u00e9", unit="character", normalize="nfc") == {"\u00e9": 2}
    assert listed("É", unit="byte", lowercase=True) == {"<0xC3>": 1, "<0xA9>": 1}


def test_lower_case_is_one_character_to_one_also_of_decomposed_capitals() -> None:
    assert listed("ÉΣİ", unit="character", lowercase=True) == {"i": 1, "é": 1, "σ": 1}
    for unit in ("word", "character"):
        assert listed("I\u0307 İ", unit=unit, lowercase=True, normalize="nfc")["i"] == 2


def test_white_space_is_text_and_a_carriage_return_before_the_line_end_is_not() -> None:
    found = lmkit.count_ngrams(io.BytesIO(b" a\tb  \r\n\r\nc\rd\r"), 2, settings=CHARACTERS)
    assert dict(lmkit.list_ngrams(found)) == {
        "<s> ␣": 1, "␣ a": 1, "a <U+0009>": 1, "<U+0009> b": 1, "b ␣": 1, "␣ ␣": 1, "␣ </s>": 1,
        "<s> c": 1, "c <U+000D>": 1, "<U+000D> d": 1, "d </s>": 1,
    }  # fmt: skip


def test_blank_lines_are_nothing_or_sentences_of_what_they_hold() -> None:
    text = "a\n\n \t\n\r\nb\n"
    skipped = lmkit.count_ngrams(io.BytesIO(text.encode()), 2, settings=CHARACTERS)
    assert dict(lmkit.list_ngrams(skipped)) == {"<s> a": 1, "a </s>": 1, "<s> b": 1, "b </s>": 1}
    shape = lmkit.TextSettings(unit="character", blank_lines="sentence")
    kept = lmkit.count_ngrams(io.BytesIO(text.encode()), 2, settings=shape)
    assert (kept["<s> </s>"], kept["<s> ␣"], kept["␣ <U+0009>"], kept.sentences) == (2, 1, 1, 5)


def test_lines_keep_their_numbers_beside_blank_ones() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"ab\n"), 2, settings=CHARACTERS)
    (scored,) = lmkit.score_text(counts, io.BytesIO(b"\n  \na\n\nab\n"))
    assert scored.block.sentence_lines.tolist() == [3, 5]


def test_reserved_words_are_only_characters() -> None:
    for reserved in ("error", "skip", "keep"):
        assert listed("<s>\n", unit="character", reserved=reserved) == {"<": 1, ">": 1, "s": 1}


def test_a_byte_order_mark_is_dropped_at_the_start_and_kept_inside() -> None:
    assert listed("a\ufeffb", unit="character") == {"<U+FEFF>": 1, "a": 1, "b": 1}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("text", [b"", b"\n", b" \t\r\n\n"])
def test_a_text_without_a_sentence_is_an_error(text: bytes, unit: Unit) -> None:
    for use in (lmkit.count_ngrams, lmkit.encode_text):
        with pytest.raises(DataError, match="there is no sentence in the text"):
            use(io.BytesIO(text), settings=lmkit.TextSettings(unit=unit, normalize="none"))


@pytest.mark.parametrize("unit", UNITS)
def test_a_line_of_megabytes_is_one_sentence(unit: Unit) -> None:
    line = "abé " * 1_000_000
    counts = lmkit.count_ngrams(stream(line), 2, settings=lmkit.TextSettings(unit=unit, normalize="none"))
    a, b = lmkit.unit_names("ab", unit)
    per_repeat = 4 if unit == "character" else 5
    assert (counts.sentences, counts.tokens, counts[f"{a} {b}"]) == (1, per_repeat * 1_000_000, 1_000_000)


def test_invalid_utf8_is_an_error_for_bytes_too() -> None:
    with pytest.raises(DataError, match=r"<stream>:1: invalid UTF-8 \(byte 0xe9\)"):
        lmkit.count_ngrams(io.BytesIO(b"caf\xe9\n"), settings=BYTES)
    replaced = lmkit.count_ngrams(
        io.BytesIO(b"\xe9\n"), 3, settings=BYTES, reading=lmkit.Reading(encoding_errors="replace")
    )
    assert replaced["<0xEF> <0xBF> <0xBD>"] == 1


def check_ewe(text: str) -> None:
    """Characters of a text with letters beyond ASCII are counted as Python has them, and the text comes back."""
    composed = unicodedata.normalize("NFC", text)
    expected = Counter(itertools.chain(*(line.rstrip("\r") for line in composed.split("\n") if line.strip())))
    found = listed(text, unit="character", normalize="nfc")
    assert found == {name_by_hand(character): count for character, count in expected.items()}
    encoded = lmkit.encode_text(stream(text), settings=CHARACTERS)
    names = [encoded.vocabulary.words[number].decode() for block in encoded.blocks() for number in block.tolist()]
    sentences = lmkit.join_units(names, "character").removeprefix("<s>").removesuffix("</s>").split("</s><s>")
    assert sentences == [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def test_ewe_letters_are_characters() -> None:
    check_ewe(EWE)
    found = listed(EWE, unit="character")
    assert (found["ɔ"], found["\u0303"], found["ŋ"]) == (3, 2, 1)  # ɔ̃ has no code point of its own


def test_an_ewe_text_of_some_length() -> None:
    """LMKIT_TEXTS names a folder with texts that are not part of the project."""
    path = Path(os.environ.get("LMKIT_TEXTS", "texts")) / "ewe-udhr.txt"
    if not path.is_file():
        pytest.skip(reason="there is no ewe-udhr.txt in the folder LMKIT_TEXTS")
    check_ewe(path.read_text(encoding="utf-8"))


# Limits of the vocabulary


def test_all_bytes_are_known_those_of_the_text_first() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"ba\n"), 2, settings=BYTES)
    rest = [name.encode() for name in BYTE_NAMES if name not in ("<0x62>", "<0x61>")]
    assert counts.vocabulary.words == [*MARKS, b"<0x62>", b"<0x61>", *rest]
    text = lmkit.encode_text(io.BytesIO(b"ba\n"), settings=BYTES)
    assert text.vocabulary.words == counts.vocabulary.words
    model = kneser_ney(counts, discounts=(0.5, 1, 1.5), closed=True, precision="double")
    assert model.events == 257  # bytes and </s>
    assert float((10.0 ** lmkit.conditional_log10_probs(model, "<0x62>")).sum()) == pytest.approx(1, abs=1e-9)
    assert lmkit.perplexity(model, stream("ɖ🙂 \t\n")).oov == 0


@given(lines_of_text, lines_of_text, orders, st.sampled_from(UNITS), st.integers(2, 3))
def test_merging_and_cutoffs_are_as_with_words(
    one: list[str], other: list[str], order: int, unit: Unit, cutoff: int
) -> None:
    texts, shape = [joined([*one, "x"]), joined([*other, "x"])], lmkit.TextSettings(unit=unit, normalize="none")
    counts = [lmkit.count_ngrams(stream(text), order, settings=shape) for text in texts]
    merged = lmkit.merge_counts(counts)
    assert saved(merged) == saved(lmkit.count_ngrams(list(map(stream, texts)), order, settings=shape))
    together = "".join(texts)
    cut = lmkit.count_ngrams(list(map(stream, texts)), order, cutoff=cutoff, settings=shape)
    assert saved(apply_cutoff(merged, cutoff)) == saved(cut)
    check_same(cut, lmkit.count_ngrams(words_of(together, unit), order, cutoff=cutoff, settings=AS_IT_IS))


def test_a_cutoff_leaves_bytes_unknown() -> None:
    for read in (lmkit.count_ngrams, lmkit.encode_text):
        assert read(io.BytesIO(b"aab\n"), cutoff=2, settings=BYTES).vocabulary.words == [*MARKS, b"<0x61>"]


@pytest.mark.parametrize(
    ("unit", "lines", "names"),
    [
        ("character", "␣\t12\nE\n<U+0009>\n<U+2423>\n<unk>\n\n<U+0041>\n", ["␣", "e", "<U+0009>", "<U+2423>", "a"]),
        ("byte", "<0x41>\n<s>\n<0xFF>\n", ["<0x41>", "<0xFF>"]),
    ],
)
def test_a_vocabulary_file_has_the_names_of_units(tmp_path: Path, unit: Unit, lines: str, names: list[str]) -> None:
    shape = lmkit.TextSettings(unit=unit, lowercase=unit == "character", normalize="none")
    counts = lmkit.count_ngrams(stream("e A x\n"), 1, vocabulary=text_file(tmp_path, lines), settings=shape)
    assert [word.decode() for word in counts.vocabulary.words[3:]] == names
    known = {"␣": 2, "e": 1, "a": 1, "<unk>": 1} if unit == "character" else {"<0x41>": 1, "<unk>": 4}
    assert dict(lmkit.list_ngrams(counts)) == known


@pytest.mark.parametrize(
    ("unit", "line", "written"),
    [
        ("character", "th", "a, the space as ␣, other white space as <U+0009>"),
        ("character", "<U+D800>", "a, the space as ␣, other white space as <U+0009>"),
        ("byte", "A", "<0x41>"),
        ("byte", "<0xc3>", "<0x41>"),
    ],
)
def test_a_line_of_a_vocabulary_that_is_not_one_unit_is_an_error(
    tmp_path: Path, unit: Unit, line: str, written: str
) -> None:
    path = text_file(tmp_path, f"<unk>\n{line}\n", "units.txt")
    with pytest.raises(DataError) as caught:
        lmkit.count_ngrams(stream("x"), vocabulary=path, settings=lmkit.TextSettings(unit=unit, normalize="none"))
    assert str(caught.value) == (
        f"{path}:2: a vocabulary of {unit}s has the name of one {unit} a line, here is {line!r}.\n"
        f"Names are written as `lmkit count --unit {unit}` lists them: {written}."
    )


def test_the_list_of_counts_is_a_vocabulary_file(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "a b␣\u00a0\tc\ufeff\n")
    listing = text_file(tmp_path, lmkit_run("count", "--unit", "character", text).out, "list")
    known = lmkit_run("count", "--unit", "character", "--vocabulary", listing, text).out
    assert known == listing.read_text(encoding="utf-8")
