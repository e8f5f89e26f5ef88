"""Dropout (Srivastava et al., 2014)."""

import numpy as np
from numpy.typing import DTypeLike

from lmkit.engine.arrays import FloatArray
from lmkit.neural.layers.buffers import Buffers


class Dropout:
    """While training, each number is 0 with this probability, else 1 / (1 − probability) times itself."""

    def __init__(self, rate: float, dtype: DTypeLike) -> None:
        self.rate = rate
        self._new, self._draws = Buffers(dtype), Buffers(np.float32)
        self.seed(0)

    def seed(self, *key: int) -> None:
        """Draw from here on what this key says: the same, wherever and whenever training comes to it."""
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))

    def forward(self, x: FloatArray, *, training: bool) -> FloatArray:
        """(rows, d)"""
        if not self.rate or not training:
            return x
        draws = self._draws("draws", *x.shape)
        self._generator.random(dtype=np.float32, out=draws)
        kept = self._kept = self._new("kept", *x.shape)
        np.multiply(draws >= self.rate, x.dtype.type(1 / (1 - self.rate)), out=kept)
        return np.multiply(x, kept, out=self._new("y", *x.shape))

    def backward(self, dy: FloatArray) -> FloatArray:
        """(rows, d) dx"""
        return np.multiply(dy, self._kept, out=self._new("dx", *dy.shape)) if self.rate else dy
