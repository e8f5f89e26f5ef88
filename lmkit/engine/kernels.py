"""The compiled kernels that counting and scoring stand on: bucketing, looking cells up, expanding rows.

No other module imports what SciPy keeps to itself; each kernel has a slower form made of public functions.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_matrix

from lmkit.engine.arrays import IndexArray

try:  # SciPy's kernels without their wrappers: a third faster, and they let other threads run. Without them, public ones do
    from scipy.sparse._sparsetools import coo_tocsr, coo_todense, csr_sample_offsets, expandptr
except ImportError:  # pragma: no cover
    coo_tocsr = coo_todense = csr_sample_offsets = expandptr = None


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


def add_to_table(
    table: NDArray[Any], rows: NDArray[np.int32], columns: NDArray[np.int32], values: NDArray[Any]
) -> None:
    """Add each value (cells,) of the dtype of the table (all rows, all columns) to the cell it belongs to, in place."""
    if coo_todense is not None:
        coo_todense(*table.shape, len(values), rows, columns, values, table.ravel(), 0)
    else:
        np.add.at(table, (rows, columns), values)


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

    def find(self, rows: IndexArray, columns: IndexArray) -> IndexArray:
        """The same as `lookup` for rows of which some may be -1: none, in which nothing is stored."""
        if not len(rows) or rows.min() >= 0:
            return self.lookup(rows, columns)
        there = np.flatnonzero(rows >= 0)
        found = np.full(len(rows), -1, self._indptr.dtype)
        found[there] = self.lookup(rows.take(there), columns.take(there))
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
