"""Sparse-matrix primitives: sort pairs and find groups of equal ones.

Everything that lmkit counts is a sparse matrix with a vocabulary on its axes. Adding counts up is one
operation on pairs of integers, `sort_pairs`, or `sum_pairs` where it does not matter what stood where; finding them in a
text is its special case `bucket`; scoring is the opposite one, `CellIndex.lookup`. The first two sort integers into which
whole pairs are packed, which NumPy does with vector instructions; the others are compiled kernels of `scipy.sparse` (see
`kernels`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.kernels import bucket, product, row_numbers, scatter
from lmkit.engine.pieces import row_pieces
from lmkit.engine.threads import Offsets, map_in_order

KEY_BITS = 63  # of a signed 64-bit integer that is not negative


@dataclass(frozen=True, eq=False)
class SortedPairs:
    """Pairs of integers in row-major order, equal ones beside each other as groups."""

    places: IndexArray  # (pairs,) where each pair stood before, in order
    bounds: IndexArray  # (groups + 1,) where each group begins among the sorted pairs, and their end; of the same dtype
    keys: NDArray[np.int64]  # (groups,) row and column of each in one number
    column_bits: int  # how many of its bits are those of the column

    @property
    def rows(self) -> NDArray[np.int64]:
        """(groups,) the row of each."""
        return self.keys >> self.column_bits

    @property
    def columns(self) -> NDArray[np.int64]:
        """(groups,) the column of each, ascending within a row."""
        return self.keys & ((1 << self.column_bits) - 1)

    def sums(self, weights: NDArray[Any]) -> NDArray[Any]:
        """(groups,) the summed weights (pairs,) of each group, of their dtype."""
        return product(self.bounds, self.places, np.ones(len(self.places), weights.dtype), weights)

    def groups(self) -> IndexArray:
        """(pairs,) the group of each pair, in the order in which they were given."""
        return scatter(row_numbers(self.bounds), self.places)

    def indptr(self, rows: int) -> NDArray[np.int64]:
        """(rows + 1,) where each row begins among the groups."""
        return np.searchsorted(self.keys, np.arange(rows + 1) << self.column_bits)


def sort_pairs(rows: IndexArray, columns: IndexArray, shape: tuple[int, int]) -> SortedPairs:
    """Sort (row, column) pairs inside `shape` and find the groups of equal ones. rows, columns: (pairs,) integers.

    Row, column and place of a pair are packed into one 64-bit integer where they fit, which they do unless there are
    millions of rows, columns and pairs at once.
    """
    pairs = len(rows)
    dtype = index_dtype(pairs)
    place_bits, column_bits, row_bits = (max(size - 1, 0).bit_length() for size in (pairs, shape[1], shape[0]))
    keys = np.left_shift(rows, column_bits, dtype=np.int64)
    keys |= columns
    if place_bits + column_bits + row_bits <= KEY_BITS:
        keys <<= place_bits
        keys |= np.arange(pairs, dtype=dtype)
        keys.sort()
        places: IndexArray = np.empty(pairs, dtype)
        np.bitwise_and(keys, (1 << place_bits) - 1, out=places, casting="unsafe")
        keys >>= place_bits
    else:
        order = np.argsort(keys, kind="stable")
        keys, places = keys.take(order), order.astype(dtype)
    bounds = group_bounds(keys)
    return SortedPairs(places, bounds.astype(dtype), keys.take(bounds[:-1]), column_bits)


def group_bounds(keys: NDArray[np.int64]) -> IndexArray:
    """(groups + 1,) where each group of equal keys begins among the sorted ones (keys,), and their end."""
    is_first = np.empty(len(keys) + 1, bool)
    is_first[:1] = is_first[len(keys) :] = True  # the end closes the last group
    np.not_equal(keys[1:], keys[:-1], out=is_first[1 : len(keys)])
    return np.flatnonzero(is_first)


def sum_pairs(
    parts: Sequence[tuple[IndexArray, IndexArray, int]], weights: NDArray[Any], shape: tuple[int, int]
) -> tuple[IndexArray, IndexArray, NDArray[Any]]:
    """The distinct pairs inside `shape` in row-major order, as rows and columns, and the summed weights of each.

    parts: rows (pairs,), columns (pairs,) and the place of the weight of all pairs of a part. The weights are few: what is
    sorted is the pair and the place of its weight in one 64-bit integer, unless they do not fit.
    """
    sizes = [len(columns) for _, columns, _ in parts]
    column_bits, row_bits = (max(size - 1, 0).bit_length() for size in (shape[1], shape[0]))
    weight_bits = max(len(weights) - 1, 0).bit_length()
    fits = weight_bits + column_bits + row_bits <= KEY_BITS
    shift = weight_bits if fits else 0
    keys, end = np.empty(sum(sizes), np.int64), 0
    for rows, columns, weight in parts:
        start, end = end, end + len(columns)
        here = keys[start:end]
        np.left_shift(rows, column_bits + shift, out=here, dtype=np.int64)
        here |= np.left_shift(columns, shift, dtype=np.int64)
        if fits:
            here |= weight
    if fits:
        keys.sort()
        values = weights.take(keys & ((1 << shift) - 1))
        keys >>= shift
    else:
        order = np.argsort(keys, kind="stable")
        values = weights.take(np.repeat([weight for _, _, weight in parts], sizes).take(order))
        keys = keys.take(order)
    bounds = group_bounds(keys)
    distinct = keys.take(bounds[:-1])
    sums = np.add.reduceat(values, bounds[:-1]) if len(values) else values
    return distinct >> column_bits, distinct & ((1 << column_bits) - 1), sums


def group_many(
    rows: IndexArray, columns: IndexArray, shape: tuple[int, int], workers: int | None = None
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Group more pairs than fit the caches: bucketed by row first, then grouped range of rows by range of rows, in threads.

    Returns indptr (shape[0] + 1,), the column of each group (groups,), and the group of each pair (pairs,), numbered in
    row-major order.
    """
    dtype = index_dtype(max(len(rows), *shape))
    bounds, sorted_columns, places = bucket(
        rows.astype(dtype, copy=False), columns.astype(dtype, copy=False), np.arange(len(rows), dtype=dtype), shape[0]
    )
    groups: IndexArray = np.empty(len(rows), dtype)
    grouped, lengths = np.empty(len(rows), dtype), np.zeros(shape[0] + 1, dtype)
    offsets = Offsets()

    def group_rows(numbered: tuple[int, tuple[int, int]]) -> None:
        number, (first, last) = numbered
        here = slice(int(bounds[first]), int(bounds[last]))
        found = sort_pairs(row_numbers(bounds[first : last + 1]), sorted_columns[here], (last - first, shape[1]))
        start = offsets.take(number, len(found.keys))
        grouped[start : start + len(found.keys)] = found.columns
        lengths[first + 1 : last + 1] = np.diff(found.indptr(last - first))
        groups[places[here]] = found.groups() + dtype(start)

    for _ in map_in_order(offsets.guard(group_rows), enumerate(row_pieces(bounds)), workers):
        pass
    return np.cumsum(lengths, dtype=dtype), grouped[: offsets.total], groups


def row_sums(indptr: IndexArray, values: NDArray[Any]) -> NDArray[Any]:
    """(rows,) the sum of the values (entries,) of each row: the product of the matrix with the vector of ones."""
    return product(indptr, np.zeros(len(values), indptr.dtype), values, np.ones(1, values.dtype))
