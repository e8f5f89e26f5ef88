"""Texts put apart into characters and bytes by hand, and what the tests of units share."""

import io
import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

import lmkit
from lmkit.text.settings import Unit
from lmkit.text.tokens.units import BYTE_NAMES

UNITS: tuple[Unit, ...] = ("character", "byte")
CHARACTERS = lmkit.TextSettings(unit="character")
BYTES = lmkit.TextSettings(unit="byte")
MARKS = [b"</s>", b"<s>", b"<unk>"]
EWE = "Ɖevi ɖe ŋkɔ nyuie ƒo nu lɔ̃ɔ̃, eye wòɣe ʋu.\n"  # hooked letters, and tildes and accents on others
# Control characters other than TAB VT FF CR are refused, and surrogates are no UTF-8.
any_character = st.characters(codec="utf-8", exclude_categories=["Cs"]).filter(
    lambda character: character in "\t\v\f\r " or not (character < " " or character == "\x7f")
)
common = st.sampled_from(list("ab é\u0301\u00a0\u2423\ufeff\u2028🙂ɖ\t\r İ"))
lines_of_text = st.lists(st.text(st.one_of(common, any_character), max_size=12), min_size=1, max_size=8)
orders = st.integers(1, 4)


def stream(text: str) -> io.BytesIO:
    """A text to read, of which a U+FEFF at the start is no byte order mark."""
    return io.BytesIO("\ufeff".encode() + text.encode())


def joined(lines: list[str]) -> str:
    """Lines as a text."""
    return "".join(line + "\n" for line in lines)


def name_by_hand(unit: str | int) -> str:
    """The name of a character or byte as the documentation has it."""
    if isinstance(unit, int):
        return f"<0x{unit:02X}>"
    if unit == " ":
        return "␣"
    return f"<U+{ord(unit):04X}>" if unit.isspace() or unit in "␣\ufeff" else unit


def apart(text: str, unit: Unit, blank_lines: str = "skip") -> list[list[str]]:
    """The sentences of a text, each as the names of its units."""
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if blank_lines == "skip":
        lines = [line for line in lines if line.strip(" \t\v\f\r")]
    return [[name_by_hand(one) for one in (line if unit == "character" else line.encode())] for line in lines]


def words_of(text: str, unit: Unit, blank_lines: str = "skip") -> io.BytesIO:
    """The text put apart by hand, as words."""
    return io.BytesIO(joined([" ".join(names) for names in apart(text, unit, blank_lines)]).encode())


def vocabulary_of(text: str, unit: Unit, blank_lines: str = "skip") -> lmkit.Vocabulary | None:
    """The vocabulary that the counts by hand need: of bytes all, those of the text first."""
    if unit == "character":
        return None
    seen = itertools.chain(*apart(text, unit, blank_lines), BYTE_NAMES)
    return lmkit.Vocabulary.from_words([*MARKS, *(name.encode() for name in dict.fromkeys(seen))])


def check_same(one: lmkit.NgramCounts, other: lmkit.NgramCounts) -> None:
    """Both have the same n-grams and counts, under the same ids."""
    assert one.vocabulary.words == other.vocabulary.words
    for arrays, others in zip(one.orders, other.orders, strict=True):
        assert np.array_equal(arrays.indices, others.indices)
        assert np.array_equal(arrays.indptr, others.indptr)
    for counts, other_counts in zip(one.counts, other.counts, strict=True):
        assert np.array_equal(counts, other_counts)


def saved(counts: lmkit.NgramCounts | lmkit.NgramModel) -> bytes:
    """The bytes of the file."""
    out = io.BytesIO()
    lmkit.save(counts, out)
    return out.getvalue()


def listed(text: str, **options: Any) -> dict[str, int]:
    """The counts of the units of a text."""
    return dict(lmkit.list_ngrams(lmkit.count_ngrams(stream(text), 1, settings=lmkit.TextSettings(**options))))
