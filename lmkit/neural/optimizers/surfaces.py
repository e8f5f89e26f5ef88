"""Functions of two numbers on which optimizers are watched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.locales import to_say
from lmkit.one_line import one_line

Points = NDArray[np.float64]  # (…, 2)


@one_line
@dataclass(frozen=True)
class Surface:
    """A loss of two parameters, x and y, with its gradient."""

    name: str
    title: str  # with a gap for the formula
    formula: str
    value: Callable[[Points], NDArray[np.float64]]  # (…) of (…, 2)
    gradient: Callable[[Points], Points]  # (…, 2) of (…, 2)
    start: tuple[float, float]  # where paths begin, if not told otherwise
    minimum: tuple[float, float]
    rates: Mapping[str, float]  # by optimizer: what it gets down with
    noise: float  # standard deviation of what a gradient on a sample differs by, for those that take one


def rosenbrock(points: Points) -> NDArray[np.float64]:
    """(1 − x)² + 100 (y − x²)²: a bent valley that is easily found, and hard to follow (Rosenbrock, 1960).

    >>> rosenbrock(np.array([-1.2, 1.0])).round(3).item()
    24.2
    """
    x, y = points[..., 0], points[..., 1]
    values: NDArray[np.float64] = (1 - x) ** 2 + 100 * (y - x * x) ** 2
    return values


def rosenbrock_gradient(points: Points) -> Points:
    """(−2 (1 − x) − 400 x (y − x²), 200 (y − x²))."""
    x, y = points[..., 0], points[..., 1]
    above = y - x * x
    return np.stack((-2 * (1 - x) - 400 * x * above, 200 * above), axis=-1)


STEEP = 20.0  # how much steeper the bowl is along y than along x


def bowl(points: Points) -> NDArray[np.float64]:
    """½ (x² + 20 y²): an elongated bowl, in which the rate that is right for one direction is wrong for the other.

    >>> bowl(np.array([2.0, 1.0])).item()
    12.0
    """
    x, y = points[..., 0], points[..., 1]
    values: NDArray[np.float64] = 0.5 * (x * x + STEEP * y * y)
    return values


def bowl_gradient(points: Points) -> Points:
    """(x, 20 y)."""
    slopes: Points = points * np.array([1.0, STEEP])
    return slopes


SURFACES = {
    surface.name: surface
    for surface in (
        Surface(
            "rosenbrock",
            to_say("Rosenbrock’s valley, {formula}"),
            "(1 − x)² + 100 (y − x²)²",
            rosenbrock,
            rosenbrock_gradient,
            (-1.2, 1.0),
            (1.0, 1.0),
            {"gradient-descent": 0.001, "sgd": 0.001, "momentum": 0.02, "adam": 0.2, "adamw": 0.2},
            30.0,
        ),
        Surface(
            "bowl",
            to_say("An elongated bowl, {formula}"),
            "½ (x² + 20 y²)",
            bowl,
            bowl_gradient,
            (-4.0, 1.0),
            (0.0, 0.0),
            {"gradient-descent": 0.08, "sgd": 0.02, "momentum": 0.08, "adam": 0.2, "adamw": 0.2},
            3.0,
        ),
    )
}
