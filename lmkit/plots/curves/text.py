"""Curves as text: braille dots, two by four to a character, or plain ASCII.

A curve among several is recognised by its letter, which stands on it here and there, so that no colour is needed.
"""

from functools import partial
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from lmkit.escaping import visible
from lmkit.plots.plot import Axis, Plot, as_ascii, axis_ranges, label_said, ticks_between, written_number

BRAILLE = 0x2800
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)  # of a braille character
LEAST_COLUMNS, LEAST_ROWS = 10, 4  # of the part with the curves
FEW = 12  # points up to which each is marked with the letter of its curve
COLORS = (32, 166, 36, 175, 178, 74, 99, 245)  # of 256; apart for the colour-blind, on dark and on light ground
Cells = tuple[
    list[list[str]], NDArray[np.int64]
]  # characters row by row, and the curve (rows, columns) of each; -1: none


def text_plot(plot: Plot, columns: int = 80, rows: int = 16, *, ascii_only: bool = False, color: bool = False) -> str:
    """The plot as lines of text.

    columns: of a line, as far as the numbers at the axes allow. rows: of the part with the curves. color: with the escape
    sequences of a terminal.
    """
    x_range, y_range = axis_ranges(plot)
    tick_limit = max(min(rows // 2, 7), 2)
    y_ticks = places_of(plot.y, y_range, tick_limit)
    margin = max((len(label) for _, label in y_ticks), default=0)
    rows, columns = max(rows, LEAST_ROWS), max(columns - margin - 2, LEAST_COLUMNS)
    cells, owners = draw_curves(plot, x_range, y_range, columns, rows, ascii_only=ascii_only)
    line, tick, corner, floor, foot = "|+++-" if ascii_only else "│┤└┬─"
    labels = {row_of(place, rows): label for place, label in reversed(y_ticks)}
    labelled = partial(label_said, ascii_only=ascii_only)
    lines = [visible(labelled(plot.title)), f"{' ' * margin} {labelled(plot.y.label)}"]
    for row, (characters, curves) in enumerate(zip(cells, owners.tolist(), strict=True)):
        start = f"{labels.get(row, ''):>{margin}} {tick if row in labels else line}"
        lines.append((start + colored(characters, curves if color else [-1] * columns)).rstrip())
    x_ticks = places_of(plot.x, x_range, max(columns // 10, 3))
    feet = {round(place * (columns - 1)) for place, _ in x_ticks}
    lines.append(f"{' ' * margin} {corner}" + "".join(floor if place in feet else foot for place in range(columns)))
    lines.append((" " * (margin + 2) + tick_labels(x_ticks, columns)).rstrip())
    lines.append(labelled(plot.x.label).rjust(margin + 2 + columns))
    text = "\n".join([*lines, *legend(plot, ascii_only=ascii_only, color=color)]) + "\n"
    return as_ascii(text) if ascii_only else text


def position(values: NDArray[np.float64], axis: Axis, limits: tuple[float, float]) -> NDArray[np.float64]:
    """(points,) where values lie on an axis: 0 at its lower end, 1 at its upper end."""
    low, high = limits
    if axis.logarithmic:
        scaled: NDArray[np.float64] = (np.log(values) - np.log(low)) / (np.log(high) - np.log(low))
        return scaled
    return (values - low) / (high - low)


def places_of(axis: Axis, limits: tuple[float, float], most: int) -> list[tuple[float, str]]:
    """The position and the label of each tick of an axis, ascending."""
    ticks = list(axis.ticks) or ticks_between(*limits, logarithmic=axis.logarithmic, most=most)
    positions = position(np.array(ticks, np.float64), axis, limits).clip(0, 1)
    return list(zip(positions.tolist(), map(written_number, ticks), strict=True))


def row_of(place: float, rows: int) -> int:
    """The row, from the top, of a position on the vertical axis."""
    return int(rows * 4 - 1 - round(place * (rows * 4 - 1))) // 4


def draw_curves(
    plot: Plot, x_range: tuple[float, float], y_range: tuple[float, float], columns: int, rows: int, *, ascii_only: bool
) -> Cells:
    """The cells with the curves; fitted lines lie below, and of curves that meet the first is seen."""
    high, wide = (1, 1) if ascii_only else DOTS.shape
    bits = np.zeros((rows, columns), np.int64)
    owners = np.full((rows, columns), -1)
    marks: dict[tuple[int, int], int] = {}  # the curve whose letter stands there
    letters = curve_letters(plot)
    characters = np.full((rows, columns), " ", "<U1")
    for fit in (True, False):
        if fit and plot.fitted is None:
            continue
        for number, curve in reversed(list(enumerate(plot.curves))):
            xs, ys = plot.points(curve, plot.fitted if fit else plot.y)
            x, y = position(xs, plot.x, x_range), position(ys, plot.y, y_range)
            dots = raster(x, y, columns * wide, rows * high)
            if fit and not ascii_only:
                dots &= np.add.outer(np.arange(rows * high), np.arange(columns * wide)) % 4 == 0
            found = np.tensordot(
                dots.reshape(rows, high, columns, wide).transpose(0, 2, 1, 3), DOTS[:high, :wide].astype(np.int64), 2
            )
            bits |= found
            owners[found > 0] = number
            characters[found > 0] = "." if fit else letters[number] or "*"
            if letters[number] and not fit:
                for place in mark_places(found > 0, x, y, number, len(plot.curves)):
                    marks[place] = number
    if not ascii_only:
        characters = np.where(bits > 0, np.vectorize(chr, otypes=["<U1"])(BRAILLE + bits), " ")
        for place, number in marks.items():
            characters[place], owners[place] = letters[number], number
    cells: list[list[str]] = characters.tolist()
    return cells, owners


def raster(x: NDArray[np.float64], y: NDArray[np.float64], width: int, height: int) -> NDArray[np.bool_]:
    """(height, width) which dots the line through the points touches. x, y: (points,) positions, seen from 0 to 1."""
    dots = np.zeros((height, width), bool)
    across, up = x * (width - 1), y * (height - 1)
    if not len(x):
        return dots
    if len(x) > 1:
        steps = np.ceil(np.maximum(np.abs(np.diff(across)), np.abs(np.diff(up)))).astype(np.int64) + 1
        part = (np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)) / np.repeat(steps, steps)
        across, up = (
            np.append(np.repeat(ends[:-1], steps) + part * np.repeat(np.diff(ends), steps), ends[-1])
            for ends in (across, up)
        )
    columns, lines = np.rint(across).astype(np.int64), height - 1 - np.rint(up).astype(np.int64)
    seen = (columns >= 0) & (columns < width) & (lines >= 0) & (lines < height)
    dots[lines[seen], columns[seen]] = True
    return dots


def curve_letters(plot: Plot) -> list[str]:
    """The letter of each curve; none for a single one."""
    return [""] if len(plot.curves) == 1 else [ascii_lowercase[k % 26] for k in range(len(plot.curves))]


def mark_places(
    touched: NDArray[np.bool_], x: NDArray[np.float64], y: NDArray[np.float64], number: int, curves: int
) -> list[tuple[int, int]]:
    """The cells where the letter of a curve stands: its points, if they are few, or three places that differ from curve to curve.

    touched: (rows, columns) the cells of the curve; x, y: (points,) positions.
    """
    rows, columns = touched.shape
    if len(x) <= FEW:
        across = np.rint(x * (columns * 2 - 1)).astype(int) // 2
        return [(row_of(place, rows), column) for place, column in zip(y.tolist(), across.tolist(), strict=True)]
    wanted = [int(columns * (part + (number + 0.5) / curves) / 3) for part in range(3)]
    wanted.append(int(np.flatnonzero(touched.any(axis=0))[-1]))
    return [(int(touched[:, column].argmax()), column) for column in wanted if touched[:, column].any()]


def tick_labels(ticks: list[tuple[float, str]], columns: int) -> str:
    """The line of labels below the axis; one that would touch the label before it is left out."""
    text = ""
    for place, label in ticks:
        start = min(max(round(place * (columns - 1)) - len(label) // 2, 0), columns - len(label))
        if not text or start > len(text):
            text = text.ljust(start) + label
    return text


def colored(characters: list[str], curves: list[int]) -> str:
    """The characters of a row, each in the colour of its curve (-1: none)."""
    pieces, before = [], -1
    for character, curve in zip([*characters, ""], [*curves, -1], strict=True):
        if curve != before:
            pieces.append("\x1b[0m" if curve < 0 else f"\x1b[38;5;{COLORS[curve % len(COLORS)]}m")
        pieces.append(character)
        before = curve
    return "".join(pieces)


def legend(plot: Plot, *, ascii_only: bool, color: bool) -> list[str]:
    """A line for each curve, and one for fitted lines."""
    letters = curve_letters(plot)
    sample, dotted = ("**", "..") if ascii_only else ("⠒⠒", "⠂⠂")
    labelled = partial(label_said, ascii_only=ascii_only)
    lines = []
    for number, curve in enumerate(plot.curves):
        shown = list(letters[number] or sample)
        lines.append(f"{colored(shown, [number if color else -1] * len(shown))} {visible(labelled(curve.name))}")
    return lines if plot.fitted is None else [*lines, f"{dotted} {labelled(plot.fitted.label)}"]
