"""Activations: tanh, and GELU as GPT-2 has it."""

import numpy as np
from numpy.typing import DTypeLike

from lmkit.engine.arrays import FloatArray
from lmkit.neural.functions.gelu import CUBIC, SLOPE
from lmkit.neural.layers.buffers import CACHED, Buffers


class Tanh:
    """y = tanh x, whose slope is 1 − y²."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._new = Buffers(dtype)

    def forward(self, x: FloatArray) -> FloatArray:
        """(rows, d)"""
        self._y: FloatArray = np.tanh(x, out=self._new("y", *x.shape))
        return self._y

    def backward(self, dy: FloatArray) -> FloatArray:
        """(rows, d) dx"""
        dx = np.multiply(self._y, self._y, out=self._new("dx", *dy.shape))
        np.subtract(dx.dtype.type(1), dx, out=dx)
        dx *= dy
        return dx


class Gelu:
    """y = x s, s = (1 + tanh u) / 2 = 1 / (1 + e^−2u), u = √(2/π) (x + 0.044715 x³) (Hendrycks & Gimpel, 2016).

    The slope s + x s′ = s (1 + (1 − s) 2 x u′) is found on the way forward, while x is at hand; both in pieces that stay in the cache.
    """

    def __init__(self, dtype: DTypeLike) -> None:
        self._new = Buffers(dtype)

    def forward(self, x: FloatArray) -> FloatArray:
        """(rows, d)"""
        y, self._slope = self._new("y", *x.shape), self._new("slope", *x.shape)
        step = max(CACHED // x.shape[1], 1)
        with np.errstate(over="ignore"):  # e^−2u may be infinite, and s is 0
            for at in range(0, len(x), step):
                piece = slice(at, at + step)
                self._work_out(x[piece], y[piece], self._slope[piece])
        return y

    def _work_out(self, x: FloatArray, y: FloatArray, slope: FloatArray) -> None:
        """Fill y and slope."""
        number = x.dtype.type  # a Python number would do, a NumPy one of 64 bits would make all arrays so
        np.multiply(x, x, out=slope)
        np.multiply(slope, number(-2 * SLOPE * CUBIC), out=y)
        y -= number(2 * SLOPE)
        y *= x  # −2 u
        np.exp(y, out=y)  # half the time of tanh
        y += number(1)
        np.reciprocal(y, out=y)  # s
        slope *= number(6 * SLOPE * CUBIC)
        slope += number(2 * SLOPE)
        slope *= x  # 2 x u′
        slope *= np.subtract(number(1), y, out=self._new("1 - s", *y.shape))
        slope += number(1)
        slope *= y
        y *= x

    def backward(self, dy: FloatArray) -> FloatArray:
        """(rows, d) dx"""
        return np.multiply(dy, self._slope, out=self._slope)
