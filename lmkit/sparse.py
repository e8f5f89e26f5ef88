"""Sparse-matrix primitives: group pairs, look cells up, cut rows into pieces.

Everything that lmkit counts is a sparse matrix with a vocabulary on its axes. Adding counts up is one
operation on pairs of integers, `group_pairs`; finding them in a text is its special case `bucket`; scoring is the opposite
one, `CellIndex.lookup`. Both lean on the compiled kernels of `scipy.sparse`.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_matrix

IndexArray = NDArray[np.signedinteger[Any]]  # int32 up to 2**31 entries, int64 beyond
CountArray = NDArray[np.signedinteger[Any]]
FloatArray = NDArray[np.floating[Any]]


def index_dtype(largest: int) -> type[np.signedinteger[Any]]:
    """The dtype of indices that go up to `largest`: int32 while it fits, then int64."""
    return np.int32 if largest < 2**31 else np.int64


def group_pairs(
    rows: IndexArray, columns: IndexArray, weights: NDArray[Any] | None = None, *, shape: tuple[int, int]
) -> tuple[IndexArray, IndexArray, CountArray, IndexArray]:
    """Group equal (row, column) pairs; the groups are numbered in row-major order.

    rows, columns: (pairs,) integers inside `shape`; weights: (pairs,), 1 each when None.
    Returns the CSR structure of the distinct pairs and where each pair went:
    indptr (shape[0] + 1,), columns of the groups (groups,), summed weights (groups,), group of each pair (pairs,).

    The pairs are bucketed by row, then sorted within rows (both compiled code of SciPy);
    a group begins where the column changes or a row begins.
    """
    pairs = len(rows)
    dtype = index_dtype(max(pairs, *shape))
    if pairs == 0:
        nothing = np.zeros(0, dtype)
        return (
            np.zeros(shape[0] + 1, dtype),
            nothing,
            np.zeros(0, np.int64 if weights is None else weights.dtype),
            nothing,
        )
    coo = coo_array((np.arange(pairs, dtype=dtype), (rows, columns)), shape=shape)
    coo.has_canonical_format = True  # duplicates are what we group: they must not be summed
    csr = coo.tocsr()
    csr.has_sorted_indices = False
    csr.sort_indices()
    positions, sorted_columns, indptr = csr.data, csr.indices, csr.indptr

    is_first = np.empty(pairs + 1, dtype=bool)  # one slot more: rows without pairs at the end point there
    np.not_equal(sorted_columns[1:], sorted_columns[:-1], out=is_first[1:-1])
    is_first[indptr[:-1]] = True
    is_first[0] = True
    is_first = is_first[:-1]
    firsts = np.flatnonzero(is_first)
    sorted_groups = np.cumsum(is_first, dtype=dtype)
    sorted_groups -= 1
    groups = np.empty(pairs, dtype)
    groups[positions] = sorted_groups
    if weights is None:
        sums = np.diff(firsts, append=pairs)
    else:
        sums = np.add.reduceat(weights[positions], firsts, dtype=weights.dtype)
    group_indptr = np.append(sorted_groups, dtype(len(firsts)))[indptr]
    return group_indptr, sorted_columns[firsts], sums, groups


def bucket(
    rows: IndexArray, columns: IndexArray, positions: IndexArray, buckets: int
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Sort (column, position) pairs by row, stably: a counting sort.

    rows: (pairs,) below `buckets`. Returns where each bucket begins (buckets + 1,), and columns and positions in order.
    """
    largest = int(columns.max(initial=0)) + 1
    coo = coo_array((positions, (rows, columns)), shape=(buckets, largest))
    coo.has_canonical_format = True  # equal pairs must stay apart
    csr = coo.tocsr()
    if not len(rows):  # SciPy chooses its own dtype then
        return np.zeros(buckets + 1, rows.dtype), columns, positions
    return csr.indptr, csr.indices, csr.data


class CellIndex:
    """A CSR structure prepared for looking up the entry numbers of many cells."""

    def __init__(self, indptr: IndexArray, indices: IndexArray, columns: int) -> None:
        """indptr: (rows + 1,); indices: (entries,) ascending within a row, below `columns`."""
        self.rows = len(indptr) - 1
        numbers = np.arange(1, len(indices) + 1, dtype=indptr.dtype)  # 0 means "not stored"
        # csr_matrix, not csr_array: its fancy indexing returns the values without building a new sparse array.
        self._matrix = csr_matrix((numbers, indices, indptr), shape=(self.rows, columns), copy=False)
        self._matrix.has_sorted_indices = True
        self._matrix.has_canonical_format = True

    def lookup(self, rows: IndexArray, columns: IndexArray) -> IndexArray:
        """(cells,) the entry number of each cell (row, column), -1 where nothing is stored."""
        if not len(rows):
            return np.zeros(0, np.int32)
        found: IndexArray = np.asarray(self._matrix[rows, columns]).ravel()
        return found - 1


def row_numbers(indptr: IndexArray, first: int = 0, last: int | None = None) -> IndexArray:
    """The row of each entry of the rows first <= row < last (default: all rows)."""
    last = len(indptr) - 1 if last is None else last
    return np.repeat(np.arange(first, last, dtype=indptr.dtype), np.diff(indptr[first : last + 1]))


def row_pieces(indptr: IndexArray, entries: int = 1 << 18) -> Iterator[tuple[int, int]]:
    """Cut the rows into ranges (first, last) of about `entries` entries each; a row is never cut."""
    rows, total = len(indptr) - 1, int(indptr[-1])
    targets = np.arange(entries, total, entries, dtype=indptr.dtype)
    cuts = np.unique(np.concatenate(([0], np.searchsorted(indptr, targets), [rows])))
    yield from pairwise(cuts.tolist())
