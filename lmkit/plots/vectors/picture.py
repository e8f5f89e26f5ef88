"""A map of words as a picture: SVG, PNG or PDF, drawn by matplotlib. The same map gives the same bytes."""

from typing import Any, BinaryIO

from lmkit.locales import said
from lmkit.plots.curves.picture import COLORS, FONT, styled, write_figure
from lmkit.plots.vectors.layout import Layout, laid_out
from lmkit.plots.vectors.placement import Room
from lmkit.plots.vectors.word_map import WordMap

POINTS = 72.0  # in an inch: the unit of this module
FONT_SIZE, DOT = 8.5, 3.0  # of labels; across a dot
ROOM = Room(560.0, 440.0, 3.5, reach=(1.0, 3.5))
EDGES = (34.0, 34.0, 14.0, 30.0)  # left, below, right, above: axes and title


def write_map(word_map: WordMap, stream: BinaryIO, extension: str) -> None:
    """Draw the map into a stream, in the format of this extension."""
    with styled():
        write_figure(draw(word_map), stream, extension, said(word_map.title), [word_map.signature])


def picture_layout(word_map: WordMap) -> Layout:
    """Where points and labels of a picture stand, in points of its room."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font, measure = FontProperties(family=FONT, size=FONT_SIZE), TextToPath().get_text_width_height_descent

    def size_of(word: str) -> tuple[float, float]:
        return float(measure(word, font, ismath=False)[0]) + 2.0, FONT_SIZE * 1.2

    with styled():
        return laid_out(word_map, ROOM, size_of)


def draw(word_map: WordMap) -> Any:
    """The figure of the map."""
    from matplotlib.figure import Figure

    layout = picture_layout(word_map)
    left, below, right, above = EDGES
    width, height = left + ROOM.width + right, below + ROOM.height + above
    figure = Figure(figsize=(width / POINTS, height / POINTS))
    axes = figure.add_axes((left / width, below / height, ROOM.width / width, ROOM.height / height))
    axes.set(xlim=(0, ROOM.width), ylim=(0, ROOM.height), xticks=[], yticks=[], title=said(word_map.title))
    axes.set_xlabel(said(word_map.labels[0]))
    axes.set_ylabel(said(word_map.labels[1]))
    arrow = {"arrowstyle": "-|>", "linewidth": 1.0, "shrinkA": DOT, "shrinkB": DOT, "alpha": 0.75}
    for number, (start, end) in enumerate(word_map.pairs):
        color = COLORS[number % len(COLORS)]
        axes.annotate("", layout.points[end], layout.points[start], arrowprops=arrow | {"color": color})
    axes.plot(*layout.points.T, "o", color="#333333", markersize=DOT)
    for word, point, box, lead in zip(word_map.shown(), layout.points, layout.boxes, layout.leads(ROOM), strict=True):
        if box[0] == box[0]:  # no NaN: there was room
            x, y = (box[:2] + box[2:]) / 2
            axes.text(x, y, word, fontsize=FONT_SIZE, ha="center", va="center_baseline")
        if lead is not None:
            axes.plot(*zip(point, lead, strict=True), color="#999999", linewidth=0.5, zorder=1)
    return figure
