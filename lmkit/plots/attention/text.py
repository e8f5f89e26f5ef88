"""The attention of a sentence in a terminal: a triangle of shades for each head, side by side; rows look, columns are looked at."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import partial

from lmkit.engine.wording import display_width
from lmkit.escaping import visible
from lmkit.plots.attention.view import AttentionView
from lmkit.plots.heat.text import ASCII_SHADES, RAMP, SHADES, cut, heat_map_text
from lmkit.plots.neural.heat_maps import attention_map
from lmkit.plots.plot import as_ascii, label_said
from lmkit.plots.surprisal.text import Colors, painted

CELL, GAP = 2, 3  # columns of a cell; between heads


def attention_text(view: AttentionView, columns: int = 80, *, ascii_only: bool = False, colors: Colors = "none") -> str:
    """The heads of each layer as lines of text, as many side by side as fit, and how to read them; of a single head, the weights in numbers."""
    weights, labelled = view.weights, partial(label_said, ascii_only=ascii_only)
    if weights.alpha.shape[:2] == (1, 1):
        title = f"{visible(view.title)}\nlayer {weights.layers[0]}, head {weights.heads[0]}"
        shown = attention_map(weights.alpha[0, 0], view.tokens, view.tokens, title)
        return heat_map_text(shown, columns, ascii_only=ascii_only, colors=colors)
    names = [cut(token, ascii_only=ascii_only) for token in view.tokens]
    margin = max(map(display_width, names)) + 1
    lines = [visible(labelled(view.title)), ""]
    for number, of_layer in zip(weights.layers, weights.alpha.tolist(), strict=True):
        lines.append(labelled(f"layer {number}"))
        blocks = [
            triangle(rows, view.tokens, labelled(f"head {head}"), ascii_only=ascii_only, colors=colors)
            for head, rows in zip(weights.heads, of_layer, strict=True)
        ]
        for together in side_by_side(blocks, columns - margin):
            for name, line in zip(["", "", *names], together, strict=True):
                lines.append((name + " " * (margin - display_width(name)) + line).rstrip(" "))
            lines.append("")
    text = "\n".join([*lines, key(ascii_only=ascii_only, colors=colors)]) + "\n"
    return as_ascii(text) if ascii_only else text


def triangle(
    rows: Sequence[Sequence[float]], tokens: Sequence[str], title: str, *, ascii_only: bool, colors: Colors
) -> list[str]:
    """Lines of the same width: a title, the first letters of the tokens, and for each token how much it looks at those up to itself."""
    width = max(CELL * len(tokens), len(title))
    heads = "".join(first_letter(token, ascii_only=ascii_only) for token in tokens)
    lines = [title, heads]
    widths = [len(title), CELL * len(tokens)]
    for place, row in enumerate(rows):
        lines.append("".join(cell(weight, ascii_only=ascii_only, colors=colors) for weight in row[: place + 1]))
        widths.append(CELL * (place + 1))
    return [line + " " * (width - used) for line, used in zip(lines, widths, strict=True)]


def first_letter(token: str, *, ascii_only: bool) -> str:
    """What stands over the cells of a token: its first letter with all that is combined with it."""
    end = next((place for place, letter in enumerate(token) if place and not unicodedata.combining(letter)), len(token))
    found = token[:end]
    if ascii_only and not found.isascii():
        found = "?"
    return found + " " * (CELL - display_width(found))


def cell(weight: float, *, ascii_only: bool, colors: Colors) -> str:
    """The shade of a weight: of four, the first up to a quarter."""
    if colors != "none":
        return painted(" " * CELL, weight, colors)
    signs = ASCII_SHADES if ascii_only else SHADES
    most = len(signs) - 1
    return signs[1 + min(int(weight * most), most - 1)] * CELL


def side_by_side(blocks: Sequence[list[str]], room: int) -> Iterator[list[str]]:
    """The lines of as many blocks as fit side by side, one at least."""
    width = max(CELL * (len(block) - 2) for block in blocks)
    step = max((room + GAP) // (max(width, len("head 10")) + GAP), 1)
    for at in range(0, len(blocks), step):
        yield [(" " * GAP).join(parts) for parts in zip(*blocks[at : at + step], strict=True)]


def key(*, ascii_only: bool, colors: Colors) -> str:
    """One line on how to read the others."""
    ramp = (ASCII_SHADES if ascii_only else SHADES).strip(" ")
    if colors != "none":
        ramp = "".join(painted(" ", step / 9, colors) for step in range(10))
    told = f"rows look, columns are looked at: the same tokens, by their first letters; {RAMP} 0 to 1"
    return label_said(told, ascii_only=ascii_only).replace(RAMP, ramp)
