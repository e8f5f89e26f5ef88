"""A heat map as a picture: a rectangle for each cell, with its number if there are few. The same block gives the same bytes."""

from typing import Any, BinaryIO

import numpy as np

from lmkit.locales import said
from lmkit.plots.curves.picture import COLORS, styled, write_figure
from lmkit.plots.heat.heat_map import HeatMap, short_number
from lmkit.plots.plot import ticks_between, written_number
from lmkit.plots.words import standing_alone

NUMBERED = 30  # rows and columns up to which cells have their numbers
CELL, SMALL_CELL = 0.36, 0.16  # inches of a cell with its number, and without
LEAST, BESIDE = 2.4, 2.2  # inches of the block; for words, title and scale


def write_heat(shown: HeatMap, stream: BinaryIO, extension: str) -> None:
    """Draw the block into a stream, in the format of this extension."""
    with styled():
        write_figure(draw(shown), stream, extension, said(shown.title), [shown.signature] if shown.signature else [])


def draw(shown: HeatMap) -> Any:
    """The figure of the block."""
    from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
    from matplotlib.figure import Figure

    numbered = max(shown.values.shape) <= NUMBERED
    height, width = (max(side * (CELL if numbered else SMALL_CELL), LEAST) + BESIDE for side in shown.values.shape)
    figure = Figure(figsize=(width + 0.6, height), layout="constrained")
    axes = figure.subplots()
    low, high = shown.limits
    high = high if high > low else low + 1
    colors = LinearSegmentedColormap.from_list("lmkit", ["#ffffff", COLORS[1]])
    scale = (LogNorm if shown.logarithmic else Normalize)(low, high)
    values = np.ma.masked_invalid(np.where(np.isnan(shown.shades), np.nan, shown.values))
    mesh = axes.pcolormesh(values, norm=scale, cmap=colors, edgecolors="#dddddd", linewidth=0.4)
    size = 7 if numbered else 5
    for (row, column), value in np.ndenumerate(shown.values) if numbered else ():
        if value or not shown.zero_is_empty:
            axes.text(column + 0.5, row + 0.5, short_number(value), ha="center", va="center", fontsize=size)
    axes.set_xticks(
        np.arange(len(shown.columns)) + 0.5, list(map(standing_alone, shown.columns)), rotation=90, fontsize=size + 2
    )
    axes.set_yticks(np.arange(len(shown.rows)) + 0.5, list(map(standing_alone, shown.rows)), fontsize=size + 2)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.invert_yaxis()
    axes.set_title(said(shown.title))
    row, column = shown.sides
    axes.set_xlabel(said(column))
    axes.set_ylabel(said(row))
    bar: Any = figure.colorbar(mesh, ax=axes, label=said(shown.cells), shrink=0.8, aspect=30)
    ticks = ticks_between(low, high, logarithmic=shown.logarithmic)
    bar.set_ticks(ticks, labels=list(map(written_number, ticks)))
    bar.minorticks_off()
    bar.solids.set(rasterized=False, edgecolor="face")  # as everything else: no bitmap within vectors
    bar.outline.set_linewidth(0.4)
    return figure
