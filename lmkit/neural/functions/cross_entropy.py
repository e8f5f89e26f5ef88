"""Cross-entropy with one-hot targets: what a language model is trained to make small."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.functions.softmax import log_softmax

Targets = NDArray[np.integer[Any]] | FloatArray  # (…) ids of the right words, or (…, types) rows with 1 at them


def one_hot_rows(ids: NDArray[np.integer[Any]], types: int, dtype: Any = np.float64) -> FloatArray:
    """(…, types) 1 at the id, 0 elsewhere.

    >>> one_hot_rows(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    rows: FloatArray = (ids[..., None] == np.arange(types)).astype(dtype)
    return rows


def cross_entropy(scores: FloatArray, targets: Targets) -> tuple[float, FloatArray]:
    """L = −Σᵢ yᵢ log softmax(z)ᵢ, in nats, and its gradient ∂L/∂z = softmax(z) − y; means over the rows.

    scores: (…, types) before the softmax. targets: ids, or one-hot rows of floating-point numbers; any distribution will do as a row.

    >>> loss, gradient = cross_entropy(np.array([[2.0, 1.0, 0.0]]), np.array([0]))
    >>> round(loss, 4), gradient.round(3)
    (0.4076, array([[-0.335,  0.245,  0.09 ]]))
    """
    log_probabilities = log_softmax(scores)
    gradient = np.exp(log_probabilities)
    rows = scores.size // scores.shape[-1]
    if np.issubdtype(targets.dtype, np.integer):
        places: Any = targets[..., None]
        right = np.take_along_axis(log_probabilities, places, axis=-1)
        loss = -float(right.mean(dtype=np.float64))
        np.put_along_axis(gradient, places, np.take_along_axis(gradient, places, axis=-1) - 1, axis=-1)
    else:
        wanted = targets != 0
        loss = -float((targets[wanted] * log_probabilities[wanted]).sum(dtype=np.float64)) / rows  # 0 · −∞ is 0 here
        gradient *= targets.sum(axis=-1, keepdims=True)
        gradient -= targets
    gradient /= rows
    return loss, gradient
