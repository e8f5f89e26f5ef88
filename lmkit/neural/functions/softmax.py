"""Softmax and its logarithm, along the last axis: scores become probabilities (Bridle, 1990)."""

import numpy as np

from lmkit.engine.arrays import FloatArray


def softmax(scores: FloatArray) -> FloatArray:
    """pᵢ = e^zᵢ / Σⱼ e^zⱼ.

    The largest score is taken off first, which changes no probability: nothing overflows. A score of −∞ has probability 0; where all are −∞,
    there is nothing to choose from, and all are 0.

    >>> softmax(np.array([2.0, 1.0, 0.0])).round(3)
    array([0.665, 0.245, 0.09 ])
    """
    exponentials: FloatArray = np.exp(below_largest(scores))
    totals = exponentials.sum(axis=-1, keepdims=True)
    totals[totals == 0] = 1
    exponentials /= totals
    return exponentials


def softmax_backward(gradient: FloatArray, probabilities: FloatArray) -> FloatArray:
    """∂L/∂z = p ⊙ (∂L/∂p − Σⱼ ∂L/∂pⱼ pⱼ): the Jacobian diag(p) − p pᵀ times the gradient.

    >>> softmax_backward(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    array([ 0.25, -0.25])
    """
    by_scores: FloatArray = probabilities * (gradient - (gradient * probabilities).sum(axis=-1, keepdims=True))
    return by_scores


def log_softmax(scores: FloatArray) -> FloatArray:
    """The logarithms log pᵢ = zᵢ − log Σⱼ e^zⱼ, in nats: exact where pᵢ itself would be too small to be a number.

    >>> log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    shifted = below_largest(scores)
    totals = np.exp(shifted).sum(axis=-1, keepdims=True)
    totals[totals == 0] = 1
    logarithms: FloatArray = shifted - np.log(totals)
    return logarithms


def log_softmax_backward(gradient: FloatArray, log_probabilities: FloatArray) -> FloatArray:
    """∂L/∂z = ∂L/∂(log p) − p Σⱼ ∂L/∂(log pⱼ)."""
    by_scores: FloatArray = gradient - np.exp(log_probabilities) * gradient.sum(axis=-1, keepdims=True)
    return by_scores


def below_largest(scores: FloatArray) -> FloatArray:
    """The scores less the largest of each row: 0 at most. Rows of −∞ stay as they are."""
    largest = scores.max(axis=-1, keepdims=True)
    largest = np.where(np.isneginf(largest), np.zeros_like(largest), largest)
    with np.errstate(over="ignore"):  # the difference of two very large scores is −∞, which is right
        shifted: FloatArray = scores - largest
    return shifted
