"""Splitting a block of text into words: every separator byte ends an entry, and a newline ends a sentence.

Python never sees running words: each distinct entry is looked at once a block, and running words are
integers from here on.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.blocks import Block
from lmkit.corpus.settings import TextSettings

NEWLINE = 10
SPACE = 32  # the highest separator: TAB LF VT FF CR SPACE are all at or below it, other control bytes were refused


@dataclass(frozen=True, eq=False)
class Entries:
    """The running entries of a block: a word, or nothing between two separators; or a unit (see units.py)."""

    words: list[bytes]  # distinct entries without their separator, as they stand in the text; of units their names
    lengths: NDArray[np.int32]  # (distinct,) of these in bytes
    ends_line: NDArray[np.bool_]  # (distinct,) whether the separator is a newline
    running: NDArray[np.int32]  # (entries,) distinct entry of each running entry


def split_entries(block: Block) -> Entries:
    """The entries of a block, numbered by their first occurrence in it."""
    import pyarrow as pa

    data = np.frombuffer(block.data, np.uint8)
    separators = np.flatnonzero(data <= SPACE)
    offsets = np.empty(len(separators) + 1, np.int32)
    offsets[0] = 0
    np.add(separators, 1, out=offsets[1:], casting="unsafe")
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data)]
    encoded = pa.Array.from_buffers(pa.binary(), len(separators), buffers).dictionary_encode()
    distinct = encoded.dictionary
    ends = (
        np.frombuffer(distinct.buffers()[1], np.int32)[: len(distinct) + 1] if len(distinct) else np.zeros(1, np.int32)
    )
    ends_line = np.frombuffer(distinct.buffers()[2] or b"", np.uint8)[ends[1:] - 1] == NEWLINE
    words = [entry[:-1] for entry in distinct.to_pylist()]
    return Entries(words, np.diff(ends) - np.int32(1), ends_line, encoded.indices.to_numpy())


def shape_words(words: Sequence[bytes], settings: TextSettings) -> list[bytes]:
    """The words, or texts, as the settings want them: lower case, normalised. Same length and order."""
    shaped = list(words)
    if settings.lowercase and settings.normalize == "nfc":  # a composed capital may have another lower case
        shaped = [compose(word) for word in shaped]
    if settings.lowercase:
        import pyarrow as pa
        import pyarrow.compute as pc

        lowered: pa.Array[Any] = pc.utf8_lower(pa.array(shaped, pa.large_binary()).cast(pa.large_string()))
        shaped = lowered.cast(pa.large_binary()).to_pylist()
    if settings.normalize == "nfc":  # last: a lower-cased letter may compose where the capital did not
        shaped = [compose(word) for word in shaped]
    return shaped


def compose(text: bytes) -> bytes:
    """The text in normalisation form C."""
    # Not Arrow's utf8_normalize: up to version 23 at least, its NFC leaves letters decomposed.
    return text if text.isascii() else unicodedata.normalize("NFC", text.decode()).encode()
