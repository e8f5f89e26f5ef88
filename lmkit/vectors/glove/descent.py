"""AdaGrad, by which GloVe was published: cells in random order, each a small step down its part of J.

The step of a parameter is its slope over the root of all its squared slopes so far (Duchi, Hazan & Singer 2011), the sums of
which begin at 1. As in the C program of GloVe's authors, the slope of a coordinate is η times the gradient of J/2, both where it
is divided and where it is squared; that of a bias is the gradient itself, so that biases are soon where they belong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.progress import stage
from lmkit.vectors.glove.objective import Cells, gradients
from lmkit.vectors.glove.parameters import PARTS, Parameters

CELLS_AT_A_TIME = 1 << 10  # whose slopes are taken at the same place


@dataclass(frozen=True, eq=False)
class Descent:
    """Parameters on their way down, and what their steps depend on."""

    cells: Cells
    parameters: Parameters  # changed in place
    squares: Parameters  # sums of squared slopes, likewise
    rate: float  # η
    seed: int

    @classmethod
    def begin(
        cls, cells: Cells, parameters: Parameters, squares: Parameters | None, rate: float, seed: int
    ) -> "Descent":
        """A descent that goes on from these squares, or is the first."""
        ones = Parameters(np.ones_like(parameters.words), np.ones_like(parameters.contexts))
        return cls(cells, parameters, squares or ones, rate, seed)

    def go_through(self, number: int, first: int = 0) -> Iterator[int]:
        """Take each cell once, from a part of the pass on, in an order that depends on the seed and its number only. Yields 0 after each part: nothing takes 64 bits."""
        order = np.random.Generator(np.random.PCG64([self.seed, number])).permutation(len(self.cells))
        all_rows = row_numbers(self.cells.indptr)
        steps = range(0, len(order), CELLS_AT_A_TIME)
        bounds = [len(steps) * part // PARTS for part in range(first, PARTS + 1)]
        advance = stage(f"AdaGrad, pass {number}", len(self.cells))
        advance(CELLS_AT_A_TIME * bounds[0])
        for begin, end in pairwise(bounds):
            with np.errstate(over="ignore", invalid="ignore"):  # the objective is looked at after each pass
                for place in steps[begin:end]:
                    numbers = order[place : place + CELLS_AT_A_TIME]
                    self.step(all_rows.take(numbers), numbers)
                    advance(len(numbers))
            yield 0

    def beside(self) -> float:
        """What is made small beside J: nothing."""
        return 0.0

    def step(self, rows: IndexArray, numbers: IndexArray) -> None:
        """Take cells with these numbers, in these rows, together."""
        columns, weights, logarithms = self.cells.part(numbers)
        words, contexts = self.parameters.words, self.parameters.contexts
        by_words, by_contexts = gradients(words.take(rows, 0), contexts.take(columns, 0), weights, logarithms)
        for side, squares, places, slopes in (
            (words, self.squares.words, rows, by_words),
            (contexts, self.squares.contexts, columns, by_contexts),
        ):
            slopes[:, :-1] *= np.float32(self.rate)
            descend(side, squares, places, slopes)


def descend(
    side: NDArray[np.float32], squares: NDArray[np.float32], rows: IndexArray, slopes: NDArray[np.float32]
) -> None:
    """Take the rows a step down the slopes (cells, d + 1), in place: several slopes of one row are added, and so are their squares.

    The squares are added first, so that a row that is met often in these cells does not go too far.
    """
    changed, places = np.unique(rows, return_inverse=True)
    ones = np.ones(len(rows), slopes.dtype)
    adding = csr_array((ones, (places, np.arange(len(rows)))), shape=(len(changed), len(rows)))
    squares[changed] += adding @ np.square(slopes)
    side[changed] -= (adding @ slopes) / np.sqrt(squares[changed])
