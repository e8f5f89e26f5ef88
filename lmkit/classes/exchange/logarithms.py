"""x ln x, of which likelihoods of counts are made: from tables, as most counts are small and come many times."""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray
from lmkit.engine.kernels import take

LARGEST = 1 << 20  # number in the table of x ln x
FEW = 16  # how much may be added by table
LARGEST_GROWN = 1 << 19  # number that it may be added to


def x_ln_x(x: CountArray) -> NDArray[np.float64]:
    """X ln x of each number, and 0 of 0."""
    return np.asarray(x * np.log(np.maximum(x, 1)), np.float64)


class Products:
    """x ln x of whole numbers up to a largest one."""

    def __init__(self, largest: int) -> None:
        self._table = x_ln_x(np.arange(min(largest, LARGEST) + 1))
        self._holds_all = largest <= LARGEST

    def of(self, x: CountArray) -> NDArray[np.float64]:
        """X ln x, in the shape of x."""
        flat = x.ravel()
        if self._holds_all:
            return take(self._table, flat).reshape(x.shape)
        values = take(self._table, np.minimum(flat, LARGEST))
        large = np.flatnonzero(flat > LARGEST)
        values[large] = x_ln_x(flat[large])
        return values.reshape(x.shape)

    def growth(self, x: CountArray, more: CountArray) -> NDArray[np.float64]:
        """(x + more) ln (x + more) − x ln x."""
        grown = self.of(x + more)
        grown -= self.of(x)
        return grown


class Growth:
    """The growth of x ln x by small whole numbers, in 32 bits."""

    def __init__(self, largest: int) -> None:
        """largest: number to which something is added."""
        self._width = min(largest, LARGEST_GROWN) + 1
        products = x_ln_x(np.arange(self._width + FEW))
        self._table = np.empty((FEW + 1, self._width), np.float32)
        for more, row in enumerate(self._table):
            row[:] = products[more : more + self._width] - products[: self._width]

    def of(self, x: NDArray[np.int32], more: NDArray[np.int32]) -> NDArray[np.float32]:
        """(rows, n) the same as `Products.growth` for x (rows, n), and what is added to each row (rows,), which is FEW at most. x is lost."""
        last, rows = self._width - 1, more[:, np.newaxis]
        large = np.nonzero(x > last) if x.max(initial=0) > last else None
        if large is not None:
            found = x[large].astype(np.int64)
            np.minimum(x, last, out=x)
        x += rows * self._width
        values = take(self._table.ravel(), x.ravel()).reshape(x.shape)
        if large is not None:
            values[large] = x_ln_x(found + more[large[0]]) - x_ln_x(found)
        return values
