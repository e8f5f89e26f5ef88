"""How long a text is in units that no tokenisation has a part in: words, characters, bytes.

Counted is the text as it was read: decompressed, without a byte order mark, before lower case and normalisation, with
its line ends and its blank lines. The last line has a line end whether the file has one or not: </s> is predicted there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.text.whitespace import SPACE, WIDE_LEADS, WIDE_SPACES

PIECE = 1 << 18  # bytes looked at together: little enough to stay in the caches of a processor
CONTINUATION = -64  # a byte below this, as a signed number, goes on with a character


@dataclass(frozen=True)
class TextSize:
    """The length of a text."""

    words: int = 0  # separated by white space of any kind, as str.split() has it, whatever the tokens of a model are
    characters: int = 0  # code points
    bytes: int = 0  # of UTF-8

    def __add__(self, other: "TextSize") -> "TextSize":
        return TextSize(self.words + other.words, self.characters + other.characters, self.bytes + other.bytes)


def text_size(data: bytes) -> TextSize:
    """The length of lines of valid UTF-8."""
    size, start = TextSize(), 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + PIECE) + 1 or data.find(b"\n", start) + 1 or len(data)
        size += size_of_piece(data[start:end])
        start = end
    return size


def size_of_piece(data: bytes) -> TextSize:
    """The length of some bytes that are not cut within a word or a character."""
    letters = np.frombuffer(data, np.uint8)
    is_space = letters <= SPACE
    characters = len(data)
    if not data.isascii():
        characters = int(np.count_nonzero(letters.view(np.int8) >= CONTINUATION))
        for lead in WIDE_LEADS:
            if lead in data:
                mark_wide_spaces(letters, lead, is_space)
    words = np.count_nonzero(is_space[:-1] > is_space[1:]) + (not is_space[0])
    return TextSize(int(words), characters, len(data))


def mark_wide_spaces(letters: NDArray[np.uint8], lead: int, is_space: NDArray[np.bool_]) -> None:
    """Set is_space (bytes,) at all bytes of the white space beyond ASCII that begins with the byte `lead`."""
    spaces = [space for space in WIDE_SPACES if space[0] == lead]
    width = len(spaces[0])
    starts = np.flatnonzero(letters == lead)
    codes = letters.take(starts).astype(np.int32)
    for place in range(1, width):
        codes = codes << 8 | letters.take(starts + place)
    found = starts[np.isin(codes, [int.from_bytes(space) for space in spaces], kind="table")]
    for place in range(width):
        is_space[found + place] = True
