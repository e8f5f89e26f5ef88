"""Sigmoid, tanh, ReLU and GELU, with their derivatives."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

from lmkit.engine.arrays import FloatArray
from lmkit.neural.functions import activations, gelu
from tests.neural.gradients import STEP

Function = Callable[[FloatArray], FloatArray]
PAIRS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (activations.sigmoid, activations.sigmoid_derivative),
    "tanh": (activations.tanh, activations.tanh_derivative),
    "relu": (activations.relu, activations.relu_derivative),
    "gelu": (gelu.gelu, gelu.gelu_derivative),
    "gelu-tanh": (gelu.gelu_tanh, gelu.gelu_tanh_derivative),
}
EACH = pytest.mark.parametrize(("function", "derivative"), PAIRS.values(), ids=PAIRS)
X = np.linspace(-9.05, 9.05, 182)  # without 0, where ReLU has no derivative


def test_they_are_scipys() -> None:
    np.testing.assert_allclose(activations.sigmoid(X), scipy.special.expit(X), rtol=1e-15)
    np.testing.assert_allclose(gelu.gelu(X), X * scipy.special.ndtr(X), rtol=1e-15)
    inner = math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)  # ½ (1 + tanh(u)) = σ(2u)
    np.testing.assert_allclose(gelu.gelu_tanh(X), X * scipy.special.expit(2 * inner), atol=1e-15)


def test_gelu_is_the_figure_of_its_formula() -> None:
    # Φ(1) = 0.841345; tanh(0.797885 · 1.044715) = tanh(0.833562) = 0.682384, half of 1.682384 is 0.841192
    assert gelu.gelu(np.array([1.0])) == pytest.approx([0.841345], abs=1e-6)
    assert gelu.gelu_tanh(np.array([1.0])) == pytest.approx([0.841192], abs=1e-6)


def test_the_approximation_of_gelu_is_as_near_as_it_is_said_to_be() -> None:
    x = np.linspace(-10, 10, 20_001)
    assert 0.0004 < np.abs(gelu.gelu(x) - gelu.gelu_tanh(x)).max() < 0.0005


@EACH
def test_derivatives_are_those_of_differences(function: Function, derivative: Function) -> None:
    expected = (function(X + STEP) - function(X - STEP)) / (2 * STEP)
    np.testing.assert_allclose(derivative(X), expected, atol=1e-9)


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_keep_the_dtype_and_the_shape(function: Function, derivative: Function, dtype: Any) -> None:
    x = X.astype(dtype).reshape(2, 7, 13)
    for work in (function, derivative):
        assert (work(x).dtype, work(x).shape) == (dtype, x.shape)


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_numbers_have_the_limits(function: Function, derivative: Function, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    low, high = function(np.array([-largest, largest], dtype)).tolist()
    bounds: dict[Function, tuple[int, int]] = {activations.sigmoid: (0, 1), activations.tanh: (-1, 1)}
    assert (low, high) == bounds.get(function, (0, largest))
    bounded = function in bounds
    assert derivative(np.array([-largest, largest], dtype)).tolist() == [0, 0 if bounded else 1]


def test_small_derivatives_keep_their_digits() -> None:
    # σ′(40) = e⁻⁴⁰ and tanh′(20) = 4 e⁻⁴⁰, but for terms 10¹⁷ times smaller
    assert activations.sigmoid_derivative(np.array([40.0])) == pytest.approx([math.exp(-40)], rel=1e-14)
    assert activations.tanh_derivative(np.array([20.0])) == pytest.approx([4 * math.exp(-40)], rel=1e-14)


def test_relu_has_the_derivative_0_at_0() -> None:
    assert activations.relu_derivative(np.array([-1.0, 0.0, 2.0])).tolist() == [0.0, 0.0, 1.0]
