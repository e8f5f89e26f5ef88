"""Products of matrices, piece of rows by piece of rows, each by one thread: the same bits by any number of threads."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import add_products
from lmkit.engine.pieces import row_pieces
from lmkit.engine.threads import map_in_order

CELLS_AT_A_TIME = 1 << 19  # of a sparse matrix
ROWS_AT_A_TIME = 1 << 12  # of a dense one
Dense = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Products:
    """Products by so many threads (None: as many as cores). BLAS is to have one thread (see `engine.linear_algebra`)."""

    workers: int | None

    def sparse(self, matrix: Any, block: Dense) -> Dense:
        """(rows, b) a CSR matrix times a dense block (columns, b)."""
        block = np.ascontiguousarray(block)
        product = np.zeros((matrix.shape[0], block.shape[1]), np.float32)
        indptr = matrix.indptr

        def multiply(rows: tuple[int, int]) -> None:
            first, last = rows
            here = slice(int(indptr[first]), int(indptr[last]))
            bounds = indptr[first : last + 1] - indptr[first]
            add_products(bounds, matrix.indices[here], matrix.data[here], block, product[first:last])

        self._all(multiply, row_pieces(indptr, CELLS_AT_A_TIME))
        return product

    def inner(self, basis: Dense, block: Dense) -> NDArray[np.float64]:
        """(m, b) basisᵀ · block, of (n, m) and (n, b). The sums of the pieces are added up in 64 bits, in their order."""
        total = np.zeros((basis.shape[1], block.shape[1]))
        for part in map_in_order(lambda rows: basis[rows].T @ block[rows], self._slices(len(block)), self.workers):
            total += part
        return total

    def subtract(self, basis: Dense, coefficients: NDArray[np.float64], block: Dense) -> None:
        """Block −= basis · coefficients, in place."""
        narrow = coefficients.astype(np.float32)

        def work(rows: slice) -> None:
            block[rows] -= basis[rows] @ narrow

        self._all(work, self._slices(len(block)))

    def outer(self, basis: Dense, coefficients: NDArray[np.float64]) -> Dense:
        """(n, k) basis · coefficients."""
        narrow = coefficients.astype(np.float32)
        product = np.empty((len(basis), narrow.shape[1]), np.float32)

        def work(rows: slice) -> None:
            product[rows] = basis[rows] @ narrow

        self._all(work, self._slices(len(basis)))
        return product

    def _all(self, work: Any, pieces: Any) -> None:
        """Have the work done on all pieces."""
        for _ in map_in_order(work, pieces, self.workers):
            pass

    @staticmethod
    def _slices(rows: int) -> Any:
        """Ranges of rows."""
        return (slice(first, first + ROWS_AT_A_TIME) for first in range(0, rows, ROWS_AT_A_TIME))
