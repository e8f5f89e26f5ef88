"""Hashes of words and of n-grams, and where they stand in tables with linear probing.

The hash of a word is MurmurHash64A (Appleby 2008, public domain) of its bytes, with seed 0. An n-gram is hashed from its last word
to its first: the id of the last word, and then, for each word before it, h ← (h · A) xor ((id + 1) · B), modulo 2⁶⁴.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.text.vocabulary import Vocabulary

Hashes = NDArray[np.uint64]
MIXER = np.uint64(0xC6A4A7935BD1E995)
SHIFT = np.uint64(47)
SO_FAR_FACTOR = np.uint64(8978948897894561157)
WORD_FACTOR = np.uint64(17894857484156487943)
EMPTY = np.uint64(0)  # the key of a slot that is free
PIECE = 8  # bytes mixed at a time


def hash_words(words: Vocabulary) -> Hashes:
    """(words,) the hash of each word."""
    lengths = np.diff(words.offsets)
    letters = np.concatenate((words.utf8, np.zeros(PIECE, np.uint8)))
    pieces = np.ndarray((len(letters) - PIECE + 1,), "<u8", letters, strides=(1,))  # from any byte on
    hashes: Hashes = lengths.astype(np.uint64) * MIXER
    at, left = words.offsets[:-1].copy(), lengths.copy()
    going = np.flatnonzero(left >= PIECE)
    while len(going):
        mixed = pieces[at[going]] * MIXER
        mixed = (mixed ^ (mixed >> SHIFT)) * MIXER
        hashes[going] = (hashes[going] ^ mixed) * MIXER
        at[going] += PIECE
        left[going] -= PIECE
        going = going[left[going] >= PIECE]
    rests = np.flatnonzero(left)
    bits = left[rests].astype(np.uint64) << np.uint64(3)
    rest = pieces[at[rests]] & ((np.uint64(1) << bits) - np.uint64(1))
    hashes[rests] = (hashes[rests] ^ rest) * MIXER
    hashes = (hashes ^ (hashes >> SHIFT)) * MIXER
    return hashes ^ (hashes >> SHIFT)


def hash_longer(suffixes: Hashes, firsts: NDArray[np.integer]) -> Hashes:
    """(n-grams,) the hash of each n-gram, from that of its suffix and the id (KenLM's) of its first word.

    The hash of a 1-gram is its id.
    """
    return (suffixes * SO_FAR_FACTOR) ^ ((firsts.astype(np.uint64) + np.uint64(1)) * WORD_FACTOR)


def slots_for(entries: int, multiplier: float) -> int:
    """How many slots a table for so many entries has: multiplier · entries in single precision, and at least one is free."""
    return max(entries + 1, int(np.float32(multiplier) * np.float32(entries)))
