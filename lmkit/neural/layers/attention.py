"""Scaled dot-product attention in several heads (Vaswani et al., 2017)."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.layers.buffers import Buffers

HIDDEN = -1e30  # a score so low that its weight is 0, and no infinity, whose differences are no numbers


def causal_mask(time: int, dtype: DTypeLike) -> FloatArray:
    """(time, time) 0 where a place may look: at itself and before; HIDDEN elsewhere."""
    return np.triu(np.full((time, time), HIDDEN, dtype), 1)


def sentence_mask(starts: NDArray[np.integer[Any]], dtype: DTypeLike) -> FloatArray:
    """(windows, 1, time, time) 0 where a place may look: at itself and before, in its own sentence; HIDDEN elsewhere.

    starts: (windows, time) where in the window the sentence of each place begins.
    """
    time = starts.shape[1]
    hidden = (starts[:, :, None] != starts[:, None, :]) | np.triu(np.ones((time, time), bool), 1)
    mask: FloatArray = np.where(hidden, np.array(HIDDEN, dtype), np.array(0, dtype))[:, None]
    return mask


class Attention:
    """softmax(q kᵀ / √d + mask) v for each head, of rows of q, k and v side by side: (rows, 3 d)."""

    def __init__(self, heads: int, dtype: DTypeLike) -> None:
        self.heads = heads
        self._new = Buffers(dtype)

    @property
    def weights(self) -> FloatArray:
        """(windows, heads, time, time) α: how much each place looks at each other, of the last call."""
        return self._alpha

    def forward(self, qkv: FloatArray, mask: FloatArray, time: int) -> FloatArray:
        """(rows, d). mask: (time, time) or (windows, 1, time, time), added to the scores."""
        self._time = time
        q, k, v = self._q, self._k, self._v = self._parts(qkv)
        self._root = qkv.dtype.type(q.shape[-1] ** -0.5)
        q *= self._root
        alpha = self._alpha = np.matmul(q, k.swapaxes(-1, -2), out=self._new("alpha", *q.shape[:2], time, time))
        alpha += mask
        alpha -= np.maximum.reduce(alpha, axis=-1, keepdims=True)
        np.exp(alpha, out=alpha)
        alpha /= alpha @ np.ones((time, 1), alpha.dtype)
        y = self._new("y", len(qkv), qkv.shape[1] // 3)
        np.matmul(alpha, v, out=self._of_heads(y))
        return y

    def backward(self, dy: FloatArray) -> FloatArray:
        """(rows, 3 d) the gradients of q, k and v."""
        dqkv = self._new("dqkv", len(dy), 3 * dy.shape[1])
        dq, dk, dv = self._parts(dqkv)
        out, alpha = self._of_heads(dy), self._alpha
        np.matmul(alpha.swapaxes(-1, -2), out, out=dv)
        scores = np.matmul(out, self._v.swapaxes(-1, -2), out=self._new("scores", *alpha.shape))
        scores -= np.vecdot(scores, alpha)[..., None]
        scores *= alpha
        np.matmul(scores, self._k, out=dq)
        dq *= self._root
        np.matmul(scores.swapaxes(-1, -2), self._q, out=dk)  # q is divided by √d already
        return dqkv

    def _parts(self, qkv: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """q, k and v: each (windows, heads, time, d / heads), views."""
        return in_heads(qkv, self.heads, self._time)

    def _of_heads(self, rows: FloatArray) -> FloatArray:
        """(windows, heads, time, d / heads), a view of rows (rows, d)."""
        return rows.reshape(-1, self._time, self.heads, rows.shape[1] // self.heads).swapaxes(1, 2)


def in_heads(qkv: FloatArray, heads: int, time: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """q, k and v of rows of them side by side (rows, 3 d): each (windows, heads, time, d / heads), views."""
    width = qkv.shape[1] // 3 // heads
    q, k, v = np.moveaxis(qkv.reshape(-1, time, 3, heads, width), (2, 3), (0, 2))
    return q, k, v
