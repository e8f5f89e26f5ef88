"""Derivatives as differences: what those by formula are held against."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 1e-6


def numerical_gradient(loss: Callable[[NDArray[Any]], float], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The derivative of a loss by each number of x, from the loss a little above and a little below it."""
    found = np.empty_like(x)
    for place in np.ndindex(x.shape):
        moved = x.copy()
        moved[place] = x[place] + STEP
        above = loss(moved)
        moved[place] = x[place] - STEP
        found[place] = (above - loss(moved)) / (2 * STEP)
    return found
