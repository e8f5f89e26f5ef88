"""Counts in a byte each: nearly all of them fit, and the few that do not stand apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, IndexArray, index_dtype
from lmkit.engine.pieces import PIECE
from lmkit.engine.scratch import Scratch

LARGE = 255  # stands for all counts from here on
LARGEST_COUNT = 2**48  # that no count reaches


@dataclass(frozen=True, eq=False)
class SmallCounts:
    """The counts of the n-grams of an order; of English novels 6 of 10,000 bigrams were seen 255 times, and fewer longer ones."""

    small: NDArray[np.uint8]  # (n-grams,) LARGE: see below
    places: IndexArray  # (large counts,) whose they are; ascending
    large: NDArray[np.unsignedinteger[Any]]  # (large counts,) from LARGE on

    @classmethod
    def of(cls, counts: CountArray, scratch: Scratch | None = None) -> "SmallCounts":
        """The counts (n-grams,) in a byte each, made in `scratch`."""
        scratch = scratch or Scratch()
        small: NDArray[np.uint8] = scratch.allocate(len(counts), np.uint8)
        found = []
        for first in range(0, len(counts), PIECE):
            piece = counts[first : first + PIECE]
            here = small[first : first + PIECE]
            np.minimum(piece, LARGE, out=here, casting="unsafe")
            found.append(np.flatnonzero(here == LARGE) + first)
            scratch.release()
        places = np.concatenate(found) if found else np.zeros(0, np.int64)
        large = counts.take(places)
        widest = np.uint32 if int(large.max(initial=0)) < 1 << 32 else np.uint64
        return cls(small, places.astype(index_dtype(len(counts))), large.astype(widest))

    @classmethod
    def joined(cls, parts: Iterable["SmallCounts"], size: int, scratch: Scratch) -> "SmallCounts":
        """Those of an order whose parts these are, one after the other. size: of all; they are made in `scratch`."""
        small: NDArray[np.uint8] = scratch.allocate(size, np.uint8)
        places, large, end = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)], 0
        for part in parts:
            places.append(part.places.astype(np.int64) + end)
            large.append(part.large)
            start, end = end, end + len(part)
            small[start:end] = part.small
            scratch.release()
        return cls(small, np.concatenate(places).astype(index_dtype(size)), np.concatenate(large))

    def __len__(self) -> int:
        return len(self.small)

    def whole(self) -> NDArray[np.int64]:
        """(n-grams,) all counts."""
        return self.between(0, len(self))

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """(last − first,) the counts of the n-grams first <= entry < last."""
        counts = self.small[first:last].astype(np.int64)
        low, high = np.searchsorted(self.places, np.array([first, last], self.places.dtype)).tolist()
        counts[self.places[low:high] - first] = self.large[low:high]
        return counts

    def large_between(self, first: int, last: int) -> IndexArray:
        """The n-grams first <= entry < last with large counts; ascending."""
        low, high = np.searchsorted(self.places, np.array([first, last], self.places.dtype)).tolist()
        return self.places[low:high]

    def take(self, entries: IndexArray) -> NDArray[np.int64]:
        """(entries,) the counts of some n-grams."""
        counts = self.small.take(entries).astype(np.int64)
        apart = np.flatnonzero(counts == LARGE)
        counts[apart] = self.large.take(self.places_of(entries.take(apart)))
        return counts

    def places_of(self, entries: IndexArray) -> IndexArray:
        """(entries,) where the counts of n-grams with large ones stand among these."""
        found: IndexArray = np.searchsorted(self.places, entries.astype(self.places.dtype, copy=False))
        return found
