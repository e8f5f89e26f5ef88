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


def assemble(rows: Iterable[tuple[IndexArray, IndexArray, NDArray[Any]]], scratch: Scratch) -> Matrix:
    """A matrix from the row lengths, columns and sums of consecutive ranges of rows."""
    lengths, columns, sums = [], [], []
    kept = 0  # ranges that were put away on disk
    for row_lengths, row_columns, row_sums in rows:
        lengths.append(row_lengths)
        columns.append(row_columns)
        sums.append(row_sums)
        if isinstance(scratch, DiskScratch) and sum(map(len, sums[kept:])) > KEPT_TOGETHER:
            for pieces in (columns, sums):
                pieces[kept:] = scratch.keep([np.concatenate(pieces[kept:])])
            kept = len(sums)
        scratch.release()
    total = sum(map(len, columns))
    dtype = index_dtype(total)
    indptr = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum().astype(dtype)
    indices, values = scratch.allocate(total, dtype), scratch.allocate(total, sums[0].dtype if sums else np.int64)
    for pieces, target in ((columns, indices), (sums, values)):
        place = 0
        for number, piece in enumerate(pieces):
            target[place : place + len(piece)] = piece
            place += len(piece)
            pieces[number] = piece[:0]  # its memory can be had again
            scratch.release()
    return indptr, indices, values


def add_matrices(matrices: list[Matrix], types: int, scratch: Scratch, workers: int | None) -> Matrix:
    """The sum of matrices with `types` rows and columns, range of rows by range of rows."""

    def add_rows(rows: tuple[int, int]) -> tuple[IndexArray, IndexArray, NDArray[Any]]:
        parts = [rows_of(matrix, *rows, types) for matrix in matrices]
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
