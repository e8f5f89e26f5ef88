"""The ids of words where they stand in a text: most words are two 64-bit numbers, and are looked up in a table of hashes.

Arrow's dictionaries take twice as long, and give words that are still to be looked up.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray

WIDTH = 16  # bytes of the longest words that are looked up
CHUNK = 1 << 14  # words looked up at a time: what is in between stays in the processor's cache
WINDOW = np.dtype((np.void, WIDTH))
FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)  # of the halves of a word; odd, with mixed bits
SLOTS = 2  # of a table for each word, at least

# By length, which bytes are the word's own: of longer words, none.
MASKS = np.tril(np.full((WIDTH + 2, WIDTH), 0xFF, np.uint8), -1)
MASKS[WIDTH + 1] = 0

Keys = NDArray[np.uint64]  # (words, 2) the bytes of words, and zeros, which no word has


class WordFinder:
    """Finds words that are numbered from 0."""

    def __init__(self, words: Sequence[bytes]) -> None:
        self.words = words
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        self._keys = keys_at(b"".join(words) + bytes(WIDTH), np.cumsum(lengths) - lengths, lengths)
        self._keys[lengths > WIDTH] = np.iinfo(np.uint64).max  # which is no word's
        self._bits = (SLOTS * len(words)).bit_length()
        self._tables: list[NDArray[np.int32]] = []
        left = np.flatnonzero(lengths <= WIDTH)
        for number in range(2):  # the second has the words whose places in the first are taken
            table = np.zeros(1 << self._bits, np.int32)
            slots = self._slots(self._keys[left], number)
            table[slots[::-1]] = left[::-1]  # words that come early are frequent: they are set last, and stay
            self._tables.append(table)
            left = left[table.take(slots) != left]

    def find(self, text: bytes, starts: IndexArray, lengths: IndexArray) -> NDArray[np.int32]:
        """(words,) the ids of words that begin at these places of a text; -1: too long, not there, or without a place."""
        ids = np.empty(len(starts), np.int32)
        text += bytes(WIDTH)
        for first in range(0, len(starts), CHUNK):
            here = slice(first, first + CHUNK)
            keys = keys_at(text, starts[here], lengths[here])
            found = self._look_up(keys, 0)
            wrong = np.flatnonzero(found < 0)
            found[wrong] = self._look_up(keys[wrong], 1)
            ids[here] = found
        return ids

    def _look_up(self, keys: Keys, number: int) -> NDArray[np.int32]:
        """(words,) the ids of words in a table, -1 where they are not there."""
        found: NDArray[np.int32] = self._tables[number].take(self._slots(keys, number))
        differences = as_windows(self._keys).take(found).view(np.uint64).reshape(-1, 2)
        differences ^= keys
        found[(differences[:, 0] | differences[:, 1]) != 0] = -1
        return found

    def _slots(self, keys: Keys, number: int) -> NDArray[np.intp]:
        """(words,) their places in a table."""
        hashes = (keys[:, 0] * FACTORS[0]) ^ (keys[:, 1] * FACTORS[1])
        hashes <<= np.uint64(number * self._bits)
        hashes >>= np.uint64(64 - self._bits)
        slots: NDArray[np.intp] = hashes.astype(np.intp)
        return slots


def keys_at(text: bytes, starts: IndexArray, lengths: IndexArray) -> Keys:
    """The keys of the words that begin at these places of a text, which has WIDTH bytes after them."""
    windows = np.ndarray((len(text) - WIDTH + 1,), WINDOW, text, strides=(1,))
    keys = windows[starts].view(np.uint64).reshape(-1, 2)
    keys &= as_windows(MASKS).take(lengths, mode="clip").view(np.uint64).reshape(-1, 2)
    return keys


def as_windows(rows: NDArray[np.uint8] | Keys) -> NDArray[np.void]:
    """(rows,) rows of WIDTH bytes, each as one."""
    return rows.view(WINDOW).reshape(-1)
