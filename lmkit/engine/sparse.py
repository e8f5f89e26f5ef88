"""Sparse-matrix primitives: group pairs, look cells up, cut rows into pieces.

Everything that lmkit counts is a sparse matrix with a vocabulary on its axes. Adding counts up is one
operation on pairs of integers, `group_pairs`; finding them in a text is its special case `bucket`; scoring is the opposite
one, `CellIndex.lookup`. The first sorts integers into which whole pairs are packed, which NumPy does with vector
instructions; the others are compiled kernels of `scipy.sparse`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, csr_matrix

from lmkit.engine.threads import Offsets, map_in_order

try:  # SciPy's kernels without their wrappers: a third faster, and they let other threads run. Not needed: see below
    from scipy.sparse._sparsetools import coo_tocsr, csr_sample_offsets, expandptr
except ImportError:  # pragma: no cover
    coo_tocsr = csr_sample_offsets = expandptr = None

IndexArray = NDArray[np.signedinteger[Any]]  # int32 up to 2**31 entries, int64 beyond
CountArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.floating[Any]]

KEY_BITS = 63  # of a signed 64-bit integer that is not negative


def index_dtype(largest: int) -> type[np.signedinteger[Any]]:
    """The dtype of indices that go up to `largest`: int32 while it fits, then int64."""
    return np.int32 if largest < 2**31 else np.int64


@dataclass(frozen=True, eq=False)
class SortedPairs:
    """Pairs of integers in row-major order, equal ones beside each other as groups."""

    places: IndexArray  # (pairs,) where each pair stood before, in order
    bounds: IndexArray  # (groups + 1,) where each group begins among the sorted pairs, and their end
    rows: IndexArray  # (groups,)
    columns: IndexArray  # (groups,) ascending within a row

    def sums(self, weights: NDArray[Any]) -> NDArray[Any]:
        """(groups,) the summed weights (pairs,) of each group."""
        ones = np.ones(len(self.places), weights.dtype)
        shape = (len(self.columns), len(weights))
        found: NDArray[Any] = csr_array((ones, self.places, self.bounds), shape=shape) @ weights
        return found

    def groups(self, dtype: Any) -> IndexArray:
        """(pairs,) the group of each pair, in the order in which they were given."""
        found: IndexArray = np.empty(len(self.places), dtype)
        found[self.places] = row_numbers(self.bounds)
        return found

    def indptr(self, rows: int, dtype: Any) -> IndexArray:
        """(rows + 1,) where each row begins among the groups."""
        numbers = self.rows.astype(dtype)
        return bucket(numbers, numbers, numbers, rows)[0]


def sort_pairs(rows: IndexArray, columns: IndexArray, shape: tuple[int, int]) -> SortedPairs:
    """Sort (row, column) pairs inside `shape` and find the groups of equal ones. rows, columns: (pairs,) integers.

    Row, column and place of a pair are packed into one 64-bit integer where they fit, which they do unless there are
    millions of rows, columns and pairs at once.
    """
    pairs = len(rows)
    place_bits, column_bits, row_bits = (max(size - 1, 0).bit_length() for size in (pairs, shape[1], shape[0]))
    if place_bits + column_bits + row_bits <= KEY_BITS:
        keys = np.left_shift(rows, column_bits + place_bits, dtype=np.int64)
        keys |= np.left_shift(columns, place_bits, dtype=np.int64)
        keys |= np.arange(pairs)
        keys.sort()
        places = keys & ((1 << place_bits) - 1)
        keys >>= place_bits
    else:
        keys = np.left_shift(rows, column_bits, dtype=np.int64)
        keys |= columns
        places = np.argsort(keys, kind="stable")
        keys = keys.take(places)
    is_first = np.empty(pairs + 1, bool)
    is_first[:1] = is_first[pairs:] = True  # the end closes the last group
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:pairs])
    bounds = np.flatnonzero(is_first)
    distinct = keys.take(bounds[:-1])
    return SortedPairs(places, bounds, distinct >> column_bits, distinct & ((1 << column_bits) - 1))


def group_pairs(
    rows: IndexArray, columns: IndexArray, weights: NDArray[Any] | None = None, *, shape: tuple[int, int]
) -> tuple[IndexArray, IndexArray, CountArray, IndexArray]:
    """Group equal (row, column) pairs; the groups are numbered in row-major order.

    rows, columns: (pairs,) integers inside `shape`; weights: (pairs,), 1 each when None.
    Returns the CSR structure of the distinct pairs and where each pair went:
    indptr (shape[0] + 1,), columns of the groups (groups,), summed weights (groups,), group of each pair (pairs,).
    """
    dtype = index_dtype(max(len(rows), *shape))
    found = sort_pairs(rows, columns, shape)
    sums = np.diff(found.bounds) if weights is None else found.sums(weights)
    return found.indptr(shape[0], dtype), found.columns.astype(dtype), sums, found.groups(dtype)


def group_many(
    rows: IndexArray, columns: IndexArray, shape: tuple[int, int], workers: int | None = None
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Group more pairs than fit the caches: bucketed by row first, then grouped range of rows by range of rows, in threads.

    Returns indptr, columns of the groups and the group of each pair, as `group_pairs` does.
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
        start = offsets.take(number, len(found.columns))
        grouped[start : start + len(found.columns)] = found.columns
        lengths[first + 1 : last + 1] = np.diff(found.indptr(last - first, dtype))
        groups[places[here]] = found.groups(dtype) + dtype(start)

    for _ in map_in_order(offsets.guard(group_rows), enumerate(row_pieces(bounds)), workers):
        pass
    return np.cumsum(lengths, dtype=dtype), grouped[: offsets.total], groups


def bucket(
    rows: IndexArray, columns: IndexArray, positions: IndexArray, buckets: int
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Sort (column, position) pairs by row, stably: a counting sort.

    rows: (pairs,) below `buckets`, of the same dtype as columns. Returns where each bucket begins (buckets + 1,), and
    columns and positions in order.
    """
    if coo_tocsr is not None:
        bounds = np.empty(buckets + 1, rows.dtype)
        sorted_columns, sorted_positions = np.empty_like(columns), np.empty_like(positions)
        # The kernel does not look at the number of columns.
        coo_tocsr(buckets, 1, len(rows), rows, columns, positions, bounds, sorted_columns, sorted_positions)
        return bounds, sorted_columns, sorted_positions
    if not len(rows):  # SciPy chooses its own dtype then
        return np.zeros(buckets + 1, rows.dtype), columns, positions
    coo = coo_array((positions, (rows, columns)), shape=(buckets, int(columns.max()) + 1))
    coo.has_canonical_format = True  # equal pairs must stay apart
    csr = coo.tocsr()
    return csr.indptr, csr.indices, csr.data


class CellIndex:
    """A CSR structure prepared for looking up the entry numbers of many cells."""

    def __init__(self, indptr: IndexArray, indices: IndexArray, columns: int) -> None:
        """indptr: (rows + 1,); indices: (entries,) ascending within a row, below `columns`, of the same dtype."""
        self._indptr, self._indices, self._columns = indptr, indices.astype(indptr.dtype, copy=False), columns

    def lookup(self, rows: IndexArray, columns: IndexArray) -> IndexArray:
        """(cells,) the entry number of each cell (row, column), -1 where nothing is stored."""
        dtype = self._indptr.dtype
        found: IndexArray = np.empty(len(rows), dtype)
        if len(rows) and csr_sample_offsets is not None:
            cells = rows.astype(dtype, copy=False), columns.astype(dtype, copy=False)
            # Told that there is one row, the kernel checks the order of its columns in that one, and not in all rows at
            # every call; the rows to look up it takes as they are.
            csr_sample_offsets(1, self._columns, self._indptr, self._indices, len(rows), *cells, found)
        elif len(rows):
            found[:] = np.asarray(self._numbers[rows, columns]).ravel()
            found -= 1
        return found

    @cached_property
    def _numbers(self) -> Any:
        """The entry numbers, from 1, as a matrix; 0 is "not stored"."""
        numbers = np.arange(1, len(self._indices) + 1, dtype=self._indptr.dtype)
        shape = (len(self._indptr) - 1, self._columns)
        # csr_matrix, not csr_array: its fancy indexing returns the values without building a new sparse array.
        matrix = csr_matrix((numbers, self._indices, self._indptr), shape=shape, copy=False)
        matrix.has_sorted_indices = matrix.has_canonical_format = True
        return matrix


def row_numbers(indptr: IndexArray, first: int = 0, last: int | None = None) -> IndexArray:
    """The row of each entry of the rows first <= row < last (default: all rows)."""
    bounds = indptr[first:] if last is None else indptr[first : last + 1]
    if expandptr is None:
        numbers = np.arange(len(bounds) - 1, dtype=bounds.dtype)
        numbers = np.repeat(numbers, np.diff(bounds))
    else:
        bounds = bounds - bounds[0]
        numbers = np.empty(int(bounds[-1]), bounds.dtype)
        expandptr(len(bounds) - 1, bounds, numbers)
    if first:
        numbers += bounds.dtype.type(first)
    return numbers


def row_sums(indptr: IndexArray, values: NDArray[Any]) -> NDArray[Any]:
    """(rows,) the sum of the values (entries,) of each row: the product of the matrix with the vector of ones."""
    ones = np.ones(1, values.dtype)
    columns = np.zeros(len(values), indptr.dtype)
    sums: NDArray[Any] = csr_array((values, columns, indptr), shape=(len(indptr) - 1, 1)) @ ones
    return sums


def row_pieces(indptr: IndexArray, entries: int = 1 << 18) -> Iterator[tuple[int, int]]:
    """Cut the rows into ranges (first, last) of about `entries` entries each; a row is never cut."""
    rows, total = len(indptr) - 1, int(indptr[-1])
    targets = np.arange(entries, total, entries, dtype=indptr.dtype)
    cuts = np.unique(np.concatenate(([0], np.searchsorted(indptr, targets), [rows])))
    yield from pairwise(cuts.tolist())
