"""Softmax, its logarithm and cross-entropy: right, stable, in the dtype they are given."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.special

from lmkit.neural.functions.cross_entropy import cross_entropy, one_hot_rows
from lmkit.neural.functions.softmax import log_softmax, log_softmax_backward, softmax, softmax_backward
from tests.neural.gradients import numerical_gradient

SCORES = np.random.default_rng(1).normal(0, 3, (4, 3, 7))
WEIGHTS = np.random.default_rng(2).normal(0, 1, SCORES.shape)  # a loss is the sum of outputs with these weights


def test_softmax_is_that_of_the_course() -> None:
    # e² : e : 1, of 7.389056 + 2.718282 + 1 = 11.107338
    assert softmax(np.array([2.0, 1.0, 0.0])) == pytest.approx([0.665241, 0.244728, 0.090031], abs=1e-6)


def test_softmax_is_scipys() -> None:
    np.testing.assert_allclose(softmax(SCORES), scipy.special.softmax(SCORES, axis=-1), rtol=1e-14)
    np.testing.assert_allclose(log_softmax(SCORES), scipy.special.log_softmax(SCORES, axis=-1), rtol=1e-13)


def test_softmax_does_not_change_what_it_is_given() -> None:
    scores = SCORES.copy()
    softmax(scores)
    log_softmax(scores)
    cross_entropy(scores[0], np.array([0, 1, 2]))
    assert np.array_equal(scores, SCORES)


def test_the_derivative_of_softmax_is_that_of_differences() -> None:
    expected = numerical_gradient(lambda z: float((softmax(z) * WEIGHTS).sum()), SCORES)
    np.testing.assert_allclose(softmax_backward(WEIGHTS, softmax(SCORES)), expected, atol=1e-8)


def test_the_derivative_of_log_softmax_is_that_of_differences() -> None:
    expected = numerical_gradient(lambda z: float((log_softmax(z) * WEIGHTS).sum()), SCORES)
    np.testing.assert_allclose(log_softmax_backward(WEIGHTS, log_softmax(SCORES)), expected, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([1000.0, 0.0], [1.0, 0.0]),
        ([-1000.0, -1000.0], [0.5, 0.5]),
        ([3e38, -3e38], [1.0, 0.0]),  # their difference does not fit 32 bits
        ([0.0, -np.inf, 0.0], [0.5, 0.0, 0.5]),  # masked
        ([-np.inf, -np.inf], [0.0, 0.0]),  # nothing to choose from
    ],
)
def test_extreme_scores_overflow_nowhere(scores: list[float], expected: list[float], dtype: Any) -> None:
    found = softmax(np.array(scores, dtype))
    assert found.tolist() == expected
    assert found.dtype == dtype


def test_log_softmax_keeps_what_softmax_rounds_to_zero() -> None:
    assert log_softmax(np.array([0.0, -1000.0])).tolist() == [0.0, -1000.0]
    assert log_softmax(np.array([0.0, -np.inf])).tolist() == [0.0, -np.inf]
    assert log_softmax(np.array([-np.inf, -np.inf])).tolist() == [-np.inf, -np.inf]


def test_whole_numbers_are_scores_too() -> None:
    whole: Any = np.array([2, 1, 0])
    assert softmax(whole) == pytest.approx([0.665241, 0.244728, 0.090031], abs=1e-6)
    assert log_softmax(whole) == pytest.approx([-0.407606, -1.407606, -2.407606], abs=1e-6)


def test_cross_entropy_of_equal_scores_is_the_logarithm_of_their_number() -> None:
    loss, gradient = cross_entropy(np.zeros((2, 4)), np.array([3, 0]))
    assert loss == pytest.approx(math.log(4))
    # softmax(z) − y, of two rows: (1/4, 1/4, 1/4, 1/4 − 1) / 2
    assert gradient.tolist() == [[0.125, 0.125, 0.125, -0.375], [-0.375, 0.125, 0.125, 0.125]]


@pytest.mark.parametrize("leading", [(3,), (4, 3)])
def test_the_gradient_of_cross_entropy_is_that_of_differences(leading: tuple[int, ...]) -> None:
    scores = np.random.default_rng(3).normal(size=(*leading, 7))
    ids = np.random.default_rng(4).integers(0, 7, leading)
    expected = numerical_gradient(lambda z: cross_entropy(z, ids)[0], scores)
    np.testing.assert_allclose(cross_entropy(scores, ids)[1], expected, atol=1e-9)


def test_ids_and_one_hot_rows_are_the_same_targets() -> None:
    ids = np.random.default_rng(5).integers(0, 7, SCORES.shape[:-1])
    by_ids, by_rows = cross_entropy(SCORES, ids), cross_entropy(SCORES, one_hot_rows(ids, 7))
    assert by_ids[0] == pytest.approx(by_rows[0], rel=1e-14)
    np.testing.assert_allclose(by_ids[1], by_rows[1], atol=1e-16)


def test_the_gradient_for_any_distribution_is_that_of_differences() -> None:
    targets = softmax(WEIGHTS[0])
    targets[0] *= 2  # weighs twice
    expected = numerical_gradient(lambda z: cross_entropy(z, targets)[0], SCORES[0])
    np.testing.assert_allclose(cross_entropy(SCORES[0], targets)[1], expected, atol=1e-9)


def test_an_impossible_word_costs_nothing_if_it_is_not_wanted_and_infinitely_much_if_it_is() -> None:
    scores = np.array([[0.0, -np.inf]])
    assert cross_entropy(scores, np.array([0]))[0] == 0.0
    assert cross_entropy(scores, one_hot_rows(np.array([0]), 2))[0] == 0.0
    assert cross_entropy(scores, np.array([1]))[0] == math.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_keep_the_dtype(dtype: Any) -> None:
    scores, weights = SCORES.astype(dtype), WEIGHTS.astype(dtype)
    ids = np.zeros(SCORES.shape[:-1], np.int64)
    assert softmax_backward(weights, softmax(scores)).dtype == dtype
    assert log_softmax(scores).dtype == dtype
    assert log_softmax_backward(weights, log_softmax(scores)).dtype == dtype
    assert cross_entropy(scores, ids)[1].dtype == dtype
    assert cross_entropy(scores, one_hot_rows(ids, 7, dtype))[1].dtype == dtype
