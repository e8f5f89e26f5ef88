"""Characters and bytes as tokens: a block of text becomes units without a Python loop over them.

A unit stands in lists, vocabularies, models and ARPA files under a name without white space, and every name means one
unit. A character is its own name, but for the space, which is ␣ (U+2423), and for what a reader of such a file might take
for a separator or drop: other white space, control characters, U+FEFF and ␣ itself have names such as <U+0009>.
The name of a byte is <0x41>.
"""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.text.settings import TextSettings, Unit
from lmkit.text.sources.blocks import Block
from lmkit.text.tokens.entries import Entries
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.whitespace import NEWLINE, SPACE, WIDE_POINTS

OPEN_BOX = 0x2423  # ␣
# Code points named by their number; the last one is dropped where a file begins with it.
NUMBERED = (*range(SPACE), 0x7F, *WIDE_POINTS, OPEN_BOX, 0xFEFF)
CHARACTER_NAMES = {code: f"<U+{code:04X}>" for code in NUMBERED} | {SPACE: chr(OPEN_BOX)}
BYTE_NAMES = [f"<0x{byte:02X}>" for byte in range(256)]
SEPARATORS = re.compile("[\t-\r ]")  # of words
CHARACTER_BY_NUMBER = re.compile(r"<U\+([0-9A-F]{4,6})>")
BYTE_BY_NUMBER = re.compile(r"<0x([0-9A-F]{2})>")
LAST = 1 << 21  # flag of the last unit of a line, above all code points


def split_units(block: Block, settings: TextSettings) -> Entries:
    """The units of a block by name, numbered by their first occurrence: an entry is a unit, and whether it ends its line.

    The text is shaped (lower case, normalised) before it is cut. A carriage return before a newline belongs to the end of
    the line; all other white space is text. An empty line is one entry of nothing; so is a line of nothing but white
    space where blank lines are skipped.
    """
    (text,) = shape_words([block.data.replace(b"\r\n", b"\n")], settings)
    codes = code_points(text) if settings.unit == "character" else np.frombuffer(text, np.uint8).astype(np.int32)
    line_ends = np.flatnonzero(codes == NEWLINE)
    lengths = np.diff(line_ends, prepend=-1)  # of the lines, newlines included
    if settings.blank_lines == "skip" and len(lengths):
        blank = (np.maximum.reduceat(codes, line_ends + 1 - lengths) <= SPACE) & (lengths > 1)
        if blank.any():
            kept = np.repeat(~blank, lengths)
            kept[line_ends] = True
            codes, lengths = codes[kept], np.where(blank, 1, lengths)
            line_ends = np.cumsum(lengths) - 1
    codes[line_ends - (lengths > 1)] |= LAST  # of an empty line, its newline
    encoded = call_arrow("dictionary_encode", to_arrow(codes[codes != NEWLINE]))
    distinct = to_numpy(encoded.dictionary)
    names = [
        b"" if code == NEWLINE else unit_name(code, settings.unit).encode() for code in (distinct & ~LAST).tolist()
    ]
    name_lengths = np.fromiter(map(len, names), np.int32, len(names))
    return Entries(names, name_lengths, distinct >= LAST, to_numpy(encoded.indices), shaped=True)


def code_points(text: bytes) -> NDArray[np.int32]:
    """The code points of valid UTF-8, as an array of its own."""
    return np.frombuffer(text.decode().encode("utf-32-le"), "<i4").astype(np.int32)


def unit_name(code: int, unit: Unit) -> str:
    """The name of a character (its code point is given) or of a byte."""
    return BYTE_NAMES[code] if unit == "byte" else CHARACTER_NAMES.get(code) or chr(code)


def unit_names(text: str, unit: Unit) -> list[str]:
    """The names of the characters or bytes of a short text, such as a history; of unit "word", its words.

    >>> unit_names("a b", "character")
    ['a', '␣', 'b']
    >>> unit_names("é", "byte")
    ['<0xC3>', '<0xA9>']
    """
    if unit == "word":
        return [word for word in SEPARATORS.split(text) if word]
    codes: Iterable[int] = text.encode() if unit == "byte" else map(ord, text)
    return [unit_name(code, unit) for code in codes]


def join_units(names: Iterable[str], unit: Unit) -> str:
    """The text of units given by name: what `unit_names` undoes. What is no name, such as <unk>, stays as it is.

    Bytes that make no valid UTF-8 become U+FFFD. Words are joined by spaces.
    """
    if unit == "word":
        return " ".join(names)
    if unit == "character":
        return "".join(map(character_of, names))
    found = ((name, BYTE_BY_NUMBER.fullmatch(name)) for name in names)
    return b"".join(bytes([int(match[1], 16)]) if match else name.encode() for name, match in found).decode(
        errors="replace"
    )


def character_of(name: str) -> str:
    """The character of a name, <U+0041> for any of them; what is no name of one is given back."""
    match = CHARACTER_BY_NUMBER.fullmatch(name)
    if match is None:
        return " " if name == chr(OPEN_BOX) else name
    code = int(match[1], 16)
    return name if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code)


def listed_unit(line: bytes, settings: TextSettings) -> bytes | None:
    """The name of the unit that a line of a vocabulary file names, shaped like the text; None if that is not one unit."""
    if settings.unit == "byte":
        return line if BYTE_BY_NUMBER.fullmatch(line.decode()) else None
    (shaped,) = shape_words([character_of(line.decode()).encode()], settings)
    names = unit_names(shaped.decode(), settings.unit)
    return names[0].encode() if len(names) == 1 else None
