"""The two ends of a network: rows of a table go in, and a softmax over all types comes out."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import log_softmax

from lmkit.neural.layers.embedding import Embedding, add_rows
from lmkit.neural.layers.output import NO_TARGET, Output
from lmkit.neural.parameters import Parameters
from lmkit.text.vocabulary import BOS
from tests.neural.gradients import numerical_gradient

TYPES, WIDTH = 7, 4
TARGETS = np.array([0, 3, NO_TARGET, 2, 6, 6, NO_TARGET, 4, 0])
WEIGHT = 0.3
BIASES = pytest.mark.parametrize("bias", ["b", None])


def made(bias: str | None, dtype: Any = np.float64) -> tuple[Output, Parameters, Parameters, NDArray[Any]]:
    """A layer, its parameters and their gradients, and vectors to give to it."""
    generator = np.random.default_rng(1)
    shapes: dict[str, tuple[int, ...]] = {"w": (TYPES, WIDTH)}
    parameters = Parameters(shapes | ({bias: (TYPES,)} if bias else {}), dtype)
    parameters.vector[...] = generator.normal(size=len(parameters))
    gradients = parameters.like()
    h = generator.normal(size=(len(TARGETS), WIDTH)).astype(dtype)
    return Output(parameters, gradients, "w", bias), parameters, gradients, h


def by_definition(parameters: Parameters, h: NDArray[Any], bias: str | None) -> NDArray[Any]:
    """(rows, types) ln p."""
    z = h @ parameters["w"].T + (parameters[bias] if bias else 0)
    z[:, BOS] = -np.inf
    found: NDArray[Any] = log_softmax(z, axis=1)
    return found


@BIASES
def test_the_loss_and_its_derivatives_are_those_of_the_definition(bias: str | None) -> None:
    layer, parameters, gradients, h = made(bias)
    counted = np.flatnonzero(TARGETS != NO_TARGET)

    def loss(rows: NDArray[Any]) -> float:
        return float(-by_definition(parameters, rows, bias)[counted, TARGETS[counted]].sum())

    def loss_of_parameters(vector: NDArray[Any]) -> float:
        kept = parameters.vector.copy()
        parameters.vector[...] = vector
        found = loss(h)
        parameters.vector[...] = kept
        return found

    by_h, by_parameters = (
        numerical_gradient(loss, h),
        numerical_gradient(loss_of_parameters, parameters.vector.astype(np.float64)),
    )
    given = h.copy()
    total, dh = layer.loss(h, TARGETS, WEIGHT)
    assert total == pytest.approx(loss(h), rel=1e-13)
    np.testing.assert_allclose(dh, WEIGHT * by_h, rtol=0, atol=1e-8)
    np.testing.assert_allclose(gradients.vector, WEIGHT * by_parameters, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(h, given)
    layer.loss(h, TARGETS, WEIGHT)
    np.testing.assert_allclose(gradients.vector, 2 * WEIGHT * by_parameters, rtol=0, atol=2e-8)  # they add up


@BIASES
def test_rows_without_a_target_and_the_mark_that_is_never_predicted_have_no_gradient(bias: str | None) -> None:
    layer, _, gradients, h = made(bias)
    _, dh = layer.loss(h, TARGETS, 1.0)
    assert (dh[TARGETS == NO_TARGET] == 0).all()
    assert (gradients["w"][BOS] == 0).all()


@BIASES
def test_log_probs_are_those_of_the_distribution(bias: str | None) -> None:
    layer, parameters, _, h = made(bias)
    targets = np.where(TARGETS == NO_TARGET, 0, TARGETS)
    expected = by_definition(parameters, h, bias)
    np.testing.assert_allclose(layer.log_distribution(h), expected, rtol=1e-13)
    np.testing.assert_allclose(layer.log_probs(h, targets), expected[np.arange(len(h)), targets], rtol=1e-13)


def test_so_many_types_that_rows_are_taken_in_pieces_give_what_the_definition_says() -> None:
    types = 60_000  # a piece is then fewer rows than there are
    parameters = Parameters({"w": (types, WIDTH), "b": (types,)}, np.float64)
    generator = np.random.default_rng(1)
    parameters.vector[...] = generator.normal(size=len(parameters))
    gradients, h = parameters.like(), generator.normal(size=(len(TARGETS), WIDTH))
    layer = Output(parameters, gradients, "w", "b")
    logs = by_definition(parameters, h, "b")
    counted = np.flatnonzero(TARGETS != NO_TARGET)
    total, dh = layer.loss(h, TARGETS, 1.0)
    assert total == pytest.approx(-logs[counted, TARGETS[counted]].sum(), rel=1e-13)
    dz = np.exp(logs)
    dz[counted, TARGETS[counted]] -= 1
    dz[TARGETS == NO_TARGET] = 0
    np.testing.assert_allclose(dh, dz @ parameters["w"], rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradients["w"], dz.T @ h, rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradients["b"], dz.sum(axis=0), rtol=0, atol=1e-13)
    found = layer.log_probs(h[counted], TARGETS[counted])
    np.testing.assert_allclose(found, logs[counted, TARGETS[counted]], rtol=1e-13)


def test_numbers_of_32_bits_stay_so_and_sums_have_64() -> None:
    layer, parameters, gradients, h = made("b", np.float32)
    exact = by_definition(parameters, h.astype(np.float64), "b")
    total, dh = layer.loss(h, TARGETS, WEIGHT)
    assert type(total) is float
    assert {dh.dtype, gradients.vector.dtype} == {np.dtype(np.float32)}
    found = layer.log_probs(h, np.zeros(len(h), int))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, exact[:, 0], rtol=1e-6)


def test_a_batch_without_any_target_has_neither_loss_nor_gradient() -> None:
    layer, _, gradients, h = made("b")
    total, dh = layer.loss(h, np.full(len(h), NO_TARGET), 1.0)
    assert total == 0
    assert not dh.any()
    assert not gradients.vector.any()


def test_a_smaller_batch_after_a_larger_one_is_as_if_it_were_the_first() -> None:
    (layer, _, gradients, h), (fresh, _, expected, _) = made("b"), made("b")
    layer.loss(h, TARGETS, 1.0)
    gradients.vector[...] = 0
    total, dh = layer.loss(h[:4], TARGETS[:4], 1.0)
    other, dh_other = fresh.loss(h[:4], TARGETS[:4], 1.0)
    assert total == other
    np.testing.assert_array_equal(dh, dh_other)
    np.testing.assert_array_equal(gradients.vector, expected.vector)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_embeddings_are_rows_and_their_gradients_add_up_where_tokens_repeat(dtype: Any) -> None:
    parameters = Parameters({"e.weight": (TYPES, WIDTH)}, dtype)
    parameters.vector[...] = np.arange(len(parameters))
    gradients = parameters.like()
    layer = Embedding(parameters, gradients, "e")
    tokens = np.array([[5, 2, 5], [5, 0, 2]])
    found = layer.forward(tokens)
    np.testing.assert_array_equal(found, parameters["e.weight"][tokens])
    assert found.dtype == dtype
    dy = np.random.default_rng(1).normal(size=(6, WIDTH)).astype(dtype)
    given = dy.copy()
    for _ in range(2):
        layer.backward(dy)
    expected = np.zeros((TYPES, WIDTH))
    np.add.at(expected, tokens.reshape(-1), 2 * dy.astype(np.float64))
    np.testing.assert_allclose(gradients["e.weight"], expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(dy, given)
    assert gradients["e.weight"].dtype == dtype


def test_rows_are_added_to_a_table_at_places_of_any_kind() -> None:
    for kind in (np.int32, np.int64):
        table = np.ones((4, 2))
        add_rows(table, np.array([3, 0, 3], kind), np.array([[1.0, 2], [3, 4], [5, 6]]))
        np.testing.assert_array_equal(table, [[4, 5], [1, 1], [1, 1], [7, 9]])
        add_rows(table, np.zeros(0, kind), np.zeros((0, 2)))
        np.testing.assert_array_equal(table[0], [4, 5])
