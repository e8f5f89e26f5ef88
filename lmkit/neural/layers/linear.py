"""y = x W + b."""

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.neural.layers.buffers import Buffers
from lmkit.neural.parameters import Parameters


class Linear:
    """y = x W + b, so that dx = dy Wᵀ, dW = xᵀ dy, db = Σ dy. W: (inputs, outputs)."""

    def __init__(self, parameters: Parameters, gradients: Parameters, name: str) -> None:
        self._weight, self._bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
        self._d_weight, self._d_bias = gradients[f"{name}.weight"], gradients[f"{name}.bias"]
        self._new = Buffers(parameters.dtype)

    def forward(self, x: FloatArray) -> FloatArray:
        """(rows, outputs)"""
        self._x = x
        y = np.matmul(x, self._weight, out=self._new("y", len(x), self._weight.shape[1]))
        y += self._bias
        return y

    def backward(self, dy: FloatArray) -> FloatArray:
        """(rows, inputs) dx"""
        self._d_weight += np.matmul(self._x.T, dy, out=self._new("dw", *self._weight.shape))
        self._d_bias += column_sums(dy)
        return np.matmul(dy, self._weight.T, out=self._new("dx", *self._x.shape))


def column_sums(rows: FloatArray) -> FloatArray:
    """(columns,) Σ over rows, as a product: several times faster than adding up rows."""
    sums: FloatArray = np.ones(len(rows), rows.dtype) @ rows
    return sums
