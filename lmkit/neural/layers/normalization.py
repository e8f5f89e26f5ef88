"""Layer normalization (Ba et al., 2016)."""

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.neural.functions.layer_norm import EPSILON
from lmkit.neural.layers.buffers import Buffers
from lmkit.neural.layers.linear import column_sums
from lmkit.neural.parameters import Parameters


class LayerNorm:
    """y = n ⊙ gain + bias, n = (x − mean) / √(variance + ε) of each row."""

    def __init__(self, parameters: Parameters, gradients: Parameters, name: str) -> None:
        self._gain, self._bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
        self._d_gain, self._d_bias = gradients[f"{name}.weight"], gradients[f"{name}.bias"]
        self._new = Buffers(parameters.dtype)
        self._epsilon = parameters.dtype.type(EPSILON)
        self._mean = np.full(len(self._gain), 1 / len(self._gain), parameters.dtype)  # a row times this

    def forward(self, x: FloatArray) -> FloatArray:
        """(rows, d)"""
        normal = self._normal = np.subtract(x, (x @ self._mean)[:, None], out=self._new("n", *x.shape))
        self._scale = 1 / np.sqrt(np.vecdot(normal, normal) / x.shape[1] + self._epsilon)
        normal *= self._scale[:, None]
        y = np.multiply(normal, self._gain, out=self._new("y", *x.shape))
        y += self._bias
        return y

    def backward(self, dy: FloatArray) -> FloatArray:
        """(rows, d) dx. Mean and variance depend on x, too: hence what is taken off."""
        normal, d = self._normal, dy.shape[1]
        self._d_gain += np.einsum("nd,nd->d", dy, normal)
        self._d_bias += column_sums(dy)
        dx = np.multiply(dy, self._gain, out=self._new("dx", *dy.shape))
        mean = dx @ self._mean
        normal *= (np.vecdot(dx, normal) / d)[:, None]
        dx -= normal
        dx -= mean[:, None]
        dx *= self._scale[:, None]
        return dx
