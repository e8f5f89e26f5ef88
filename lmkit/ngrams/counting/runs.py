"""Runs: the counted n-grams of pieces of text, and how many runs become one, in memory or on disk.

An n-gram is stored as its first word and its suffix, the shorter n-gram after it. Runs keep n-grams in the order of their words, which is also the
order of (first word, suffix); so a range of first words is a contiguous slice of every run, and adding runs up goes
range by range, order by order, whatever its size: the slices are pairs of integers, which `sort_pairs` groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.ngrams.counting.block import block_orders

CompactCounts = NDArray[np.unsignedinteger[Any]]  # in as few bytes as they need: add up only what was widened


@dataclass(frozen=True, eq=False)
class Run:
    """Counted n-grams of orders 1…n; ids are those of the whole text, as far as it has been read."""

    starts: tuple[IndexArray, ...]  # (types + 1,) where the n-grams that begin with each word begin
    suffixes: Sequence[IndexArray]  # (n-grams,) place of the suffix of each, one order down (order 1: empty)
    counts: tuple[CompactCounts, ...]  # (n-grams,)

    @property
    def types(self) -> int:
        """The number of words, the marks among them."""
        return len(self.counts[0])

    @property
    def tokens(self) -> int:
        """The number of running words, marks included."""
        return int(self.counts[0].sum(dtype=np.int64))

    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return sum(array.nbytes for array in (*self.starts, *self.suffixes, *self.counts))


def count_block(tokens: NDArray[np.int32], order: int, types: int) -> Run:
    """The n-grams of orders 1…order in whole padded sentences. tokens: (tokens,) ids below `types`."""
    found = [(block.starts, block.suffixes, compact(block.counts)) for block in block_orders(tokens, order, types)]
    starts, suffixes, counts = zip(*found, strict=True)
    return Run((np.arange(types + 1, dtype=np.int32), *starts[1:]), suffixes, counts)


def compact(counts: NDArray[np.integer[Any]]) -> CompactCounts:
    """The counts as unsigned integers of as few bytes as the largest needs."""
    return counts.astype(compact_dtype(counts))


def compact_dtype(counts: NDArray[np.integer[Any]]) -> np.dtype[Any]:
    """The type of unsigned integers of as few bytes as the largest count needs."""
    return np.min_scalar_type(int(counts.max(initial=0)))
