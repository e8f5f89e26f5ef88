"""The third step: the slices of a range are added up, order by order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.pieces import row_pieces
from lmkit.engine.runners.payloads import packed, unpacked
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.sparse import sort_pairs
from lmkit.ngrams.counting.runs import CompactCounts, compact
from lmkit.ngrams.counting.supersteps.slices import Arrays, arrays_of_order, order_arrays, rows_between

SIZES = "sizes"  # a kind: (orders from 2 on, 2) how many n-grams there are, and their largest count


def merged_kind(k: int) -> str:
    """The kind of the message with an order of a merged range."""
    return f"order {k}"


@dataclass(frozen=True, eq=False)
class Merging:
    """How ranges are merged."""

    order: int
    types: int
    cuts: NDArray[np.int64]

    def __call__(self, number: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To the driver, the n-grams of a range, each order a slice by itself, and the sizes of all."""
        slices = [unpacked(message) for message in messages]
        first, last = rows_between(*self.cuts[number : number + 2])
        rows = last - first
        rows_of: list[IndexArray] = [np.arange(rows, dtype=np.int32)] * len(slices)
        sizes = []
        for k in range(2, self.order + 1):
            parts = [SliceOrder.of(arrays, k, merged) for arrays, merged in zip(slices, rows_of, strict=True)]
            lengths, words, counts, rows_of = merge_slices(parts, rows, self.types, mapped=k < self.order)
            rows = len(words)
            sizes.append((rows, int(counts.max(initial=0))))
            yield Message(DRIVER, number, merged_kind(k), packed(order_arrays(k, lengths, words, counts)))
        yield Message(DRIVER, number, SIZES, packed({SIZES: np.array(sizes, np.int64)}))


@dataclass(frozen=True, eq=False)
class SliceOrder:
    """One order of a slice that is being merged."""

    bounds: IndexArray  # (rows + 1,) where the n-grams of each row begin
    words: IndexArray  # (n-grams,) the last word of each
    counts: CompactCounts  # (n-grams,)
    merged: IndexArray  # (rows,) which row of the merged order each is; ascending

    @classmethod
    def of(cls, arrays: Arrays, k: int, merged: IndexArray) -> "SliceOrder":
        """An order of a slice."""
        lengths, words, counts = arrays_of_order(arrays, k)
        bounds = np.zeros(len(lengths) + 1, index_dtype(len(words)))
        np.cumsum(lengths, out=bounds[1:])
        return cls(bounds, words, counts, merged)

    def between(self, low: int, high: int) -> tuple[slice, IndexArray]:
        """Where the n-grams of the merged rows low … high − 1 are, and (n-grams,) the row of each, less `low`."""
        first, last = np.searchsorted(self.merged, np.array([low, high], self.merged.dtype)).tolist()
        bounds = self.bounds[first : last + 1]
        rows = take(self.merged[first:last], row_numbers(bounds))
        rows -= rows.dtype.type(low)
        return slice(int(bounds[0]), int(bounds[-1])), rows


def merge_slices(
    parts: Sequence[SliceOrder], rows: int, types: int, *, mapped: bool
) -> tuple[IndexArray, IndexArray, CompactCounts, list[IndexArray]]:
    """The lengths (rows,) of merged rows, words and counts, and if mapped, the merged place (n-grams,) of those of each slice."""
    sizes = np.zeros(rows + 1, np.int64)
    for part in parts:
        sizes[1:][part.merged] += np.diff(part.bounds)
    bounds = np.cumsum(sizes)
    total = int(bounds[-1])
    dtype = index_dtype(max(total, types))
    lengths, words, counts = np.zeros(rows, np.int64), np.empty(total, np.int32), np.empty(total, np.int64)
    places: list[IndexArray] = [np.empty(len(part.words) if mapped else 0, dtype) for part in parts]
    end = 0
    for low, high in row_pieces(bounds):
        inside, here = zip(*(part.between(low, high) for part in parts), strict=True)
        columns = [part.words[place] for part, place in zip(parts, inside, strict=True)]
        found = sort_pairs(np.concatenate(here), np.concatenate(columns), (high - low, types))
        weights = np.concatenate([part.counts[place] for part, place in zip(parts, inside, strict=True)])
        start, end = end, end + len(found.keys)
        words[start:end], counts[start:end] = found.columns, found.sums(weights.astype(np.int64))
        lengths[low:high] = np.diff(found.indptr(high - low))
        if mapped:
            groups = found.groups() + dtype(start)
            ends = list(accumulate(map(len, here), initial=0))
            for target, place, own in zip(places, inside, pairwise(ends), strict=True):
                target[place] = groups[slice(*own)]
    return lengths, words[:end], compact(counts[:end]), places
