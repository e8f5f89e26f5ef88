"""Paths of optimizers on a surface: what is seen of them, and where; how they are shown is for others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.optimizers.paths import OptimizerPath
from lmkit.neural.optimizers.surfaces import Surface
from lmkit.one_line import one_line
from lmkit.plots.drawn import Drawn
from lmkit.plots.plot import Axis, Curve, Plot

AROUND = 0.35  # of the way from start to minimum: what is seen around them, however far a path goes
SIGHT = 2.0  # ways from start to minimum beyond which nothing is seen


@one_line
@dataclass(frozen=True, eq=False)
class Paths(Drawn):
    """Optimizers side by side."""

    title: str
    surface: Surface
    paths: tuple[OptimizerPath, ...]
    signatures: tuple[str, ...]  # one for each

    def limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The part of the surface that is shown, as ranges of x and of y: all paths, but for what goes too far."""
        start, minimum = self.paths[0].points[0], np.array(self.surface.minimum)
        way = max(float(np.abs(start - minimum).max()), 0.5)
        middle = (start + minimum) / 2
        points = np.concatenate([start[None], minimum[None], *(path.points for path in self.paths)])
        seen = points[(np.abs(points - middle) <= SIGHT * way).all(axis=1)]
        low, high = seen.min(axis=0) - AROUND * way, seen.max(axis=0) + AROUND * way
        return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))

    def seen(self, path: OptimizerPath) -> NDArray[np.float64]:
        """(points, 2) of a path, up to where it leaves the part that is shown."""
        (left, right), (bottom, top) = self.limits()
        x, y = path.points[:, 0], path.points[:, 1]
        outside = (x < left) | (x > right) | (y < bottom) | (y > top)
        return path.points[: int(outside.argmax())] if outside.any() else path.points

    def plot(self) -> Plot:
        """The data: a row for each point of each path, all of them."""
        return self.curves([path.points for path in self.paths])

    def visible(self) -> Plot:
        """The curves that are drawn, with the minimum as a point."""
        minimum = Curve("minimum", {}, {axis: [value] for axis, value in zip("xy", self.surface.minimum, strict=True)})
        drawn = self.curves([self.seen(path) for path in self.paths])
        return Plot(drawn.kind, drawn.title, drawn.x, drawn.y, (*drawn.curves, minimum))

    def curves(self, points: list[NDArray[np.float64]]) -> Plot:
        """A curve for each optimizer, through these points of it."""
        made = []
        for path, shown, signature in zip(self.paths, points, self.signatures, strict=True):
            about = {"function": self.surface.name, "optimizer": path.optimizer, "rate": path.rate}
            columns: dict[str, Any] = {
                "step": np.arange(len(shown)),
                "x": shown[:, 0],
                "y": shown[:, 1],
                "value": path.values[: len(shown)],
            }
            made.append(Curve(legend(path), about | {"signature": signature}, columns))
        return Plot("paths", self.title, Axis("x", "x"), Axis("y", "y"), tuple(made))


def legend(path: OptimizerPath) -> str:
    """The name of a path, with its rate and where it ends."""
    if path.diverged:
        return f"{path.optimizer}, rate {path.rate:g}: gone for good after {path.steps:,} steps"
    return f"{path.optimizer}, rate {path.rate:g}: {path.values[-1]:.3g} after {path.steps:,} steps"
