"""Threads change nothing, and neither does the order in which they end."""

import numpy as np
import pytest

from lmkit.neural.architectures.network import Shape
from lmkit.neural.lanes import LANES, Lanes
from tests.neural.small import SHAPES, lanes, random_batch, random_parameters

EACH = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


@EACH
@pytest.mark.parametrize("windows", [1, 23])
def test_any_number_of_threads_gives_the_same_bits(shape: Shape, windows: int) -> None:
    parameters, batch = random_parameters(shape, np.float32), random_batch(shape, windows)
    found = []
    for workers in (1, 2, 3, 9):
        with lanes(shape, parameters, 0.3, workers) as made:
            loss, gradients = made.gradients(batch)
            found.append((loss, gradients.vector.tobytes()))
    assert found.count(found[0]) == len(found)


@EACH
def test_a_second_batch_has_nothing_of_the_first(shape: Shape) -> None:
    parameters = random_parameters(shape, np.float32)
    first, second = random_batch(shape, seed=1), random_batch(shape, 2, seed=2)
    with lanes(shape, parameters) as made, lanes(shape, parameters) as fresh:
        made.gradients(first)
        loss, gradients = made.gradients(second)
        expected, slopes = fresh.gradients(second)
        assert loss == expected
        np.testing.assert_array_equal(gradients.vector, slopes.vector)


def test_each_lane_draws_by_a_key_of_its_own() -> None:
    shape = SHAPES["transformer, learned positions"]
    parameters, batch = random_parameters(shape), random_batch(shape, 1)
    with lanes(shape, parameters, 0.5) as made:
        losses = [network.add_gradients(batch, 1.0) for network in made.networks]
    assert len(set(losses)) == LANES


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    shape = SHAPES["bigram"]
    with lanes(shape, random_parameters(shape), workers=workers) as made:
        assert list(made.map(lambda network, item: (network in made.networks, item), range(11))) == [
            (True, item) for item in range(11)
        ]
        assert list(made.map(lambda _network, item: item, [])) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_what_fails_in_a_lane_is_raised(workers: int) -> None:
    shape = SHAPES["bigram"]

    def fail(_network: object, item: int) -> None:
        if item == 3:
            raise ValueError("at 3")

    with (
        Lanes(lambda: shape.network(random_parameters(shape)), workers, 1) as made,
        pytest.raises(ValueError, match="at 3"),
    ):
        list(made.map(fail, range(6)))
