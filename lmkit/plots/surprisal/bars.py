"""Surprisal as a bar for each token, coloured by the length of the n-gram that gave it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np

from lmkit.errors import DataError
from lmkit.locales import said
from lmkit.plots.curves.picture import COLORS, styled, write_figure
from lmkit.plots.plot import ticks_between, written_number
from lmkit.plots.surprisal.view import INFINITE, View
from lmkit.scoring.surprisal import Surprisal

TOKENS_A_ROW = 24
MOST_ROWS = 40
ROW_INCHES, TOKEN_INCHES, LEAST_INCHES = 1.9, 0.3, 5.0
LETTER_INCHES = 0.095  # of the title
LEGEND_COLUMNS = 4
UNKNOWN = "//"  # hatching


def write_bars(sentences: Sequence[Surprisal], view: View, stream: BinaryIO, extension: str) -> None:
    """Draw the bars of the sentences, in rows, into a stream. DataError if there are too many for one picture."""
    with styled():
        write_figure(draw_bars(sentences, view), stream, extension, said(view.title), [view.signature])


def draw_bars(sentences: Sequence[Surprisal], view: View) -> Any:
    """The figure of the bars."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    rows = [(sentence, part) for sentence in sentences for part in parts_of(len(sentence.bits))]
    if len(rows) > MOST_ROWS:
        raise DataError(
            f"{sum(len(sentence.bits) for sentence in sentences):,} tokens are too many for one picture of bars.",
            f"It has room for {MOST_ROWS} rows of {TOKENS_A_ROW}; -o x.html shows any number.",
        )
    bits = np.concatenate([sentence.bits for sentence in sentences])
    finite = bits[np.isfinite(bits)]
    top = max(float(finite.max(initial=0.0)), 1.0) * 1.08
    if len(finite) < len(bits):
        top = max(top, view.scale)
    longest = max(part.stop - part.start for _, part in rows)
    width = max(TOKEN_INCHES * longest + 1, LETTER_INCHES * len(said(view.title)), LEAST_INCHES)
    size = (width, ROW_INCHES * len(rows) + 0.9)
    figure = Figure(figsize=size, layout="constrained")
    for axes, (sentence, part) in zip(figure.subplots(len(rows), squeeze=False)[:, 0], rows, strict=True):
        draw_row(axes, sentence, part, view, top)
        axes.set_xlim(-0.6, longest - 0.4)
    orders = sorted({order for sentence in sentences for order in sentence.order_list() if order is not None})
    handles = [Patch(color=order_color(order), label=said(f"{order}-gram")) for order in orders]
    if any(sentence.oov.any() for sentence in sentences):
        handles.append(Patch(facecolor="white", edgecolor="black", hatch=UNKNOWN, label=said("unknown")))
    figure.legend(handles=handles, loc="outside lower center", ncols=LEGEND_COLUMNS)  # clear of the title, however long
    figure.suptitle(said(view.title), fontsize=11)
    return figure


def parts_of(tokens: int) -> list[slice]:
    """The tokens of a sentence cut into as few rows as hold them, all of the same length, give or take one."""
    rows = -(-tokens // TOKENS_A_ROW)
    ends = [tokens * row // rows for row in range(rows + 1)] if rows else []
    return [slice(start, stop) for start, stop in pairwise(ends)]


def draw_row(axes: Any, sentence: Surprisal, part: slice, view: View, top: float) -> None:
    """The bars of one row, which are a part of a sentence; what is infinite reaches the upper edge."""
    bits, tokens = sentence.bits[part], [view.label(token) for token in sentence.tokens[part]]
    colors = [order_color(order) for order in sentence.order_list()[part]]
    bars = axes.bar(range(len(bits)), np.minimum(bits, top), color=colors, width=0.8)
    for bar, oov, height in zip(bars, sentence.oov[part].tolist(), bits.tolist(), strict=True):
        if oov:
            bar.set(hatch=UNKNOWN, edgecolor="white")
        if np.isinf(height):
            middle = bar.get_x() + bar.get_width() / 2
            axes.annotate(INFINITE, (middle, top), ha="center", va="bottom", annotation_clip=False)
    axes.set(ylim=(0, top), ylabel="bits")
    ticks = ticks_between(0, top, logarithmic=False, most=4)
    axes.set_yticks(ticks, list(map(written_number, ticks)))
    slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if view.unit == "word" else {}
    axes.set_xticks(range(len(bits)), tokens, **slanted)
    axes.grid(visible=False, axis="x")


def order_color(order: int | None) -> str:
    """The colour of an order, the same in every picture; the first one without n-grams."""
    return COLORS[((order or 1) - 1) % len(COLORS)]
