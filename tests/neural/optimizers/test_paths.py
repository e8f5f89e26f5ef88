"""Paths of optimizers on surfaces."""

import numpy as np
import pytest

from lmkit.neural.optimizers.paths import path
from lmkit.neural.optimizers.registry import OPTIMIZERS, make_optimizer
from lmkit.neural.optimizers.surfaces import SURFACES, Surface
from tests.neural.gradients import numerical_gradient

EACH = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)


@EACH
def test_gradients_are_those_of_differences(surface: Surface) -> None:
    points = np.random.default_rng(1).normal(size=(5, 2))
    expected = numerical_gradient(lambda at: float(surface.value(at).sum()), points)
    np.testing.assert_allclose(surface.gradient(points), expected, rtol=1e-6, atol=1e-6)


@EACH
def test_minima_are_where_they_are_said_to_be(surface: Surface) -> None:
    minimum = np.array(surface.minimum)
    assert surface.value(minimum) == 0
    assert surface.gradient(minimum).tolist() == [0, 0]
    assert (surface.value(minimum + np.random.default_rng(1).normal(size=(100, 2))) > 0).all()


def test_gradient_descent_in_the_bowl_shrinks_each_direction_by_its_own_factor() -> None:
    # x ← x − η x = (1 − η) x, y ← y − 20 η y = (1 − 20 η) y
    found = path(SURFACES["bowl"], make_optimizer("gradient-descent", 2, np.float64), (-4.0, 1.0), 0.04, 10)
    expected = [(-4 * 0.96**step, 0.2**step) for step in range(11)]
    np.testing.assert_allclose(found.points, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.values, [0.5 * (x * x + 20 * y * y) for x, y in expected], rtol=1e-12)
    assert (found.steps, found.diverged) == (10, False)


def test_a_path_that_leaves_for_infinity_ends_where_it_was_last_seen() -> None:
    # |1 − 20 · 0.2| = 3: y is three times as far at each step, and 20 y² / 2 beyond 1e100 after 104 steps
    found = path(SURFACES["bowl"], make_optimizer("sgd", 2, np.float64), (-4.0, 1.0), 0.2, 1000)
    assert (found.steps, found.diverged) == (103, True)
    assert np.isfinite(found.points).all()
    assert path(SURFACES["rosenbrock"], make_optimizer("sgd", 2, np.float64), (-1.2, 1.0), 0.1, 1000).diverged


@EACH
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_comes_down(surface: Surface, name: str) -> None:
    rate = 0.001 if name in ("gradient-descent", "sgd", "momentum") else 0.02
    found = path(surface, make_optimizer(name, 2, np.float64), surface.start, rate, 500)
    assert found.values[-1] < found.values[0] / 5


def test_noise_is_drawn_by_the_seed() -> None:
    def walked(noise: float, seed: int) -> bytes:
        optimizer = make_optimizer("sgd", 2, np.float64)
        return path(SURFACES["bowl"], optimizer, (-4.0, 1.0), 0.04, 10, noise=noise, seed=seed).points.tobytes()

    assert walked(1.0, 1) == walked(1.0, 1)
    assert len({walked(1.0, 1), walked(1.0, 2), walked(0.0, 1)}) == 3
    assert walked(0.0, 1) == walked(0.0, 2)
