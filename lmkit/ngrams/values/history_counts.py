"""What a model knows of the words after a history: their counts added up, and how many have the count 1, 2, 3 and more.

Few histories differ in this: most were seen once or twice. So an order has one table of what differs, and a code for each
history, its place there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.trie.rows import row_places
from lmkit.ngrams.values.small_counts import SmallCounts

Codes = NDArray[
    np.unsignedinteger[Any]
]  # (histories,) places in a table: of 16 bits, or of 32 where there are too many
Sums = NDArray[np.int64]  # (4, histories) of the counts, and of the words counted once, twice, three times or more
LONGEST = 255  # words after a history up to which its sums are packed in one integer, in so many bits:
BITS, SHIFTS = (16, 8, 8, 8), (0, 16, 24, 32)
FEW_BITS, FEW_SHIFTS = (6, 4, 3, 2), (0, 6, 10, 13)  # that are enough for most, which are looked up in a dense table
FEW = 1 << sum(FEW_BITS)
BEYOND_FEW = sum(((1 << bits) - (1 << few)) << shift for bits, few, shift in zip(BITS, FEW_BITS, SHIFTS, strict=True))
NOT_FEW = 0xFFFF  # in place of a key of the dense table


@dataclass(frozen=True, eq=False)
class HistoryCounts:
    """The counts of the words after some histories."""

    totals: NDArray[np.float64]  # (histories,) added up; 1 where no word was counted
    of_count: NDArray[np.float64]  # (3, histories) how many words were counted once, twice, three times or more

    @classmethod
    def of(cls, sums: Sums) -> "HistoryCounts":
        """From whole numbers (4, histories)."""
        return cls(np.maximum(sums[0], 1).astype(np.float64), sums[1:].astype(np.float64))

    @property
    def types(self) -> NDArray[np.float64]:
        """(histories,) how many distinct words were counted."""
        types: NDArray[np.float64] = self.of_count.sum(axis=0)
        return types


@dataclass(frozen=True, eq=False)
class CodedHistories:
    """The histories of an order by what was counted after them."""

    codes: Codes
    sums: Sums  # (4, distinct)


@dataclass(frozen=True, eq=False)
class HistoryShares:
    """What the histories of an order do with the counts of their words, by the codes of the histories."""

    divisors: NDArray[np.float64]  # (distinct,) A
    weights: NDArray[np.float64]  # (distinct,) γ


def sums_of_rows(counts: NDArray[np.int64], starts: NDArray[np.int64]) -> Sums:
    """The sums of the counts (n-grams,) of rows, none of which is empty. starts: (rows,) where each begins."""
    numbers = [counts, counts == 1, counts == 2, counts > 2]
    return np.stack([np.add.reduceat(each, starts, dtype=np.int64) for each in numbers])


def packed_sums() -> NDArray[np.int64]:
    """(256,) what a word adds to the packed sums of its history, by its small count."""
    counts = np.arange(256)
    packed = counts.astype(np.int64)
    for number, shift in zip((1, 2, 3), SHIFTS[1:], strict=True):
        packed += (np.minimum(counts, 3) == number).astype(np.int64) << shift
    return packed


def unpacked(packed: NDArray[np.int64], all_bits: tuple[int, ...], shifts: tuple[int, ...]) -> Sums:
    """The sums that were packed in one integer (histories,) each."""
    return np.stack([packed >> shift & ((1 << bits) - 1) for bits, shift in zip(all_bits, shifts, strict=True)])


def few_keys(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """(histories,) the packed sums in the fewer bits of the dense table; of no use where there are more."""
    keys = np.zeros(len(packed), np.int64)
    for shift, bits, few_shift in zip(SHIFTS, FEW_BITS, FEW_SHIFTS, strict=True):
        keys |= (packed >> (shift - few_shift)) & (((1 << bits) - 1) << few_shift)
    return keys


@dataclass(frozen=True, eq=False)
class Apart:
    """The histories of a piece that have no key in the dense table."""

    packed_rows: IndexArray
    packed: NDArray[np.int64]  # (packed rows,)
    long_rows: IndexArray  # with more words than can be packed, or with large counts
    sums: Sums  # (4, long rows)


class HistoryCoder:
    """The coding of the histories of one order."""

    def __init__(self, order: Order, counts: SmallCounts, scratch: Scratch) -> None:
        """counts: of the order's n-grams. Codes are made in `scratch`."""
        self._order, self._counts, self._scratch = order, counts, scratch
        self._of_word = packed_sums()
        self._keys: NDArray[np.uint16] = scratch.allocate(len(order.indptr) - 1, np.uint16)
        self._is_used = np.zeros(FEW, bool)

    def run(self, workers: int | None = None) -> CodedHistories:
        """The codes. The table does not depend on pieces or threads: first what is few, then the rest, ascending."""
        advance = stage(f"adding up the counts of {len(self._order):,} n-grams", len(self._order))
        none: IndexArray = np.zeros(0, np.int64)
        apart = [Apart(none, none, none, np.zeros((4, 0), np.int64))]
        for done, found in map_in_order(self._add_up, row_pieces(self._order.indptr), workers):
            apart.append(found)
            advance(done)
            self._scratch.release()
        keys = np.flatnonzero(self._is_used)
        packed, packed_codes = distinct(np.concatenate([each.packed for each in apart])[None])
        long, long_codes = distinct(np.concatenate([each.sums for each in apart], axis=1))
        sums = np.concatenate((unpacked(keys, FEW_BITS, FEW_SHIFTS), unpacked(packed[0], BITS, SHIFTS), long), axis=1)
        codes = self._codes(keys, sums.shape[1])
        first = len(keys)
        codes[np.concatenate([each.packed_rows for each in apart])] = packed_codes + first
        codes[np.concatenate([each.long_rows for each in apart])] = long_codes + first + packed.shape[1]
        return CodedHistories(codes, sums)

    def _add_up(self, piece: tuple[int, int]) -> tuple[int, Apart]:
        """Find the keys of a range of rows; returns how many n-grams it has, and the rows without a key."""
        first, last = piece
        bounds, counts = self._order.indptr[first : last + 1], self._counts
        start, end = int(bounds[0]), int(bounds[-1])
        running = np.zeros(end - start + 1, np.int64)  # wraps around at most; differences are right all the same
        np.cumsum(self._of_word.take(counts.small[start:end]), out=running[1:])
        packed = np.diff(running.take(bounds - bounds.dtype.type(start)))
        is_long = np.diff(bounds) > LONGEST
        is_long[np.searchsorted(bounds, counts.large_between(start, end), side="right") - 1] = True
        is_few = ((packed & BEYOND_FEW) == 0) & ~is_long
        keys = self._keys[first:last]
        keys[:] = few_keys(packed)
        self._is_used[keys[is_few]] = True
        keys[~is_few] = NOT_FEW
        rows, long_rows = np.flatnonzero(~is_few & ~is_long), np.flatnonzero(is_long)
        return end - start, Apart(rows + first, packed.take(rows), long_rows + first, self._sums(long_rows + first))

    def _sums(self, rows: IndexArray) -> Sums:
        """The sums of rows that are not empty."""
        if not len(rows):
            return np.zeros((4, 0), np.int64)
        starts = self._order.indptr.take(rows).astype(np.int64)
        lengths = self._order.indptr.take(rows + 1).astype(np.int64) - starts
        places, _ = row_places(starts, lengths)
        return sums_of_rows(self._counts.take(places), np.cumsum(lengths) - lengths)

    def _codes(self, keys: IndexArray, size: int) -> Codes:
        """(histories,) the codes of those with a key: its rank among those used. size: of the table."""
        dtype = np.uint16 if size <= 1 << 16 else np.uint32
        ranks = np.zeros(1 << 16, dtype)
        ranks[keys] = np.arange(len(keys))
        codes: Codes = self._keys if dtype is np.uint16 else self._scratch.allocate(len(self._keys), dtype)
        for first in range(0, len(codes), 1 << 18):
            codes[first : first + (1 << 18)] = ranks.take(self._keys[first : first + (1 << 18)])
            self._scratch.release()
        return codes


def distinct(columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct columns (lines, distinct), ascending, and the place of each column (columns,) among them."""
    order = np.lexsort(columns[::-1])
    ordered = columns[:, order]
    is_new = np.ones(ordered.shape[1], bool)
    is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    places = np.empty(len(order), np.int64)
    places[order] = np.cumsum(is_new) - 1
    return ordered[:, is_new], places
