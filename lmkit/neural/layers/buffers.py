"""Arrays that are made once: memory fresh from the system costs more than the work that is done on it."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lmkit.engine.arrays import FloatArray

CACHED = 1 << 15  # elements of a piece on which several passes are made, which stays in the cache of a core


class Buffers:
    """Arrays by name, made at the first call; a smaller batch gets the first numbers of them."""

    def __init__(self, dtype: DTypeLike) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self._arrays: dict[str, FloatArray] = {}

    def __call__(self, name: str, *shape: int) -> FloatArray:
        """An array of this shape, which holds whatever was written to it last."""
        size = prod(shape)
        array = self._arrays.get(name)
        if array is None or array.size < size:
            array = self._arrays[name] = np.empty(size, self.dtype)
        return array[:size].reshape(shape)
