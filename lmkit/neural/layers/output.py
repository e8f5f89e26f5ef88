"""From a vector to the next token: logits h Eᵀ + b, softmax, cross-entropy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.layers.attention import HIDDEN
from lmkit.neural.layers.buffers import CACHED, Buffers
from lmkit.neural.layers.linear import column_sums
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
        z = self.logits(h)
        found, step = np.empty(z.shape), max(CACHED // len(self._table), 1)
        for at in range(0, len(z), step):
            piece = z[at : at + step]
            piece[:, BOS] = HIDDEN
            piece -= np.maximum.reduce(piece, axis=1, keepdims=True)
            sums = np.exp(piece, out=self._new("exp", *piece.shape)).sum(axis=1, dtype=np.float64)
            np.subtract(piece, np.log(sums)[:, None], out=found[at : at + step])
        found[:, BOS] = -np.inf
        return found

    def log_probs(self, h: FloatArray, targets: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(rows,) ln p of the targets (rows,)."""
        z, found = self.logits(h), np.empty(len(h))
        for piece in self._pieces(len(h)):
            picked, sums = exponentials(z[piece], targets[piece])
            found[piece] = picked - np.log(sums, dtype=np.float64)
        return found

    def loss(self, h: FloatArray, targets: NDArray[np.integer[Any]], weight: float) -> tuple[float, FloatArray]:
        """Σ −ln p of the targets (rows,) but for NO_TARGET, and dh (rows, d). Gradients are those of weight times it.

        The probabilities of a piece stay in the cache until they are the derivatives of its logits: dz = p − onehot(target).
        """
        z, total, number = self.logits(h), 0.0, h.dtype.type
        for piece in self._pieces(len(h)):
            dz, rows = z[piece], targets[piece]
            counted = rows != NO_TARGET
            picked, sums = exponentials(dz, rows)
            total += float((np.log(sums, dtype=np.float64) - picked)[counted].sum())
            weights = number(weight) * counted
            dz *= (weights / sums)[:, None]
            dz[np.arange(len(rows)), rows] -= weights
        if self._d_bias is not None:
            self._d_bias += column_sums(z)
        self._d_table += np.matmul(z.T, h, out=self._new("d table", *self._table.shape))
        return total, np.matmul(z, self._table, out=self._new("dh", *h.shape))

    def _pieces(self, rows: int) -> Iterator[slice]:
        """Rows of logits that are worked on at a time."""
        step = max(8 * CACHED // len(self._table), 1)
        return (slice(at, at + step) for at in range(0, rows, step))


def exponentials(z: FloatArray, targets: NDArray[np.integer[Any]]) -> tuple[FloatArray, FloatArray]:
    """Make logits (rows, types) e^(z − the largest of the row), 0 of <s>; returns z − the largest of the targets, and the sums (rows,)."""
    z[:, BOS] = HIDDEN
    z -= np.maximum.reduce(z, axis=1, keepdims=True)
    picked = z[np.arange(len(z)), targets]
    np.exp(z, out=z)
    return picked, np.add.reduce(z, axis=1)
