"""Sinusoidal positions (Vaswani et al., 2017, section 3.5): attention sees no order, so each place has a vector of its own."""

from typing import Any

import numpy as np

from lmkit.engine.arrays import FloatArray

LONGEST_WAVE = 10_000.0  # in units of 2π places; the shortest is 1


def sinusoidal_positions(length: int, dimensions: int, dtype: Any = np.float64) -> FloatArray:
    """(length, dimensions) PE(t, 2k) = sin(t / 10000^(2k/d)), PE(t, 2k+1) = cos of the same.

    >>> sinusoidal_positions(3, 4).round(3)
    array([[ 0.   ,  1.   ,  0.   ,  1.   ],
           [ 0.841,  0.54 ,  0.01 ,  1.   ],
           [ 0.909, -0.416,  0.02 ,  1.   ]])
    """
    angles, table = _angles(length, dimensions)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : dimensions // 2])
    return table.astype(dtype, copy=False)


def sinusoidal_positions_derivative(length: int, dimensions: int, dtype: Any = np.float64) -> FloatArray:
    """(length, dimensions) by the place t: cos(t ω) ω and −sin(t ω) ω, with ω = 10000^(−2k/d)."""
    angles, table = _angles(length, dimensions)
    speeds = _speeds(dimensions)
    table[:, 0::2] = np.cos(angles) * speeds
    table[:, 1::2] = (-np.sin(angles) * speeds)[:, : dimensions // 2]
    return table.astype(dtype, copy=False)


def _speeds(dimensions: int) -> FloatArray:
    """(pairs of dimensions,) ω: how far the angle of each pair turns from a place to the next."""
    return LONGEST_WAVE ** (-np.arange(0, dimensions, 2) / dimensions)


def _angles(length: int, dimensions: int) -> tuple[FloatArray, FloatArray]:
    """(length, pairs of dimensions) the angles, and room for the table."""
    return np.arange(length)[:, None] * _speeds(dimensions), np.empty((length, dimensions))
