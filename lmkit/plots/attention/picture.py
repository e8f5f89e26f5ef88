"""The attention of a sentence as a picture: a row of panels for each layer, a panel for each head. The same weights give the same bytes."""

from typing import Any, BinaryIO

import numpy as np

from lmkit.locales import said
from lmkit.plots.attention.view import AttentionView
from lmkit.plots.curves.picture import COLORS, styled, write_figure

CELL, BESIDE = 0.2, 0.9  # inches of a cell; of the names of tokens, and titles


def write_attention_picture(view: AttentionView, stream: BinaryIO, extension: str) -> None:
    """Draw the heads into a stream, in the format of this extension."""
    with styled():
        write_figure(draw(view), stream, extension, said(view.title), [view.weights.signature])


def draw(view: AttentionView) -> Any:
    """The figure of the heads."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    weights, tokens = view.weights, view.tokens
    layers, heads, number, _ = weights.alpha.shape
    side = CELL * number + BESIDE
    figure = Figure(figsize=(max(side * heads, 4.0) + 0.8, side * layers + 0.8), layout="constrained")
    panels = figure.subplots(layers, heads, squeeze=False)
    colors = LinearSegmentedColormap.from_list("lmkit", ["#ffffff", COLORS[1]])
    later = np.triu(np.ones((number, number), bool), 1)
    for (row, column), axes in np.ndenumerate(panels):
        shown = np.ma.masked_where(later, weights.alpha[row, column])
        mesh = axes.pcolormesh(shown, vmin=0, vmax=1, cmap=colors, edgecolors="#dddddd", linewidth=0.4)
        places = np.arange(number) + 0.5
        axes.set_xticks(places, tokens, rotation=90, fontsize=8)
        axes.set_yticks(places, tokens, fontsize=8)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.invert_yaxis()
        axes.set_aspect("equal")
        axes.set_title(said(f"layer {weights.layers[row]}, head {weights.heads[column]}"), fontsize=9)
    figure.suptitle(said(view.title))
    bar: Any = figure.colorbar(mesh, ax=panels, label=said("weight"), shrink=0.6, aspect=30)
    bar.solids.set(rasterized=False, edgecolor="face")
    bar.outline.set_linewidth(0.4)
    return figure
