"""The gradients that are written by hand are those that the tape finds from the way forward."""

from typing import Any

import numpy as np
import pytest

from lmkit.neural.architectures.network import Shape
from lmkit.neural.layers.output import NO_TARGET
from lmkit.neural.windows import Batch
from tests.neural.models_on_tape import loss_and_gradients
from tests.neural.small import SHAPES, lanes, random_batch, random_parameters
from tests.neural.tape import Node

EACH = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


def agree(shape: Shape, batch: Any, part: int, seed: int = 1) -> None:
    """Loss and gradients by hand, part after part, are those of the tape, which takes all at once."""
    parameters = random_parameters(shape, seed=seed)
    expected, slopes = loss_and_gradients(shape, parameters, batch)
    with lanes(shape, parameters, part=part) as made:
        loss, gradients = made.gradients(batch)
    assert loss == pytest.approx(expected, rel=1e-12)
    for name, view in gradients.views.items():
        np.testing.assert_allclose(view, slopes[name], rtol=0, atol=1e-12, err_msg=name)


@EACH
@pytest.mark.parametrize("part", [1, 2, 4, 100])
def test_gradients_by_hand_are_those_of_the_tape(shape: Shape, part: int) -> None:
    agree(shape, random_batch(shape), part)


@EACH
def test_places_without_a_target_have_no_gradient(shape: Shape) -> None:
    batch = random_batch(shape)
    if isinstance(batch, Batch):
        targets = batch.targets.copy()
        targets[::2, -1] = NO_TARGET
        agree(shape, Batch(batch.inputs, targets, batch.starts), 2)
    agree(shape, batch.part(0, 1), 2)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES.values() if shape.time], ids=str)
def test_windows_of_one_sentence_each_need_no_mask_of_sentences(shape: Shape) -> None:
    inputs = np.random.default_rng(2).integers(2, 13, (5, shape.before + shape.time))
    targets = np.random.default_rng(3).integers(2, 13, (5, shape.time))
    agree(shape, Batch(inputs, targets, None), 2)


@pytest.mark.parametrize("dropout", [0.25, 0.5])
@EACH
def test_gradients_with_dropout_are_those_of_the_same_draws(shape: Shape, dropout: float) -> None:
    batch, parameters = random_batch(shape), random_parameters(shape)
    generator = np.random.default_rng(4)
    with lanes(shape, parameters, dropout, part=3) as made:

        def loss() -> float:
            made.seed(1, 2)
            return made.gradients(batch)[0]

        loss()
        slopes, theta = made.networks[0].gradients.vector.copy(), parameters.vector.copy()
        for _ in range(20):
            direction = parameters.like()
            direction.vector[...] = generator.normal(size=len(theta))
            for name in shape.given:
                direction[name][...] = 0
            step = 1e-6 * direction.vector
            parameters.vector[...] = theta + step
            above = loss()
            parameters.vector[...] = theta - step
            difference = (above - loss()) / 2e-6
            parameters.vector[...] = theta
            assert difference == pytest.approx(float(slopes @ direction.vector), abs=1e-7)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES.values() if shape.time], ids=str)
def test_dropout_changes_the_loss_by_key_and_not_the_scores(shape: Shape) -> None:
    batch, parameters = random_batch(shape), random_parameters(shape)
    with lanes(shape, parameters, 0.5) as made, lanes(shape, parameters) as plain:
        losses = []
        for key in (1, 1, 2):
            made.seed(key)
            losses.append(made.gradients(batch)[0])
        assert losses[0] == losses[1] != losses[2]
        text = np.array([1, 3, 4, 5, 0], np.int32)
        np.testing.assert_array_equal(made.networks[0].log_probs(text), plain.networks[0].log_probs(text))


@EACH
def test_a_model_of_32_bits_has_gradients_of_32_bits_near_those_of_64(shape: Shape) -> None:
    batch, parameters = random_batch(shape), random_parameters(shape, np.float32)
    exact = shape.initial(13, 1, None, np.float64)
    exact.vector[...] = parameters.vector
    _, slopes = loss_and_gradients(shape, exact, batch)
    with lanes(shape, parameters) as made:
        loss, gradients = made.gradients(batch)
        assert type(loss) is float
        assert gradients.vector.dtype == np.float32
        np.testing.assert_allclose(gradients.vector, slopes.vector, rtol=0, atol=1e-5)


def test_the_tape_adds_up_what_comes_back_by_several_ways() -> None:
    x = Node([[1.0, 2.0], [3.0, 4.0]])
    y = (x * x + x[[0, 0, 1]].sum(0) + x @ x).sum() / x.sum()  # every number in several places
    y.backward()
    found = np.empty((2, 2))
    for place in np.ndindex(2, 2):
        moved = [x.value.copy(), x.value.copy()]
        moved[0][place] += 1e-6
        moved[1][place] -= 1e-6
        above, below = ((m * m + m[[0, 0, 1]].sum(0) + m @ m).sum() / m.sum() for m in moved)
        found[place] = (above - below) / 2e-6
    np.testing.assert_allclose(x.gradient, found, atol=1e-8)
