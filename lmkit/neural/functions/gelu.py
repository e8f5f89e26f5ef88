"""GELU, the Gaussian error linear unit (Hendrycks & Gimpel, 2016): x times the probability that a normal number is smaller.

Beyond FAR nothing changes any more: x is cut there where it would be squared or cubed, so that nothing overflows.
"""

import math

import numpy as np

from lmkit.engine.arrays import FloatArray

FAR = 40.0  # the normal distribution has nothing left there, not even in 64 bits
SLOPE, CUBIC = math.sqrt(2 / math.pi), 0.044715  # Python's numbers: NumPy's would make 64 bits of 32


def gelu(x: FloatArray) -> FloatArray:
    """GELU(x) = x Φ(x), Φ the normal distribution function: exact.

    >>> gelu(np.array([-1.0, 0.0, 1.0])).round(3)
    array([-0.159,  0.   ,  0.841])
    """
    from scipy.special import ndtr

    probability: FloatArray = ndtr(x)
    return np.maximum(x, -FAR) * probability


def gelu_derivative(x: FloatArray) -> FloatArray:
    """Φ(x) + x φ(x), φ(x) = e^(−x²/2) / √(2π)."""
    from scipy.special import ndtr

    near = np.clip(x, -FAR, FAR)
    probability: FloatArray = ndtr(x)
    return probability + near * np.exp(-0.5 * near * near) / math.sqrt(2 * math.pi)


def gelu_tanh(x: FloatArray) -> FloatArray:
    """½ x (1 + tanh(√(2/π) (x + 0.044715 x³))): the approximation that GPT-2 is made with; never more than 0.0005 off.

    >>> gelu_tanh(np.array([-1.0, 0.0, 1.0])).round(3)
    array([-0.159,  0.   ,  0.841])
    """
    near = np.clip(x, -FAR, FAR)
    value: FloatArray = 0.5 * np.maximum(x, -FAR) * (1 + np.tanh(SLOPE * (near + CUBIC * near * near * near)))
    return value


def gelu_tanh_derivative(x: FloatArray) -> FloatArray:
    """½ (1 + t) + ½ x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²), t the tanh of `gelu_tanh`."""
    near = np.clip(x, -FAR, FAR)
    square = near * near
    t = np.tanh(SLOPE * (near + CUBIC * square * near))
    slope: FloatArray = 0.5 * (1 + t) + 0.5 * near * (1 - t * t) * SLOPE * (1 + 3 * CUBIC * square)
    return slope
