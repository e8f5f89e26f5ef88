"""Alternating least squares: with the contexts held, J + λ‖·‖² is a sum of small least squares, one a word; then the other way round.

Of a word with n cells, let B be the contexts of its cells (n, d + 1), with 1 in the place of their biases, and t the ln X − b̃,
both multiplied with √f(X). Its vector and its bias, x, are where ‖Bx − t‖² + λ‖x‖² is least:

    (BᵀB + λI) x = Bᵀt            d + 1 equations
    (BBᵀ + λI) z = t,   x = Bᵀz   n equations, for words with fewer cells than that

No word depends on another one, so that threads change no bit.

Of many dimensions, the first form takes most of the time, d² for each cell. Some steps of conjugate gradients, from where the
word is, take 4 d each, and lower the sum less. For the same sum, steps take twice the time of solutions at 50 dimensions, as
much at 100, three quarters at 200, half at 300 (8,000 words of English novels, 2.4 million cells).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.linear_algebra import solve_definite
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.vectors.glove.objective import Cells, squared_length
from lmkit.vectors.glove.parameters import PARTS, Parameters

LEAST_FOR_STEPS = 200  # dimensions, from which on conjugate gradients take the place of solutions
STEPS = 4
CELLS_TOGETHER = 1 << 15  # of the words that a thread takes at a time
Rows = NDArray[np.intp]


class Alternation:
    """Sweeps over the words, then the contexts."""

    squares = None  # training goes on from the parameters alone

    def __init__(self, cells: Cells, parameters: Parameters, ridge: float, workers: int | None) -> None:
        self._parameters, self._ridge, self._workers = parameters, ridge, workers
        words, contexts = parameters.words, parameters.contexts
        steps = STEPS if words.shape[1] > LEAST_FOR_STEPS else None
        self._sides = (
            Side(cells, words, contexts, ridge, steps),
            Side(cells.transposed(), contexts, words, ridge, steps),
        )

    def go_through(self, number: int, first: int = 0) -> Iterator[int]:
        """Make a sweep, in place, from a part of it on; all are alike, whatever the number. Yields after each part how many least squares took 64 bits."""
        del number
        for part in range(first, PARTS):
            side, share = divmod(part, PARTS // 2)
            yield self._sides[side].solve(self._workers, share, PARTS // 2)

    def beside(self) -> float:
        """What is made small beside J: λ‖·‖²."""
        return self._ridge * squared_length(self._parameters)


@dataclass(frozen=True, eq=False)
class Side:
    """The words, or the contexts, with all that their least squares take."""

    cells: Cells  # row by row of this side
    solved: NDArray[np.float32]  # (words, d + 1), changed in place
    held: NDArray[np.float32]  # (words, d + 1) of the other side
    ridge: float  # λ
    steps: int | None = None  # of conjugate gradients, in place of solutions

    def solve(self, workers: int | None, share: int = 0, shares: int = 1) -> int:
        """Put each row of one of equal shares of the work where J + λ‖·‖² is least. Returns how many took 64 bits, as 32 did not give a solution."""
        self.solved[np.diff(self.cells.indptr) == 0] = 0
        again = 0
        work = list(self.work())
        sizes = [int(np.sum(self.cells.indptr[rows + 1] - self.cells.indptr[rows])) for rows in work]
        ends = np.cumsum(sizes)
        first, last = np.searchsorted(
            ends, [len(self.cells) * each // shares for each in (share, share + 1)], "right"
        ).tolist()
        advance = stage("least squares", sum(sizes[first:last]))
        for size, (_, retried) in zip(
            sizes[first:last], map_in_order(self.solve_rows, work[first:last], workers), strict=True
        ):
            again += retried
            advance(size)
        return again

    def work(self) -> Iterator[Rows]:
        """All rows that have cells, some at a time: those with fewer cells than coordinates beside others with as many cells."""
        sizes = np.diff(self.cells.indptr)
        by_size = np.argsort(sizes, kind="stable")
        bounds = np.searchsorted(sizes[by_size], np.arange(1, self.held.shape[1] + 1))
        for size, (first, last) in enumerate(pairwise(bounds), start=1):
            together = max(CELLS_TOGETHER // size, 1)
            for begin in range(first, last, together):
                yield by_size[begin : min(begin + together, last)]
        narrow = np.sort(by_size[bounds[-1] :])
        ends = np.concatenate([[0], np.cumsum(sizes[narrow])])
        for first, last in row_pieces(ends, CELLS_TOGETHER):
            yield narrow[first:last]

    def solve_rows(self, rows: Rows) -> tuple[Rows, int]:
        """Solve some rows of `work`. Returns them, and how many took 64 bits."""
        begin, end = self.cells.indptr[rows[0]], self.cells.indptr[rows[0] + 1]
        if end - begin < self.held.shape[1]:
            return rows, self.solve_wide(rows, int(end - begin))
        if self.steps is not None:
            return rows, sum(self.descend(row, self.steps) for row in rows.tolist())
        return rows, sum(self.solve_narrow(row) for row in rows.tolist())

    def equations(self, numbers: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """B (…, d + 1) and t (…) of the cells with these numbers (…)."""
        columns, weights, logarithms = self.cells.part(numbers)
        system = self.held.take(columns, 0)
        targets = logarithms - system[..., -1]
        system[..., -1] = 1
        roots = np.sqrt(weights)
        system *= roots[..., np.newaxis]
        targets *= roots
        return system, targets

    def solve_wide(self, rows: Rows, size: int) -> int:
        """Solve rows of so many cells each, by the equations of their cells. Returns how many took 64 bits."""
        again = 0
        systems, targets = self.equations(self.cells.indptr[rows][:, np.newaxis] + np.arange(size))
        products = systems @ systems.transpose(0, 2, 1)
        products[:, range(size), range(size)] += np.float32(self.ridge)
        for row, system, target, product in zip(rows.tolist(), systems, targets, products, strict=True):
            found = solve_definite(product, target)
            if found is None:
                again += 1
                found = self.solution(system.astype(np.float64).T, target.astype(np.float64))
            self.solved[row] = found @ system
        return again

    def solve_narrow(self, row: int) -> int:
        """Solve a row by the equations of its coordinates, for the way from where it is. Returns 1 if it took 64 bits, 0 if not.

        Where it is near, an error in the last digits of the way is nothing.
        """
        system, targets = self.equations(slice(*self.cells.indptr[row : row + 2].tolist()))
        now = self.solved[row]
        slopes = (targets - system @ now) @ system - np.float32(self.ridge) * now
        product = system.T @ system
        product.ravel()[:: len(now) + 1] += np.float32(self.ridge)
        found = solve_definite(product, slopes)
        again = found is None
        if found is None:
            found = self.solution(system.astype(np.float64), slopes.astype(np.float64))
        self.solved[row] = now + found
        return int(again)

    def solution(self, system: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
        """The x of (BᵀB + λI) x = target, in 64 bits. DataError where the ridge is too small for that."""
        product = system.T @ system
        product.ravel()[:: len(target) + 1] += self.ridge
        found = solve_definite(product, target)
        if found is None:
            raise DataError(
                f"the least squares of a word have no solution in 64 bits with a ridge of {self.ridge:g}.",
                "Give a larger one: --ridge 0.1 is usual.",
            )
        return found

    def descend(self, row: int, steps: int) -> int:
        """Take a row some steps of conjugate gradients nearer to the solution, from where it is. Returns 0: none takes 64 bits."""
        system, targets = self.equations(slice(*self.cells.indptr[row : row + 2].tolist()))
        ridge = np.float32(self.ridge)
        now = self.solved[row]
        scales = 1 / (np.einsum("ij,ij->j", system, system) + ridge)
        slopes = (targets - system @ now) @ system - ridge * now
        scaled = scales * slopes
        direction, size = scaled, slopes @ scaled
        for _ in range(steps):
            image = (system @ direction) @ system + ridge * direction
            curvature = direction @ image
            if not size > 0 < curvature:
                break
            length = size / curvature
            now = now + length * direction
            slopes = slopes - length * image
            scaled = scales * slopes
            before, size = size, slopes @ scaled
            direction = scaled + size / before * direction
        self.solved[row] = now
        return 0
