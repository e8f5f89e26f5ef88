"""From a vector to the next token: logits h Eᵀ + b, softmax, cross-entropy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.layers.attention import HIDDEN
from lmkit.neural.layers.buffers import CACHED, Buffers
from lmkit.neural.parameters import Parameters
from lmkit.text.vocabulary import BOS

NO_TARGET = -1  # in place of a target: nothing is asked there


class Output:
    """Logits z = h Eᵀ + b, and the loss −ln softmax(z)_target. E: (types, d), often the table of the embeddings; b: (types,) or none.

    <s> is never predicted: the softmax is over all other types.
    """

    def __init__(self, parameters: Parameters, gradients: Parameters, weight: str, bias: str | None = None) -> None:
        self._table, self._d_table = parameters[weight], gradients[weight]
        self._bias = parameters[bias] if bias else None
        self._d_bias = gradients[bias] if bias else None
        self._new = Buffers(parameters.dtype)

    def logits(self, h: FloatArray) -> FloatArray:
        """(rows, types), as they come: those of <s> among them."""
        z = np.matmul(h, self._table.T, out=self._new("z", len(h), len(self._table)))
        if self._bias is not None:
            z += self._bias
        return z

    def log_distribution(self, h: FloatArray) -> NDArray[np.float64]:
        """(rows, types) ln p of every type; -inf of <s>."""
        z = self.logits(h).astype(np.float64)
        z[:, BOS] = -np.inf
        z -= z.max(axis=1, keepdims=True)
        z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
        return z

    def log_probs(self, h: FloatArray, targets: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(rows,) ln p of the targets (rows,)."""
        found = np.empty(len(h))
        step = max(8 * CACHED // len(self._table), 1)
        z = self.logits(h)  # at once: a product of few rows costs as much as one of many
        for at in range(0, len(h), step):
            piece, rows = z[at : at + step], targets[at : at + step]
            piece[:, BOS] = HIDDEN
            piece -= np.maximum.reduce(piece, axis=1, keepdims=True)
            picked = piece[np.arange(len(piece)), rows].astype(np.float64)
            np.exp(piece, out=piece)
            found[at : at + step] = picked - np.log(piece.sum(axis=1, dtype=np.float64))
        return found

    def loss(self, h: FloatArray, targets: NDArray[np.integer[Any]], weight: float) -> tuple[float, FloatArray]:
        """Σ −ln p of the targets (rows,) but for NO_TARGET, and dh (rows, d). Gradients are those of weight times it.

        All in one go, piece by piece, so that the probabilities of a piece never leave the cache: dz = p − onehot(target).
        """
        z = np.matmul(h, self._table.T, out=self._new("z", len(h), len(self._table)))
        total, step, number = 0.0, max(8 * CACHED // len(self._table), 1), h.dtype.type
        ones = np.ones(len(self._table), h.dtype)
        for at in range(0, len(h), step):
            piece, rows = z[at : at + step], targets[at : at + step]
            if self._bias is not None:
                piece += self._bias
            piece[:, BOS] = HIDDEN
            piece -= np.maximum.reduce(piece, axis=1, keepdims=True)
            places, counted = np.arange(len(rows)), rows != NO_TARGET
            picked = piece[places, rows]
            np.exp(piece, out=piece)
            sums = piece @ ones
            total += float((np.log(sums, dtype=np.float64) - picked)[counted].sum())
            piece *= (number(weight) * counted / sums)[:, None]
            piece[places, rows] -= number(weight) * counted
        if self._d_bias is not None:
            self._d_bias += np.ones(len(z), h.dtype) @ z
        self._d_table += np.matmul(z.T, h, out=self._new("d table", *self._table.shape))
        return total, np.matmul(z, self._table, out=self._new("dh", *h.shape))
