"""Sigmoid, tanh and ReLU: what makes a network more than one matrix. Each takes every number by itself."""

import numpy as np

from lmkit.engine.arrays import FloatArray


def sigmoid(x: FloatArray) -> FloatArray:
    """σ(x) = 1 / (1 + e⁻ˣ), from e^−|x|, which never overflows; small values are exact, too.

    >>> sigmoid(np.array([0.0, 1.0])).round(3)
    array([0.5  , 0.731])
    """
    value: FloatArray = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return value


def sigmoid_derivative(x: FloatArray) -> FloatArray:
    """σ′(x) = σ(x) (1 − σ(x)) = e^−|x| / (1 + e^−|x|)²: the second form loses no digits where σ(x) is nearly 1."""
    exponential = np.exp(-np.abs(x))
    slope: FloatArray = exponential / ((1 + exponential) * (1 + exponential))
    return slope


def tanh(x: FloatArray) -> FloatArray:
    """The hyperbolic tangent: (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) = 2 σ(2x) − 1."""
    return np.tanh(x)


def tanh_derivative(x: FloatArray) -> FloatArray:
    """tanh′(x) = 1 − tanh²(x) = (2 e^−|x| / (1 + e^−2|x|))²: the second form loses no digits where tanh²(x) is nearly 1."""
    exponential = np.exp(-np.abs(x))
    secant: FloatArray = 2 * exponential / (1 + exponential * exponential)
    return secant * secant


def relu(x: FloatArray) -> FloatArray:
    """max(x, 0) (Nair & Hinton, 2010)."""
    return np.maximum(x, 0)


def relu_derivative(x: FloatArray) -> FloatArray:
    """1 where x > 0, else 0; at 0, where there is no derivative, 0 is what is agreed upon."""
    return (x > 0).astype(x.dtype)
