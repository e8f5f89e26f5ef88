"""Paths of optimizers as a picture, on lines of equal height. The same paths give the same bytes."""

from typing import Any, BinaryIO

import numpy as np

from lmkit.locales import said
from lmkit.plots.curves.picture import COLORS, LINES, styled, write_figure
from lmkit.plots.neural.paths import Paths, legend

GRID = 200  # points in each direction that lines of equal height are found from
HEIGHTS = 14  # how many of these lines


def write_paths_picture(paths: Paths, stream: BinaryIO, extension: str) -> None:
    """Draw the paths into a stream, in the format of this extension."""
    with styled():
        write_figure(draw(paths), stream, extension, said(paths.title), paths.signatures)


def draw(paths: Paths) -> Any:
    """The figure of the paths."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 5.6), layout="constrained")
    axes = figure.subplots()
    x_range, y_range = paths.limits()
    grid = np.stack(np.meshgrid(np.linspace(*x_range, GRID), np.linspace(*y_range, GRID)), axis=-1)
    heights = paths.surface.value(grid)
    start = float(heights.max())
    levels = start * np.logspace(-5, 0, HEIGHTS)  # the valley is flat, its walls are not
    axes.contour(grid[..., 0], grid[..., 1], heights, levels=levels, colors="#bbbbbb", linewidths=0.6)
    for number, path in enumerate(paths.paths):
        points = paths.seen(path)
        color, line = COLORS[number % len(COLORS)], LINES[number // len(COLORS) % len(LINES)]
        axes.plot(
            points[:, 0],
            points[:, 1],
            color=color,
            linestyle=line,
            marker=".",
            markersize=3,
            linewidth=1,
            label=said(legend(path)),
        )
    axes.plot(*paths.surface.minimum, color="#000000", marker="*", markersize=10, linestyle="", label=said("minimum"))
    axes.set(xlim=x_range, ylim=y_range, xlabel="x", ylabel="y", title=said(paths.title))
    axes.grid(visible=False)
    figure.legend(loc="outside lower left", ncols=2, fontsize=8)
    return figure
