"""A heat map in a terminal: a number in each cell on a ground of more or less colour, or after a shade where there is none."""

import math
from collections.abc import Iterator

from lmkit.engine.wording import display_width, plural
from lmkit.escaping import visible
from lmkit.locales import said
from lmkit.plots.heat.heat_map import HeatMap, short_number
from lmkit.plots.plot import as_ascii, label_said
from lmkit.plots.surprisal.text import Colors, painted, spelled
from lmkit.plots.words import standing_alone

SHADES, ASCII_SHADES = " ░▒▓█", " .:+#"  # of nothing, and of more and more
ZERO, ASCII_ZERO = "·", "."
RAMP = "\0"  # stands for the signs of a scale, in sentences on it
LONGEST = 12  # letters of a word over its cells; what is longer is cut


def heat_map_text(
    shown: HeatMap,
    columns: int = 80,
    *,
    ascii_only: bool = False,
    colors: Colors = "none",
    numbers: bool = True,
) -> str:
    """The block as lines of text, in several parts if it is wider than so many columns, and how to read it.

    numbers: False shows cells as shades alone, side by side.
    """
    if not numbers:
        return shades_text(shown, columns, ascii_only=ascii_only, colors=colors)
    rows, heads = ([cut(word, ascii_only=ascii_only) for word in words] for words in (shown.rows, shown.columns))
    zero = ASCII_ZERO if ascii_only else ZERO
    empty = shown.zero_is_empty
    written = [[zero if empty and not value else short_number(value) for value in row] for row in shown.values.tolist()]
    signs = shade_signs(shown, ascii_only=ascii_only) if colors == "none" else [[""] * len(heads)] * len(rows)
    margin = max(map(display_width, rows))
    extra = int(colors == "none")
    widths = [max(display_width(head), *(len(row[n]) + extra for row in written)) for n, head in enumerate(heads)]
    shades = [[0.0 if math.isnan(shade) else shade for shade in row] for row in shown.shades.tolist()]
    lines = [visible(label_said(shown.title, ascii_only=ascii_only), keep="\n")]
    for first, last in parts(widths, columns - margin):
        here = range(first, last)
        lines.append(" " * margin + "".join(" " * (1 + widths[n] - display_width(heads[n])) + heads[n] for n in here))
        for row, word in enumerate(rows):
            cells = (f"{signs[row][n]}{written[row][n]:>{widths[n] - extra}}" for n in here)
            painted_cells = (painted(cell, shades[row][n], colors) for n, cell in zip(here, cells, strict=True))
            lines.append(" ".join([word + " " * (margin - display_width(word)), *painted_cells]))
        lines.append("")
    text = "\n".join([*lines, key(shown, ascii_only=ascii_only, colors=colors)]) + "\n"
    return as_ascii(text) if ascii_only else text


def shades_text(shown: HeatMap, columns: int, *, ascii_only: bool, colors: Colors) -> str:
    """The block as shades alone: each cell as wide as the widest head of a column and a blank."""
    rows, heads = ([cut(word, ascii_only=ascii_only) for word in words] for words in (shown.rows, shown.columns))
    margin, wide = max(map(display_width, rows)), max(2, *(display_width(head) + 1 for head in heads))
    signs = shade_signs(shown, ascii_only=ascii_only)
    shades = [[0.0 if math.isnan(shade) else shade for shade in row] for row in shown.shades.tolist()]
    lines = [visible(label_said(shown.title, ascii_only=ascii_only), keep="\n")]
    for first, last in parts([wide - 1] * len(heads), columns - margin - 1):
        here = range(first, last)
        lines.append(" " * (margin + 1) + "".join(" " * (wide - display_width(heads[n])) + heads[n] for n in here))
        for row, word in enumerate(rows):
            cells = (
                signs[row][n] * wide if colors == "none" else painted(" " * wide, shades[row][n], colors) for n in here
            )
            lines.append(word + " " * (margin - display_width(word) + 1) + "".join(cells).rstrip(" "))
        lines.append("")
    text = "\n".join([*lines, key(shown, ascii_only=ascii_only, colors=colors)]) + "\n"
    return as_ascii(text) if ascii_only else text


def shade_signs(shown: HeatMap, *, ascii_only: bool) -> list[list[str]]:
    """The sign for the shade of each cell: blank for 0, and four for more and more of any other."""
    signs = ASCII_SHADES if ascii_only else SHADES
    most = len(signs) - 1
    pairs = (zip(*both, strict=True) for both in zip(shown.values.tolist(), shown.shades.tolist(), strict=True))
    return [
        [
            signs[0] if shown.zero_is_empty and not value else signs[1 + min(int(shade * most), most - 1)]
            for value, shade in row
        ]
        for row in pairs
    ]


def cut(word: str, *, ascii_only: bool) -> str:
    """A word as it stands beside cells."""
    shown = spelled(standing_alone(word), ascii_only=ascii_only)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + ("~" if ascii_only else "…")


def parts(widths: list[int], room: int) -> Iterator[tuple[int, int]]:
    """Ranges of columns that fit into the room, one column at least."""
    first, used = 0, 0
    for place, width in enumerate(widths):
        if place > first and used + width + 1 > room:
            yield first, place
            first, used = place, 0
        used += width + 1
    yield first, len(widths)


def key(shown: HeatMap, *, ascii_only: bool, colors: Colors) -> str:
    """One line on how to read the others."""
    ramp = ASCII_SHADES if ascii_only else SHADES
    if colors != "none":
        ramp = "".join(painted(" ", step / 9, colors) for step in range(10))
    row, column = (said(plural(side)) for side in shown.sides)
    low, high = map(short_number, shown.limits)
    told = f"rows: {row}; columns: {column}; {RAMP} {said(shown.cells)}, {low} to {high}" + (
        " on a logarithmic scale" if shown.logarithmic else ""
    )
    return label_said(told, ascii_only=ascii_only).replace(RAMP, ramp.strip(" "))
