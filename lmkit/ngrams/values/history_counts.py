"""What a model knows of the words after a history: their counts added up, and how many have the count 1, 2, 3 and more.

Few histories differ in this: most were seen once or twice. So an order has one table of what differs, and a code for each
history, its place there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import take
from lmkit.engine.pieces import PIECE, row_pieces
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
LONGEST = 31  # words after a history up to which its sums are packed in 32 bits, in so many each:
BITS, SHIFTS = (13, 5, 5, 5), (0, 13, 18, 23)
FEW_BITS, FEW_SHIFTS = (6, 4, 3, 2), (0, 6, 10, 13)  # that are enough for most, which are looked up in a dense table
FEW = 1 << sum(FEW_BITS)
BEYOND_FEW = np.uint32(
    sum(((1 << bits) - (1 << few)) << shift for bits, few, shift in zip(BITS, FEW_BITS, SHIFTS, strict=True))
)
NOT_FEW = np.uint16(0xFFFF)  # in place of a key of the dense table


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
class HistoryShares:
    """What the histories of an order do with the counts of their words, by the codes of the histories."""

    divisors: NDArray[np.float64]  # (distinct,) A
    weights: NDArray[np.float64]  # (distinct,) γ


def sums_of_rows(counts: NDArray[np.int64], starts: NDArray[np.int64]) -> Sums:
    """The sums of the counts (n-grams,) of rows, none of which is empty. starts: (rows,) where each begins."""
    numbers = [counts, counts == 1, counts == 2, counts > 2]
    return np.stack([np.add.reduceat(each, starts, dtype=np.int64) for each in numbers])


def packed_sums() -> NDArray[np.uint32]:
    """(256,) what a word adds to the packed sums of its history, by its small count."""
    counts = np.arange(256)
    packed = counts.copy()
    for number, shift in zip((1, 2, 3), SHIFTS[1:], strict=True):
        packed += (np.minimum(counts, 3) == number) << shift
    return packed.astype(np.uint32)


def unpacked(packed: NDArray[np.int64], all_bits: tuple[int, ...], shifts: tuple[int, ...]) -> Sums:
    """The sums that were packed in one integer (histories,) each."""
    return np.stack([packed >> shift & ((1 << bits) - 1) for bits, shift in zip(all_bits, shifts, strict=True)])


def few_keys(packed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """(histories,) the packed sums in the fewer bits of the dense table; of no use where there are more."""
    keys = np.zeros(len(packed), np.uint32)
    for shift, bits, few_shift in zip(SHIFTS, FEW_BITS, FEW_SHIFTS, strict=True):
        moved = packed >> np.uint32(shift - few_shift)
        moved &= np.uint32(((1 << bits) - 1) << few_shift)
        keys |= moved
    return keys


@dataclass(frozen=True, eq=False)
class Apart:
    """The histories of a part that have no key in the dense table."""

    packed_rows: IndexArray
    packed: NDArray[np.uint32]  # (packed rows,)
    long_rows: IndexArray  # with more words than can be packed, or with large counts
    sums: Sums  # (4, long rows)

    def after(self, row: int) -> "Apart":
        """The same after so many rows of other parts."""
        return replace(self, packed_rows=self.packed_rows + row, long_rows=self.long_rows + row)


NONE_APART = Apart(np.zeros(0, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.int64), np.zeros((4, 0), np.int64))


class HistoryCoder:
    """The coding of the histories of one order, once all of them have been added up."""

    def __init__(self, histories: int, scratch: Scratch) -> None:
        """Codes are made in `scratch`."""
        self._scratch, self._apart = scratch, [NONE_APART]
        self._keys: NDArray[np.uint16] = scratch.allocate(histories, np.uint16)
        self._is_used = np.zeros(1 << 16, bool)  # by key, NOT_FEW included

    def add_up(self, order: Order, counts: SmallCounts, workers: int | None = None) -> None:
        """Add up all histories. counts: of the order's n-grams."""
        adding = AddingUp(order, counts, packed_sums(), self._keys, self._is_used)
        advance = stage(f"adding up the counts of {len(order):,} n-grams", len(order))
        for done, found in map_in_order(adding.piece, row_pieces(order.indptr), workers):
            self._apart.append(found)
            advance(done)
            self._scratch.release()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was added up, for another one to take in."""
        apart = {
            each.name: np.concatenate([getattr(part, each.name) for part in self._apart], axis=-1)
            for each in fields(Apart)
        }
        return {"keys": self._keys} | apart

    def take_in(self, first: int, arrays: Mapping[str, NDArray[Any]]) -> int:
        """Take in the histories from `first` on that another one has added up; returns where the next ones begin."""
        keys = arrays["keys"]
        self._keys[first : first + len(keys)] = keys
        self._is_used[keys.astype(np.intp)] = True
        self._apart.append(Apart(**{each.name: arrays[each.name] for each in fields(Apart)}).after(first))
        self._scratch.release()
        return first + len(keys)

    def run(self, places_of: Callable[[Sums], NDArray[np.int64]]) -> Codes:
        """The codes. places_of: gives the sums of histories their places in a table; all that it is given at once differ.

        What it is given does not depend on pieces, parts or threads: first what is few, then the rest, ascending.
        """
        apart = self._apart
        keys = np.flatnonzero(self._is_used[:FEW])
        packed, of_packed = np.unique(np.concatenate([each.packed for each in apart]), return_inverse=True)
        long, of_long = distinct(np.concatenate([each.sums for each in apart], axis=1))
        sums = (unpacked(keys, FEW_BITS, FEW_SHIFTS), unpacked(packed.astype(np.int64), BITS, SHIFTS), long)
        places = places_of(np.concatenate(sums, axis=1))
        few, packed_places, long_places = np.split(places, [len(keys), len(keys) + len(packed)])
        codes = self._codes(keys, few, int(places.max(initial=0)))
        codes[np.concatenate([each.packed_rows for each in apart])] = packed_places.take(of_packed)
        codes[np.concatenate([each.long_rows for each in apart])] = long_places.take(of_long)
        return codes

    def _codes(self, keys: IndexArray, places: NDArray[np.int64], largest: int) -> Codes:
        """(histories,) the codes of those with a key. keys: those used; places: (keys,) theirs; largest: of all places."""
        dtype = np.uint16 if largest < 1 << 16 else np.uint32
        code_of = np.zeros(1 << 16, dtype)
        code_of[keys] = places
        codes: Codes = self._keys if dtype is np.uint16 else self._scratch.allocate(len(self._keys), dtype)
        for first in range(0, len(codes), PIECE):
            codes[first : first + PIECE] = take(code_of, self._keys[first : first + PIECE])
            self._scratch.release()
        return codes


@dataclass(frozen=True, eq=False)
class AddingUp:
    """What adds up the counts of rows."""

    order: Order
    counts: SmallCounts  # of its n-grams
    of_word: NDArray[np.uint32]  # see `packed_sums`
    keys: NDArray[np.uint16]  # (histories,) are filled in
    is_used: NDArray[np.bool_]  # by key

    def piece(self, rows: tuple[int, int]) -> tuple[int, Apart]:
        """Find the keys of a range of rows; returns how many n-grams it has, and the rows without a key."""
        first, last = rows
        bounds, counts = self.order.indptr[first : last + 1], self.counts
        start, end = int(bounds[0]), int(bounds[-1])
        running = np.zeros(end - start + 1, np.uint32)  # wraps around at most; differences are right all the same
        np.cumsum(take(self.of_word, counts.small[start:end]), out=running[1:])
        packed = np.diff(take(running, bounds - bounds.dtype.type(start)))
        is_long = np.diff(bounds) > LONGEST
        is_long[np.searchsorted(bounds, counts.large_between(start, end), side="right") - 1] = True
        is_many = (packed & BEYOND_FEW) != 0
        keys = self.keys[first:last]
        keys[:] = few_keys(packed)
        keys |= (is_many | is_long).astype(np.uint16) * NOT_FEW
        self.is_used[keys.astype(np.intp)] = True
        packed_rows, long_rows = np.flatnonzero(is_many & ~is_long), np.flatnonzero(is_long)
        found = Apart(packed_rows, packed.take(packed_rows), long_rows, self.sums(long_rows + first))
        return end - start, found.after(first)

    def sums(self, rows: IndexArray) -> Sums:
        """The sums of rows that are not empty."""
        if not len(rows):
            return np.zeros((4, 0), np.int64)
        starts = self.order.indptr.take(rows).astype(np.int64)
        lengths = self.order.indptr.take(rows + 1).astype(np.int64) - starts
        places, _ = row_places(starts, lengths)
        return sums_of_rows(self.counts.take(places), np.cumsum(lengths) - lengths)


def distinct(columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct columns (lines, distinct), ascending, and the place of each column (columns,) among them."""
    order = np.lexsort(columns[::-1])
    ordered = columns[:, order]
    is_new = np.ones(ordered.shape[1], bool)
    is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    places = np.empty(len(order), np.int64)
    places[order] = np.cumsum(is_new) - 1
    return ordered[:, is_new], places
