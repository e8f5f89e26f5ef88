"""Each layer alone: derivatives against differences, what it leaves alone, and which numbers it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from lmkit.neural.layers.activations import Gelu, Tanh
from lmkit.neural.layers.attention import Attention, causal_mask, sentence_mask
from lmkit.neural.layers.dropout import Dropout
from lmkit.neural.layers.linear import Linear
from lmkit.neural.layers.normalization import LayerNorm
from lmkit.neural.parameters import Parameters
from tests.neural.gradients import numerical_gradient

TIME, WIDTH = 5, 6  # of a window; of what layers are given
STARTS = np.array([[0, 0, 0, 3, 3], [0, 1, 1, 1, 4], [0, 0, 0, 0, 0]])  # sentences in three windows
Forward = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass
class Made:
    """A layer with parameters of its own."""

    layer: Any
    forward: Forward
    parameters: Parameters
    gradients: Parameters


def shapes_of(kind: str) -> dict[str, tuple[int, ...]]:
    """The parameters of a layer."""
    if kind == "linear":
        return {"x.weight": (WIDTH, 4), "x.bias": (4,)}
    return {"x.weight": (WIDTH,), "x.bias": (WIDTH,)} if kind == "norm" else {}


def made(kind: str, dtype: DTypeLike = np.float64) -> Made:
    """A layer with random parameters."""
    parameters = Parameters(shapes_of(kind), dtype)
    parameters.vector[...] = np.random.default_rng(1).normal(size=len(parameters))
    gradients = parameters.like()
    if kind.startswith("attention"):
        attention = Attention(2, dtype)

        def attend(x: NDArray[Any]) -> NDArray[Any]:
            mask = causal_mask(TIME, dtype) if kind == "attention" else sentence_mask(STARTS[: len(x) // TIME], dtype)
            return attention.forward(x, mask, TIME)

        return Made(attention, attend, parameters, gradients)
    if kind == "dropout":
        dropout = Dropout(0.4, dtype)

        def drop(x: NDArray[Any]) -> NDArray[Any]:
            dropout.seed(7)
            return dropout.forward(x, training=True)

        return Made(dropout, drop, parameters, gradients)
    layers: dict[str, Callable[[], Any]] = {
        "linear": lambda: Linear(parameters, gradients, "x"),
        "norm": lambda: LayerNorm(parameters, gradients, "x"),
        "gelu": lambda: Gelu(dtype),
        "tanh": lambda: Tanh(dtype),
    }
    layer = layers[kind]()
    return Made(layer, layer.forward, parameters, gradients)


KINDS = ["linear", "norm", "gelu", "tanh", "dropout", "attention", "attention within sentences"]
EACH = pytest.mark.parametrize("kind", KINDS)


def inputs(rows: int = 3 * TIME, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """Numbers to give to a layer."""
    return np.random.default_rng(2).normal(0, 2, (rows, WIDTH)).astype(dtype)


def weights_of(y: NDArray[Any]) -> NDArray[Any]:
    """What each number of a layer's output weighs in the loss."""
    return np.random.default_rng(3).normal(size=y.shape).astype(y.dtype)


@EACH
def test_derivatives_are_those_of_differences(kind: str) -> None:
    its, x = made(kind), inputs()
    weights = weights_of(its.forward(x))

    def loss(value: NDArray[Any]) -> float:
        return float((its.forward(value) * weights).sum())

    def loss_of_parameters(vector: NDArray[Any]) -> float:
        kept = its.parameters.vector.copy()
        its.parameters.vector[...] = vector
        found = loss(x)
        its.parameters.vector[...] = kept
        return found

    by_x, by_parameters = (
        numerical_gradient(loss, x),
        numerical_gradient(loss_of_parameters, its.parameters.vector.astype(np.float64)),
    )
    its.forward(x)
    np.testing.assert_allclose(its.layer.backward(weights.copy()), by_x, rtol=0, atol=1e-7)
    np.testing.assert_allclose(its.gradients.vector, by_parameters, rtol=0, atol=1e-7)


@EACH
def test_gradients_of_parameters_are_added_to_what_is_there(kind: str) -> None:
    its, x = made(kind), inputs()
    for _ in range(2):
        its.layer.backward(weights_of(its.forward(x)))
    once = made(kind)
    once.layer.backward(weights_of(once.forward(x)))
    np.testing.assert_allclose(its.gradients.vector, 2 * once.gradients.vector, rtol=1e-14)


@EACH
def test_no_layer_changes_what_it_is_given(kind: str) -> None:
    its, x = made(kind), inputs()
    weights = weights_of(its.forward(x))
    given, back = x.copy(), weights.copy()
    its.layer.backward(weights)
    np.testing.assert_array_equal(x, given)
    np.testing.assert_array_equal(weights, back)


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_comes_out_has_the_numbers_that_went_in(kind: str, dtype: DTypeLike) -> None:
    its, x = made(kind, dtype), inputs(dtype=dtype)
    y = its.forward(x)
    dx = its.layer.backward(weights_of(y))
    assert {y.dtype, dx.dtype, its.gradients.vector.dtype, *arrays_of(its.layer)} == {np.dtype(dtype)}


def arrays_of(layer: Any) -> set[Any]:
    """The kinds of numbers that a layer keeps; random draws and a logical mask are no numbers of its own."""
    return {value.dtype for value in vars(layer).values() if isinstance(value, np.ndarray)}


@EACH
def test_a_smaller_batch_after_a_larger_one_is_as_if_it_were_the_first(kind: str) -> None:
    its, fresh, x = made(kind), made(kind), inputs()
    its.layer.backward(weights_of(its.forward(x)))
    its.gradients.vector[...] = 0
    small = x[:TIME] * 1.5
    y, expected = its.forward(small), fresh.forward(small)
    np.testing.assert_array_equal(y, expected)
    weights = weights_of(y)
    np.testing.assert_array_equal(its.layer.backward(weights), fresh.layer.backward(weights))
    np.testing.assert_array_equal(its.gradients.vector, fresh.gradients.vector)


def test_attention_looks_back_within_the_sentence_and_weights_sum_to_one() -> None:
    its = made("attention within sentences")
    its.forward(inputs())
    alpha = its.layer.weights
    places = np.arange(TIME)
    seen = (places[:, None] >= places) & (STARTS[:, :, None] == STARTS[:, None, :])
    assert (alpha[~np.broadcast_to(seen[:, None], alpha.shape)] == 0).all()
    np.testing.assert_allclose(alpha.sum(-1), 1, rtol=1e-12)
    assert (alpha[:, :, 0, 0] == 1).all()  # the first place sees nothing but itself


def test_a_mask_of_sentences_that_begin_with_the_window_is_the_causal_one() -> None:
    expected = np.broadcast_to(causal_mask(TIME, np.float32), (2, 1, TIME, TIME))
    np.testing.assert_array_equal(sentence_mask(np.zeros((2, TIME), int), np.float32), expected)


@pytest.mark.parametrize("kind", ["attention", "gelu", "norm"])
def test_numbers_that_are_large_give_numbers_that_are_finite(kind: str) -> None:
    its = made(kind, np.float32)
    x = inputs(dtype=np.float32) * np.float32(1e4)
    y = its.forward(x)
    assert np.isfinite(y).all()
    assert np.isfinite(its.layer.backward(np.ones_like(y))).all()


def test_dropout_keeps_its_share_and_the_mean() -> None:
    dropout = Dropout(0.25, np.float64)
    dropout.seed(1)
    y = dropout.forward(np.ones((1000, 100)), training=True)
    assert set(np.unique(y)) == {0.0, 1 / 0.75}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.005)
    np.testing.assert_array_equal(dropout.backward(np.ones_like(y)), y)  # the same draws


def test_dropout_gives_back_what_it_was_given_where_nothing_is_dropped() -> None:
    x = inputs()
    assert Dropout(0.0, np.float64).forward(x, training=True) is x
    assert Dropout(0.5, np.float64).forward(x, training=False) is x
