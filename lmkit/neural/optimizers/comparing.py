"""Optimizers side by side on one surface."""

import math
from collections.abc import Sequence

import numpy as np

from lmkit.errors import UsageError
from lmkit.neural.optimizers.paths import OptimizerPath, path
from lmkit.neural.optimizers.registry import OPTIMIZERS, make_optimizer
from lmkit.neural.optimizers.surfaces import SURFACES, Surface


def surface_named(name: str) -> Surface:
    """The surface of this name. UsageError if there is none."""
    if name not in SURFACES:
        raise UsageError(f"there is no function {name!r} to go down on.", f"There are: {', '.join(SURFACES)}.")
    return SURFACES[name]


def compare_optimizers(
    surface: Surface,
    names: Sequence[str] = (),
    *,
    start: tuple[float, float] | None = None,
    rate: float | None = None,
    steps: int = 200,
    noise: float | None = None,
    seed: int = 1,
) -> list[OptimizerPath]:
    """The paths of these optimizers (none: all).

    rate: of all (default: for each one what it gets down with). noise: standard deviation of what gradients on samples differ by from those on all
    the data, for optimizers that take such (default: that of the surface). UsageError for what makes no sense.
    """
    for name in names:
        if name not in OPTIMIZERS:
            raise UsageError(f"there is no optimizer {name!r}.", f"There are: {', '.join(OPTIMIZERS)}.")
    start = surface.start if start is None else start
    with np.errstate(over="ignore", invalid="ignore"):
        height = float(surface.value(np.array(start, np.float64)))
    if not math.isfinite(height):
        raise UsageError(f"the start is ({start[0]:g}, {start[1]:g}); it must be where the function is finite.")
    if rate is not None and not 0 < rate < math.inf:
        raise UsageError(f"the learning rate is {rate:g}; it must be above 0, and finite.")
    if noise is not None and not 0 <= noise < math.inf:
        raise UsageError(f"the noise is {noise:g}; it must be 0 or more, and finite.")
    found = []
    for name in names or OPTIMIZERS:
        sampled = surface.noise if noise is None else noise
        found.append(
            path(
                surface,
                make_optimizer(name, 2, np.float64),
                start,
                surface.rates[name] if rate is None else rate,
                steps,
                noise=sampled if OPTIMIZERS[name].on_samples else 0.0,
                seed=seed,
            )
        )
    return found
