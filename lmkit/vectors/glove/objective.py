"""The objective of GloVe: what it is, how large it is, and where it falls.

    J = Σ f(X)(w·w̃ + b + b̃ − ln X)²        f(X) = min(1, (X / x_max)^¾)

over the cells X of the matrix that are not 0 (Pennington, Socher & Manning 2014, equations 8 and 9): w and b of the
word of the row, w̃ and b̃ of the context of the column. The C program of its authors prints half of the mean of a cell,
J / 2n, of cells as they were seen during a pass, while the vectors changed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.pieces import row_pieces
from lmkit.engine.threads import map_in_order
from lmkit.vectors.glove.parameters import Parameters

POWER = 0.75  # α of the weights
CELLS_AT_A_TIME = 1 << 12  # whose vectors fit the caches


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a matrix, row by row: their columns, what they weigh, and what is to be learned of them."""

    indptr: IndexArray  # (words + 1,) where the cells of each row begin
    columns: IndexArray  # (cells,)
    weights: NDArray[np.float32]  # (cells,) f(X)
    logarithms: NDArray[np.float32]  # (cells,) ln X

    @classmethod
    def of_counts(cls, counts: Any, x_max: float) -> "Cells":
        """The cells of a csr_array of counts above 0."""
        weights = np.minimum(1, (counts.data / x_max) ** POWER).astype(np.float32)
        return cls(counts.indptr, counts.indices, weights, np.log(counts.data).astype(np.float32))

    def __len__(self) -> int:
        return len(self.columns)

    def part(self, numbers: Any) -> tuple[IndexArray, NDArray[np.float32], NDArray[np.float32]]:
        """Columns, weights and logarithms of cells with these numbers, or in a slice."""
        return self.columns[numbers], self.weights[numbers], self.logarithms[numbers]

    def transposed(self) -> "Cells":
        """The same cells, whose rows are the contexts. Of a symmetric matrix these are the same arrays."""
        shape = (len(self.indptr) - 1,) * 2
        parts = [
            csr_array((part, self.columns, self.indptr), shape).T.tocsr() for part in (self.weights, self.logarithms)
        ]
        weights, logarithms = parts
        turned = Cells(weights.indptr, weights.indices, weights.data, logarithms.data)
        same = all(
            map(np.array_equal, (self.indptr, *self.part(slice(None))), (turned.indptr, *turned.part(slice(None))))
        )
        return self if same else turned


def residuals(words: NDArray[Any], contexts: NDArray[Any], logarithms: NDArray[np.float32]) -> NDArray[Any]:
    """(cells,) w·w̃ + b + b̃ − ln X of cells, with the parameters (cells, d + 1) of the word and of the context of each."""
    products: NDArray[Any] = np.einsum("ij,ij->i", words[:, :-1], contexts[:, :-1])
    products += words[:, -1] + contexts[:, -1] - logarithms
    return products


def objective(cells: Cells, parameters: Parameters, workers: int | None = None) -> float:
    """J, added up in 64 bits, in the same order whatever the threads."""

    def of_rows(rows: tuple[int, int]) -> float:
        here = slice(*cells.indptr[list(rows)].tolist())
        columns, weights, logarithms = cells.part(here)
        words = parameters.words.take(row_numbers(cells.indptr, *rows), 0)
        errors = residuals(words, parameters.contexts.take(columns, 0), logarithms).astype(np.float64)
        return float(np.sum(weights * errors * errors))

    return sum(map_in_order(of_rows, row_pieces(cells.indptr, CELLS_AT_A_TIME), workers), 0.0)


def squared_length(parameters: Parameters) -> float:
    """‖w‖² + ‖b‖² + ‖w̃‖² + ‖b̃‖² of all: what a ridge is multiplied with."""
    return sum(float(np.sum(np.square(side, dtype=np.float64))) for side in (parameters.words, parameters.contexts))


def gradients(
    words: NDArray[Any], contexts: NDArray[Any], weights: NDArray[np.float32], logarithms: NDArray[np.float32]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Of each cell, the gradients (cells, d + 1) of its half of J by the parameters of its word, and of its context.

    With e = w·w̃ + b + b̃ − ln X: f(X)·e·w̃ by w, f(X)·e·w by w̃, and f(X)·e by both biases.
    """
    slopes = (weights * residuals(words, contexts, logarithms))[:, np.newaxis]
    by_words, by_contexts = slopes * contexts, slopes * words
    by_words[:, -1:] = by_contexts[:, -1:] = slopes
    return by_words, by_contexts
