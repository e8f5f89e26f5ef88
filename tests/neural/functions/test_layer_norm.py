"""Layer normalization and its derivatives."""

import math
from typing import Any

import numpy as np
import pytest

from lmkit.neural.functions.layer_norm import layer_norm, layer_norm_backward
from tests.neural.gradients import numerical_gradient

DRAWS = np.random.default_rng(1)
X, GAIN, BIAS = DRAWS.normal(2, 3, (4, 3, 7)), DRAWS.normal(size=7), DRAWS.normal(size=7)
WEIGHTS = DRAWS.normal(size=X.shape)


def test_a_vector_gets_mean_0_and_variance_1() -> None:
    # mean 2, variance 2/3: (1 − 2) / √(2/3) = −1.224745
    found = layer_norm(np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3), epsilon=0.0).output
    assert found == pytest.approx([-math.sqrt(1.5), 0, math.sqrt(1.5)])


def test_gain_and_bias_come_after() -> None:
    plain = layer_norm(X, np.ones(7), np.zeros(7)).output
    np.testing.assert_allclose(layer_norm(X, GAIN, BIAS).output, plain * GAIN + BIAS, rtol=1e-14)


def test_equal_numbers_become_the_bias() -> None:
    assert layer_norm(np.full((2, 7), 5.0), GAIN, BIAS).output.tolist() == [BIAS.tolist()] * 2


def test_derivatives_are_those_of_differences() -> None:
    _, normal, scale = layer_norm(X, GAIN, BIAS)
    found = layer_norm_backward(WEIGHTS, GAIN, normal, scale)

    def loss(x: Any, gain: Any, bias: Any) -> float:
        return float((layer_norm(x, gain, bias).output * WEIGHTS).sum())

    np.testing.assert_allclose(found.x, numerical_gradient(lambda x: loss(x, GAIN, BIAS), X), atol=1e-7)
    np.testing.assert_allclose(found.gain, numerical_gradient(lambda gain: loss(X, gain, BIAS), GAIN), atol=1e-7)
    np.testing.assert_allclose(found.bias, numerical_gradient(lambda bias: loss(X, GAIN, bias), BIAS), atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_keeps_the_dtype(dtype: Any) -> None:
    x, gain, bias = (each.astype(dtype) for each in (X, GAIN, BIAS))
    output, normal, scale = layer_norm(x, gain, bias)
    gradients = layer_norm_backward(output, gain, normal, scale)
    assert {each.dtype for each in (output, normal, scale, *gradients)} == {np.dtype(dtype)}
