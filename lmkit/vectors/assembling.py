"""Matrices from their rows, and sums of matrices, range of rows by range of rows."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.pieces import row_pieces
from lmkit.engine.scratch import DiskScratch, Scratch
from lmkit.engine.threads import map_in_order

PAIRS_AT_A_TIME = 1 << 18
KEPT_TOGETHER = 1 << 20  # sums that are put away on disk together
Matrix = tuple[IndexArray, IndexArray, NDArray[Any]]  # indptr, indices, summed weights
# Of a range of rows: their lengths; columns and sums, row by row. The sums may be in 32 bits where they fit.
Rows = tuple[IndexArray, IndexArray, NDArray[Any]]


def assemble(rows: Iterable[Rows], scratch: Scratch) -> Matrix:
    """A matrix from consecutive ranges of rows."""
    return joined(collected(rows, scratch), scratch)


def collected(rows: Iterable[Rows], scratch: Scratch) -> list[Rows]:
    """The ranges of rows as they come; where room is on disk, what they hold is put away there, many at a time."""
    parts: list[Rows] = []
    kept = 0  # ranges that were put away on disk
    held = 0  # sums that were not
    for part in rows:
        parts.append(part)
        held += len(part[2])
        if isinstance(scratch, DiskScratch) and held > KEPT_TOGETHER:
            bounds = np.cumsum([0, *(len(sums) for _, _, sums in parts[kept:])]).tolist()
            columns, sums = scratch.keep([np.concatenate([part[place] for part in parts[kept:]]) for place in (1, 2)])
            for number, here in enumerate(map(slice, bounds, bounds[1:]), start=kept):
                parts[number] = parts[number][0], columns[here], sums[here]
            kept, held = len(parts), 0
        scratch.release()
    return parts


def narrow(sums: NDArray[Any]) -> NDArray[Any]:
    """The sums in 32 bits if they are integers that fit."""
    return sums.astype(np.int32) if sums.dtype.kind == "i" and sums.max(initial=0) < 1 << 31 else sums


def joined(parts: list[Rows], scratch: Scratch) -> Matrix:
    """A matrix from its consecutive ranges of rows. The list is emptied, so that each can be freed once it is copied."""
    total = sum(len(sums) for _, _, sums in parts)
    dtype = index_dtype(total)
    lengths = [lengths for lengths, _, _ in parts]
    indptr = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum().astype(dtype)
    indices = scratch.allocate(total, dtype)
    values = scratch.allocate(total, np.result_type(np.int64, *{sums.dtype for _, _, sums in parts}))
    place = 0
    parts.reverse()
    while parts:
        _, columns, sums = parts.pop()
        indices[place : place + len(columns)] = columns
        values[place : place + len(sums)] = sums
        place += len(sums)
        scratch.release()
    return indptr, indices, values


def add_matrices(matrices: list[Matrix], columns: int, scratch: Scratch, workers: int | None) -> Matrix:
    """The sum of matrices with as many rows, and so many columns, range of rows by range of rows."""

    def add_rows(rows: tuple[int, int]) -> Rows:
        parts = [rows_of(matrix, *rows, columns) for matrix in matrices]
        while len(parts) > 1:  # two and two, so that nothing is copied more often than there are doublings
            parts = [sum(parts[place + 1 : place + 2], parts[place]) for place in range(0, len(parts), 2)]
        return np.diff(parts[0].indptr), parts[0].indices, parts[0].data

    before = np.sum([indptr.astype(np.int64) for indptr, _, _ in matrices], axis=0)
    return assemble(map_in_order(add_rows, row_pieces(before, PAIRS_AT_A_TIME), workers), scratch)


def rows_of(matrix: Matrix, first: int, last: int, columns: int) -> Any:
    """The rows first <= row < last of a matrix with so many columns, as a csr_array. Nothing is copied."""
    indptr, indices, sums = matrix
    here = slice(int(indptr[first]), int(indptr[last]))
    bounds = indptr[first : last + 1] - indptr[first]
    return csr_array((sums[here], indices[here], bounds), shape=(last - first, columns))
