"""Layer normalization (Ba, Kiros & Hinton, 2016): each vector gets mean 0 and variance 1, then a gain and a bias that are learned."""

from typing import NamedTuple

import numpy as np

from lmkit.engine.arrays import FloatArray

EPSILON = 1e-5  # added to the variance, so that equal numbers do no harm


class Normalized(NamedTuple):
    """What layer normalization gives, and what the way back needs."""

    output: FloatArray  # (…, dimensions)
    normal: FloatArray  # (…, dimensions) before gain and bias
    scale: FloatArray  # (…, 1) what the centered vectors were multiplied by: 1/√(variance + ε)


class LayerNormGradients(NamedTuple):
    """The derivatives of a loss by what layer normalization takes."""

    x: FloatArray  # (…, dimensions)
    gain: FloatArray  # (dimensions,)
    bias: FloatArray  # (dimensions,)


def layer_norm(x: FloatArray, gain: FloatArray, bias: FloatArray, epsilon: float = EPSILON) -> Normalized:
    """(x − mean) / √(variance + ε) ⊙ gain + bias, along the last axis.

    >>> layer_norm(np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)).output.round(3)
    array([-1.225,  0.   ,  1.225])
    """
    centered = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt((centered * centered).mean(axis=-1, keepdims=True) + epsilon)
    normal = centered * scale
    return Normalized(normal * gain + bias, normal, scale)


def layer_norm_backward(
    gradient: FloatArray, gain: FloatArray, normal: FloatArray, scale: FloatArray
) -> LayerNormGradients:
    """By x, gain and bias. Mean and variance depend on x, too: hence the two means that are taken off.

    With g = ∂L/∂y ⊙ gain and n = normal: ∂L/∂x = scale (g − mean(g) − n mean(g ⊙ n)); ∂L/∂gain = Σ ∂L/∂y ⊙ n; ∂L/∂bias = Σ ∂L/∂y.
    """
    by_normal = gradient * gain
    by_x = by_normal - by_normal.mean(axis=-1, keepdims=True)
    by_x -= normal * (by_normal * normal).mean(axis=-1, keepdims=True)
    by_x *= scale
    rows = tuple(range(gradient.ndim - 1))
    return LayerNormGradients(by_x, (gradient * normal).sum(axis=rows), gradient.sum(axis=rows))
