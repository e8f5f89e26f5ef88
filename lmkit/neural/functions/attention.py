"""Scaled dot-product attention (Vaswani et al., 2017, equation 1): each query takes a mixture of the values, by how well it fits their keys."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.functions.softmax import softmax, softmax_backward
from lmkit.one_line import one_line


@one_line
class Attended(NamedTuple):
    """What attention gives, and how it comes about."""

    output: FloatArray  # (…, queries, dimensions of values)
    weights: FloatArray  # (…, queries, keys) α; each row sums to 1, or is 0 where every key is masked
    scores: FloatArray  # (…, queries, keys) before the softmax; −∞: masked


class AttentionGradients(NamedTuple):
    """The derivatives of a loss by what attention takes."""

    queries: FloatArray
    keys: FloatArray
    values: FloatArray


def attention(
    queries: FloatArray,
    keys: FloatArray,
    values: FloatArray,
    mask: NDArray[np.bool_] | None = None,
    *,
    scaled: bool = True,
) -> Attended:
    """softmax(Q Kᵀ / √d) V. queries, keys, values: (…, time, dimensions); with several heads, one of the leading axes is theirs.

    mask: (…, queries, keys) True where a query may see a key (`causal_mask`, `sentence_mask`). scaled: False leaves out √d.

    >>> query, keys = np.array([[1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> attention(query, keys, keys, scaled=False).weights.round(3)
    array([[0.731, 0.269]])
    """
    scores = queries @ keys.swapaxes(-1, -2)
    if scaled:
        scores *= scaling(queries)
    if mask is not None:
        scores = np.where(mask, scores, np.full_like(scores, -np.inf))
    weights = softmax(scores)
    return Attended(weights @ values, weights, scores)


def attention_backward(
    gradient: FloatArray,
    queries: FloatArray,
    keys: FloatArray,
    values: FloatArray,
    weights: FloatArray,
    *,
    scaled: bool = True,
) -> AttentionGradients:
    """By queries, keys and values. What is masked has weight 0, and gets no gradient by that."""
    by_scores = softmax_backward(gradient @ values.swapaxes(-1, -2), weights)
    if scaled:
        by_scores *= scaling(queries)
    return AttentionGradients(
        by_scores @ keys, by_scores.swapaxes(-1, -2) @ queries, weights.swapaxes(-1, -2) @ gradient
    )


def scaling(queries: FloatArray) -> float:
    """1/√d: products of d random numbers grow like √d, and softmax of large numbers has hardly a derivative."""
    return 1 / math.sqrt(queries.shape[-1])


def causal_mask(length: int) -> NDArray[np.bool_]:
    """(length, length) True where the key stands no later than the query.

    >>> causal_mask(3).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return np.tri(length, dtype=bool)


def sentence_mask(sentences: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(…, length, length) True where the key stands no later than the query, and in the same sentence.

    sentences: (…, length) the number of the sentence at each place.

    >>> sentence_mask(np.array([7, 7, 8])).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [0, 0, 1]])
    """
    same: NDArray[np.bool_] = sentences[..., :, None] == sentences[..., None, :]
    return same & causal_mask(sentences.shape[-1])
