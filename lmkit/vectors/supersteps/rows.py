"""Ranges of rows of a matrix: where they lie, and as messages hold them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.runners.payloads import in_planes, of_planes, packed, unpacked
from lmkit.engine.runners.protocol import Message
from lmkit.vectors.assembling import Matrix, Rows


def cuts_of(counts: NDArray[np.int64], ranges: int) -> NDArray[np.int64]:
    """(ranges + 1,) the words with which ranges begin, and their number, so that about as much text is about those of each; fewer where a word has more.

    counts: (words,) how often each occurs
    """
    if not counts.any():
        return np.unique(np.array([0, len(counts)], np.int64))
    ends = np.cumsum(counts)
    places = int(ends[-1]) * np.arange(1, ranges) // ranges
    words = np.searchsorted(ends, places, side="right")
    words += 2 * (places - ends[words] + counts[words]) > counts[words]  # where that is nearer
    return np.unique(np.concatenate(([0], words, [len(counts)])))


def packed_rows(matrix: Matrix, first: int, last: int) -> bytes:
    """The rows first <= row < last of a matrix of whole numbers."""
    indptr, indices, sums = matrix
    here = slice(int(indptr[first]), int(indptr[last]))
    arrays = {"lengths": np.diff(indptr[first : last + 1]), "columns": indices[here], "sums": sums[here]}
    return packed({name: in_planes(array) for name, array in arrays.items()})


def rows_in(message: Message) -> Rows:
    """The rows in a message."""
    arrays = unpacked(message)
    columns = of_planes(arrays["columns"])
    return of_planes(arrays["lengths"], np.int64), columns, of_planes(arrays["sums"], np.int64)


def matrix_in(message: Message) -> Matrix:
    """The same as a matrix."""
    lengths, columns, sums = rows_in(message)
    indptr: NDArray[Any] = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=indptr[1:])
    return indptr, columns, sums
