"""Attention, its masks, and positions."""

import math
from typing import Any

import numpy as np
import pytest

from lmkit.neural.functions.attention import attention, attention_backward, causal_mask, sentence_mask
from lmkit.neural.functions.positions import sinusoidal_positions, sinusoidal_positions_derivative
from tests.neural.gradients import numerical_gradient

DRAWS = np.random.default_rng(1)
QUERIES, KEYS, VALUES = (DRAWS.normal(size=(2, 3, 5, 4)) for _ in range(3))  # sentences, heads, time, dimensions
WEIGHTS = DRAWS.normal(size=VALUES.shape)


def test_attention_is_that_of_the_course() -> None:
    # scores 1 and 0: e : 1, which is 0.731059 : 0.268941; divided by √2 before: 0.669762 : 0.330238
    query, keys = np.array([[1.0, 0.0]]), np.eye(2)
    found = attention(query, keys, np.array([[10.0], [20.0]]), scaled=False)
    assert found.scores.tolist() == [[1.0, 0.0]]
    assert found.weights[0] == pytest.approx([0.731059, 0.268941], abs=1e-6)
    assert found.output[0] == pytest.approx([10 * 0.731059 + 20 * 0.268941], abs=1e-5)
    assert attention(query, keys, keys).weights[0] == pytest.approx([0.669762, 0.330238], abs=1e-6)


def test_masks_hide_what_comes_later_and_other_sentences() -> None:
    sentences = np.array([[1, 1, 1, 2, 2], [4, 5, 5, 5, 5]])
    mask = sentence_mask(sentences)
    for row, numbers in enumerate(sentences):
        for query in range(5):
            seen = [key for key in range(5) if key <= query and numbers[key] == numbers[query]]
            assert np.flatnonzero(mask[row, query]).tolist() == seen
    weights = attention(QUERIES, KEYS, VALUES, mask[:, None]).weights
    assert (weights[~np.broadcast_to(mask[:, None], weights.shape)] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1)
    assert np.array_equal(sentence_mask(np.zeros(5, np.int64)), causal_mask(5))


def test_a_query_that_sees_no_key_gets_nothing() -> None:
    found = attention(QUERIES, KEYS, VALUES, np.zeros((5, 5), bool))
    assert not found.weights.any()
    assert not found.output.any()
    gradients = attention_backward(WEIGHTS, QUERIES, KEYS, VALUES, found.weights)
    assert not any(each.any() for each in gradients)


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("mask", [None, causal_mask(5)], ids=["all", "causal"])
def test_derivatives_are_those_of_differences(mask: Any, scaled: bool) -> None:
    def loss(queries: Any, keys: Any, values: Any) -> float:
        return float((attention(queries, keys, values, mask, scaled=scaled).output * WEIGHTS).sum())

    weights = attention(QUERIES, KEYS, VALUES, mask, scaled=scaled).weights
    found = attention_backward(WEIGHTS, QUERIES, KEYS, VALUES, weights, scaled=scaled)
    np.testing.assert_allclose(found.queries, numerical_gradient(lambda q: loss(q, KEYS, VALUES), QUERIES), atol=1e-7)
    np.testing.assert_allclose(found.keys, numerical_gradient(lambda k: loss(QUERIES, k, VALUES), KEYS), atol=1e-7)
    np.testing.assert_allclose(found.values, numerical_gradient(lambda v: loss(QUERIES, KEYS, v), VALUES), atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_attention_keeps_the_dtype(dtype: Any) -> None:
    queries, keys, values = (each.astype(dtype) for each in (QUERIES, KEYS, VALUES))
    found = attention(queries, keys, values, causal_mask(5))
    gradients = attention_backward(found.output, queries, keys, values, found.weights)
    assert {each.dtype for each in (*found, *gradients)} == {np.dtype(dtype)}


def test_large_scores_do_not_overflow() -> None:
    found = attention(np.full((1, 2), 1e18, np.float32), np.array([[1e18, 0], [0, 0]], np.float32), np.eye(2))
    assert found.weights.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("dimensions", [1, 4, 5])
def test_positions_are_sines_and_cosines_of_ever_longer_waves(dimensions: int) -> None:
    table = sinusoidal_positions(50, dimensions)
    for place in range(50):
        for dimension in range(dimensions):
            angle = place / 10_000 ** ((dimension - dimension % 2) / dimensions)
            assert table[place, dimension] == pytest.approx(
                math.cos(angle) if dimension % 2 else math.sin(angle), abs=1e-12
            )


def test_the_product_of_two_positions_depends_on_their_distance_alone() -> None:
    products = sinusoidal_positions(50, 16) @ sinusoidal_positions(50, 16).T
    for distance in range(50):
        np.testing.assert_allclose(np.diagonal(products, distance), products[0, distance], atol=1e-12)


def test_the_derivative_of_positions_is_that_of_differences() -> None:
    step = (
        1e-3  # of a place: the table at t ± step, from those at t by the theorem of addition, is what sin and cos have
    )
    found = sinusoidal_positions_derivative(50, 6)
    speeds = 10_000.0 ** (-np.array([0, 0, 2, 2, 4, 4]) / 6)
    places = np.arange(50)[:, None]
    above, below = (
        np.where(np.arange(6) % 2, np.cos((places + by) * speeds), np.sin((places + by) * speeds))
        for by in (step, -step)
    )
    np.testing.assert_allclose(found, (above - below) / (2 * step), atol=1e-6)


def test_positions_have_the_dtype_that_is_asked_for() -> None:
    assert sinusoidal_positions(3, 4, np.float32).dtype == np.float32
    assert sinusoidal_positions(3, 4).dtype == np.float64
    assert sinusoidal_positions(0, 4).shape == (0, 4)
