"""Gradients that are too long are shortened, so that one odd batch does not throw a model far away."""

import math

import numpy as np

from lmkit.engine.arrays import FloatArray

PRODUCT = 1 << 13  # numbers summed at a time: so few that libraries of linear algebra take one thread for them


def clip(gradient: FloatArray, limit: float) -> float:
    """Shorten the gradient (n,) in place to this length, if it is longer; returns its length before (Pascanu et al., 2013).

    A gradient that is not finite stays as it is: its length, inf or nan, says so.

    >>> gradient = np.array([3.0, 4.0])
    >>> clip(gradient, 1.0), gradient.round(3)
    (5.0, array([0.6, 0.8]))
    """
    norm = _norm(gradient)
    if not math.isfinite(norm):
        norm = _norm(gradient.astype(np.float64))  # squares of large numbers do not fit 32 bits
    if limit < norm < math.inf:
        gradient *= limit / norm
    return norm


def _norm(gradient: FloatArray) -> float:
    """The length of a vector, row by row: the sum has the same bits for any number of threads."""
    whole = len(gradient) // PRODUCT * PRODUCT
    rows, rest = gradient[:whole].reshape(-1, PRODUCT), gradient[whole:]
    with np.errstate(over="ignore", invalid="ignore"):
        return math.sqrt(sum(np.vecdot(rows, rows).tolist(), float(rest @ rest)))
