"""The way that an optimizer takes down a surface."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.optimizers.protocol import Optimizer
from lmkit.neural.optimizers.surfaces import Points, Surface
from lmkit.one_line import one_line
from lmkit.signature import signature

FAR = 1e100  # values beyond which a path has left for good


@one_line
@dataclass(frozen=True, eq=False)
class OptimizerPath:
    """Where an optimizer came along."""

    optimizer: str
    rate: float
    points: Points  # (steps + 1, 2) the start first
    values: NDArray[np.float64]  # (steps + 1,)
    noise: float
    seed: int
    diverged: bool  # the path ends where it left for infinity, before all steps were taken

    @property
    def steps(self) -> int:
        """The number of steps taken."""
        return len(self.points) - 1

    def signature(self, surface: str) -> str:
        """What made the path, on the surface of this name."""
        (x, y), noise = self.points[0].tolist(), {"noise": self.noise, "seed": self.seed} if self.noise else {}
        about = {"function": surface, "optimizer": self.optimizer, "rate": self.rate, "start": f"{x:g},{y:g}"}
        return signature(about | noise)


def path(
    surface: Surface,
    optimizer: Optimizer,
    start: tuple[float, float],
    rate: float,
    steps: int,
    *,
    noise: float = 0.0,
    seed: int = 1,
) -> OptimizerPath:
    """The points that an optimizer of two parameters (of 64 bits) comes along.

    noise: the standard deviation of what is added to each number of the gradient: what a gradient on a sample differs by from that on all.
    """
    draws = np.random.default_rng(seed)
    theta = np.array(start, np.float64)
    points, values = [theta.copy()], [float(surface.value(theta))]
    diverged = False
    for _ in range(steps):
        gradient = surface.gradient(theta)
        if noise:
            gradient = gradient + draws.normal(0.0, noise, 2)
        optimizer.step(theta, gradient, rate)
        with np.errstate(over="ignore", invalid="ignore"):
            value = float(surface.value(theta))
        if not (math.isfinite(value) and value < FAR):
            diverged = True
            break
        points.append(theta.copy())
        values.append(value)
    return OptimizerPath(optimizer.name, rate, np.array(points), np.array(values), noise, seed, diverged)
