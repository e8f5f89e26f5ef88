"""Singular values by block Golub–Kahan–Lanczos bidiagonalisation with full reorthogonalisation.

From a random block, A and Aᵀ are applied by turns; what comes out is made orthonormal to all that came before. On the left
that is the basis Q, on the right P, and AᵀQ = P·T for the small matrix T of the coefficients, whose singular values (the Ritz
values) approach those of A from below. All that A is asked for are products with blocks; T is kept in 64 bits.

The spectrum of PPMI is flat: the values around the last one that is wanted differ by a few thousandths, and a fixed number of
blocks, or of power iterations, stops anywhere. So blocks are added until the Ritz values settle. They only grow (Cauchy's
interlacing), and each block lets the sum of their squares grow by less than the one before, about in the same ratio: what all
further blocks would bring is the rest of a geometric series, and once that is at most `LOST` of the sum, they are not made.
(Golub, Luk & Overton 1981; the space of all blocks is what makes the difference to power iterations: Musco & Musco 2015.)
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import stage
from lmkit.vectors.factorization.products import Dense, Products
from lmkit.vectors.factorization.triplets import Triplets

LOST = 0.01  # of the sum of the squares of the wanted values, what further blocks may bring
LEAST_SUMS = 3  # of two steps
LEAST_BLOCK = 16
BLOCKS_OF_DIMENSIONS = 5  # a block has a fifth of the columns that are wanted
MOST_COLUMNS = 12  # of the bases, for each dimension wanted
ORTHOGONAL = 0.5  # of the length of each column: what is left of an orthonormal block once a basis is taken out of it, if it needs no more
MOST_PASSES = 6
DEPENDENT = 1e-2  # of the longest column, what is left of the shortest one once the others are taken out of it
ROUNDING = 1e-6  # of the length of a block: what is below are roundings of 32 bits


def krylov_triplets(matrix: Any, dimensions: int, *, seed: int = 1, workers: int | None = None) -> Triplets:
    """The `dimensions` largest singular values and vectors of a CSR matrix (n, m), dimensions <= min(n, m), in 32 bits.

    The same bits for any number of threads, if BLAS has one.
    """
    space = Space(matrix.astype(np.float32), dimensions, seed, workers)
    advance = stage("factorizing", None)
    energies: list[float] = []  # of the wanted values, block by block
    while not (settled := is_settled(energies)) and not space.is_full:
        space.grow()
        advance(1)
        if space.columns >= dimensions:
            values = np.linalg.svd(space.small, compute_uv=False)[:dimensions]
            energies.append(float(np.square(values).sum()))
    return space.triplets(dimensions, settled or space.columns == min(matrix.shape))


def is_settled(energies: list[float]) -> bool:
    """Whether the sums of squares after each block will grow by `LOST` at most, as far as the last two steps tell."""
    if len(energies) < LEAST_SUMS:
        return False
    before, step = energies[-2] - energies[-3], energies[-1] - energies[-2]
    # step (ρ + ρ² + …) = step ρ / (1 − ρ) for the ratio ρ = step / before; steps that grow tell of no end.
    return step <= ROUNDING * energies[-1] or (step < before and step**2 <= LOST * energies[-1] * (before - step))


class Space:
    """The bases of both sides and their coefficients, block by block."""

    def __init__(self, matrix: Any, dimensions: int, seed: int, workers: int | None) -> None:
        self._matrix, self._transposed = matrix, matrix.T.tocsr()
        self._products = Products(workers)
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._width = max(LEAST_BLOCK, round(dimensions / BLOCKS_OF_DIMENSIONS))
        self._most = min(*matrix.shape, MOST_COLUMNS * dimensions + 4 * self._width)
        # Memory that is not written to costs nothing; of columns that stand one after the other, the first ones are a matrix.
        self._left, self._right = (np.empty((size, self._most), np.float32, order="F") for size in matrix.shape)
        self._coefficients = np.zeros((self._most, self._most))
        self.columns = self.blocks = 0
        self._last: Dense = self._noise(matrix.shape[1], self._width)  # of the right side: the next block is made of it

    @property
    def small(self) -> NDArray[np.float64]:
        """(columns, columns) T."""
        return self._coefficients[: self.columns, : self.columns]

    @property
    def is_full(self) -> bool:
        """Whether there is no room for more columns."""
        return bool(self.columns == self._most)

    def grow(self) -> None:
        """Add a block to both bases."""
        start = self.columns
        end = min(start + self._width, self._most)
        block = self._products.sparse(self._matrix, self._last[:, : end - start])
        block, _ = self._orthonormal(block, self._left[:, :start])
        self._left[:, start:end] = block
        block = self._products.sparse(self._transposed, block)
        self._last, coefficients = self._orthonormal(block, self._right[:, :start])
        self._right[:, start:end] = self._last
        self._coefficients[:end, start:end] = coefficients
        self.columns, self.blocks = end, self.blocks + 1

    def triplets(self, dimensions: int, settled: bool) -> Triplets:
        """The values and vectors that the bases hold."""
        right, values, left = np.linalg.svd(self.small)
        return Triplets(
            self._products.outer(self._left[:, : self.columns], left[:dimensions].T),
            values[:dimensions],
            self._products.outer(self._right[:, : self.columns], right[:, :dimensions]),
            self.blocks,
            settled,
        )

    def _orthonormal(self, block: Dense, basis: Dense) -> tuple[Dense, NDArray[np.float64]]:
        """A block (n, b) made orthonormal to itself and to a basis (n, m), and the coefficients (m + b, b) that make it again of both.

        Where the block lies in the basis, as far as 32 bits tell, a random direction takes the place of what is left of it.
        """
        known, width = basis.shape[1], block.shape[1]
        block = block.copy()
        coefficients = np.zeros((known + width, width))
        triangle = np.eye(width)
        least = ROUNDING * float(np.sqrt(np.einsum("ij,ij->j", block, block, dtype=np.float64)).max())
        for _ in range(MOST_PASSES):
            inside = self._products.inner(basis, block)
            coefficients[:known] += inside @ triangle
            self._products.subtract(basis, inside, block)
            block, factor = self._triangular(block)
            lengths = np.abs(np.diag(factor))
            triangle = factor @ triangle
            lost = np.flatnonzero(lengths <= least)
            block[:, lost] = self._noise(len(block), len(lost)) / np.float32(np.sqrt(len(block)))
            triangle[lost] = 0
            if lengths.min() >= ORTHOGONAL and least < ORTHOGONAL:
                break
            least = ROUNDING
        coefficients[known:] = triangle
        return block, coefficients

    def _triangular(self, block: Dense) -> tuple[Dense, NDArray[np.float64]]:
        """A block (n, b) as a nearly orthonormal one times an upper triangle (b, b): by Cholesky's, which is fast, or where the columns are nearly dependent, Householder's."""
        try:
            factor = np.linalg.cholesky(self._products.inner(block, block)).T
            lengths = np.abs(np.diag(factor))
            if lengths.min() > DEPENDENT * lengths.max():
                return self._products.outer(block, np.linalg.inv(factor)), factor.astype(np.float64)
        except np.linalg.LinAlgError:  # the squares of the smallest lengths are lost in roundings
            pass
        block, narrow = np.linalg.qr(block)
        wide: NDArray[np.float64] = narrow.astype(np.float64)
        return block, wide

    def _noise(self, rows: int, columns: int) -> Dense:
        """(rows, columns) random numbers of the normal distribution."""
        return self._random.standard_normal((rows, columns), np.float32)
