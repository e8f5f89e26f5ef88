"""Random numbers that have places: the same for any order in which they are asked for, on any machine.

Number i of row r is the raw 64-bit output i of NumPy's PCG64(seed).jumped(r) (O'Neill 2014), whose stream NumPy guarantees
to stay as it is, as a multiple of 2**-53 below 1. Sentence i has number i of every row.
"""

import secrets
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64
from numpy.typing import NDArray

from lmkit.errors import UsageError

JUMP = 0x9E3779B97F4A7C15F39CC0605CEDC835  # draws from one row to the next: that of `jumped`
PERIOD = 1 << 128
SEED_BITS = 32  # of seeds that are chosen here: short enough to be typed again


class Draws:
    """Rows of uniform random numbers."""

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise UsageError(f"the seed is {seed}; it must be 0 or more.")
        self._generator = PCG64(seed)
        self._position = 0

    def numbers(self, row: int, first: int, last: int) -> NDArray[np.float64]:
        """(last − first,) the numbers first … last − 1 of a row, each at least 0 and below 1."""
        start = row * JUMP + first
        self._generator.advance((start - self._position) % PERIOD)
        self._position = start + last - first
        raw = self._generator.random_raw(last - first)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53


@dataclass(frozen=True, eq=False)
class WordDraws:
    """The random numbers with which one word of each of many sentences is chosen."""

    draws: Draws
    first_row: int  # of those that belong to this word
    sentences: NDArray[np.int64]  # (sentences,) their numbers, ascending

    def take(self, row: int, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """(places,) the number in a row of this word for some of the sentences, places ascending."""
        sentences = self.sentences.take(places)
        if not len(sentences):
            return np.zeros(0)
        first = int(sentences[0])
        found: NDArray[np.float64] = self.draws.numbers(self.first_row + row, first, int(sentences[-1]) + 1)
        return found.take(sentences - first)


def new_seed() -> int:
    """A seed that nobody can foresee."""
    return secrets.randbits(SEED_BITS)
