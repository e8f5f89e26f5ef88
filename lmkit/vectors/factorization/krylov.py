"""The largest singular values by a block Krylov method with full reorthogonalisation (Golub & Kahan 1965; Golub & Underwood 1977).

A block of vectors is multiplied by A Aᵀ again and again; what is new in each product, made orthogonal to all before, is the next
block of a basis Q. The singular values of QᵀA, the Ritz values, approach those of A from below, the largest first.

Spectra of PMI are flat: the hundredth singular value is near the hundred-and-tenth, so that a few passes of subspace iteration, as
randomised decompositions make, leave directions out that similarity does not miss, and analogies do. The basis therefore grows
until the sum of squares of the k largest Ritz values, the energy that is found, settles.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import add_products
from lmkit.engine.linear_algebra import orthonormal_columns
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.vectors.factorization.triplets import Triplets

BLOCK = 16  # vectors multiplied together: SciPy takes the least time for each then
SETTLED = 4e-3  # a share of the energy, less than which one more block adds
PIECE = 1 << 18  # cells multiplied at a time


def krylov_triplets(matrix: Any, k: int, *, seed: int = 1, workers: int | None = None) -> Triplets:
    """The k largest singular values of a sparse matrix and their vectors, in float32; the same bits for any number of threads.

    matrix: csr_array with more rows and columns than the basis will have vectors: about 3 k.
    """
    matrix = matrix.astype(np.float32)
    backward = matrix.T.tocsr()
    size = BLOCK
    most = min(matrix.shape) // size
    advance = stage("multiplying blocks of vectors")
    random = np.random.Generator(np.random.PCG64(seed)).standard_normal((matrix.shape[1], size), dtype=np.float32)
    fresh = multiplied(matrix, random, workers)
    basis = Growing(matrix.shape[0])
    images = Growing(matrix.shape[1])  # Aᵀ of the vectors of the basis
    gram = np.zeros((0, 0))
    before = 0.0
    for block in range(1, most + 1):
        vectors = orthonormal(fresh, basis.held)
        basis.append(vectors)
        images.append(multiplied(backward, vectors, workers))
        gram = bordered(gram, images.held, size)
        advance(1)
        if block * size > k:
            energy = float(np.linalg.eigvalsh(gram)[-k:].sum())
            if energy - before <= SETTLED * energy:
                break
            before = energy
        if block < most:
            fresh = multiplied(matrix, images.held[:, -size:], workers)
    return projected(basis.held, images.held, k, block)


class Growing:
    """Columns (rows, columns) that are appended to, beside each other in memory as Fortran has them."""

    def __init__(self, rows: int) -> None:
        self._room = np.empty((rows, 0), np.float32, order="F")
        self._columns = 0

    @property
    def held(self) -> NDArray[np.float32]:
        """(rows, columns) those that were appended; not copied."""
        return self._room[:, : self._columns]

    def append(self, columns: NDArray[np.float32]) -> None:
        """Take these columns too."""
        end = self._columns + columns.shape[1]
        if end > self._room.shape[1]:
            room = np.empty((len(self._room), max(end, self._columns * 3 // 2)), np.float32, order="F")
            room[:, : self._columns] = self.held
            self._room = room
        self._room[:, self._columns : end] = columns
        self._columns = end


def multiplied(matrix: Any, vectors: NDArray[np.float32], workers: int | None) -> NDArray[np.float32]:
    """(rows, n) the product of a csr_array with vectors (columns, n), range of rows by range of rows."""
    indptr, dense = matrix.indptr, np.ascontiguousarray(vectors)
    found = np.zeros((matrix.shape[0], dense.shape[1]), np.float32)

    def multiply(rows: tuple[int, int]) -> None:
        first, last = rows
        here = slice(int(indptr[first]), int(indptr[last]))
        bounds = indptr[first : last + 1] - indptr[first]
        add_products(bounds, matrix.indices[here], matrix.data[here], dense, found[first:last])

    for _ in map_in_order(multiply, row_pieces(indptr, PIECE), workers):
        pass
    return found


def orthonormal(vectors: NDArray[np.float32], basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """An orthonormal basis of what of the vectors is orthogonal to a basis: taken out twice, as once leaves rounding behind."""
    for _ in range(2 if basis.shape[1] else 1):
        vectors = orthonormal_columns(vectors - basis @ (basis.T @ vectors))[0]
    return vectors


def bordered(gram: NDArray[np.float64], images: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """The matrix of the products of all images, given that of all but the last `size`."""
    columns = (images.T @ images[:, -size:]).astype(np.float64)
    return np.block([[gram, columns[:-size]], [columns[:-size].T, columns[-size:]]])


def projected(basis: NDArray[np.float32], images: NDArray[np.float32], k: int, blocks: int) -> Triplets:
    """The triplets of Q Qᵀ A, from the basis Q and the images AᵀQ."""
    right, triangle = orthonormal_columns(images)
    inner_left, values, inner_right = np.linalg.svd(triangle.T.astype(np.float64))
    left = basis @ inner_left[:, :k].astype(np.float32)
    return Triplets(left, values[:k], right @ inner_right[:k].T.astype(np.float32), blocks)
