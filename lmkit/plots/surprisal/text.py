"""Surprisal in a terminal: words over their bits, characters and bytes over bars; coloured, and readable without."""

import math
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Literal

from lmkit.engine.wording import display_width
from lmkit.plots.plot import as_ascii, label_said
from lmkit.plots.surprisal.view import View, in_total, written_bits
from lmkit.scoring.surprisal import Surprisal

Colors = Literal["none", "256", "truecolor"]
RAMP_256 = (231, 230, 229, 223, 222, 216, 215, 209, 208, 202)  # white to orange; black letters can be read on all
NO_BITS, ALL_BITS = (255, 255, 255), (245, 110, 20)  # the ends of the ramp in 24 bits
BARS = " ▁▂▃▄▅▆▇█"
RESET = "\x1b[0m"
GAP = 2  # columns between words
Cell = tuple[str, str, float]  # what stands above, what below, and bits


def surprisal_text(
    sentence: Surprisal, view: View, columns: int = 80, *, ascii_only: bool = False, colors: Colors = "none"
) -> str:
    """The lines of one sentence: pairs of tokens and their bits, as wide as the terminal, and the sum."""
    make = word_cells if view.unit == "word" else bar_cells
    gap = GAP if view.unit == "word" else 0
    lines = []
    for cells in wrapped(make(sentence, view, ascii_only=ascii_only), columns, gap):
        above, below = [], []
        for upper, lower, bits in cells:
            width = max(display_width(upper), display_width(lower))
            shown = upper + " " * (width - display_width(upper))
            above.append(painted(shown, view.shade(bits), colors) + " " * gap)
            below.append(lower + " " * (width - display_width(lower) + gap))
        lines += ["".join(above).rstrip(), "".join(below).rstrip()]
    total = in_total(float(sentence.bits.sum()), len(sentence.bits))
    lines.append(f"= {spelled(label_said(total, ascii_only=ascii_only), ascii_only=ascii_only)}")
    return "\n".join(lines) + "\n"


def key_text(view: View, *, ascii_only: bool, colors: Colors) -> str:
    """One line on how to read the others."""
    ramp = "" if colors == "none" else "".join(painted(" ", step / 9, colors) for step in range(10)) + " "
    labelled = partial(label_said, ascii_only=ascii_only)
    whole = ramp + labelled(f"0 to {view.full_color}")
    if view.unit != "word" and not ascii_only:
        return labelled("; ").join([f"{labelled('bars')}{labelled(':')} {whole}", labelled("?: unknown")]) + "\n"
    below = "bits under each word" if view.unit == "word" else "digits: bits, 9 for 9 and more"
    return labelled("; ").join([labelled(below), labelled("?: unknown"), *([whole] if ramp else [])]) + "\n"


def word_cells(sentence: Surprisal, view: View, *, ascii_only: bool) -> Iterator[Cell]:
    """Words over their bits; unknown ones with a question mark."""
    tokens = zip(sentence.tokens, sentence.bits.tolist(), sentence.oov.tolist(), strict=True)
    for token, bits, oov in tokens:
        below = spelled(written_bits(bits), ascii_only=ascii_only) + "?" * oov
        yield spelled(view.label(token), ascii_only=ascii_only), below, bits


def bar_cells(sentence: Surprisal, view: View, *, ascii_only: bool) -> Iterator[Cell]:
    """Characters and bytes over bars, or over the digit of their bits; unknown ones over a question mark."""
    tokens = zip(sentence.tokens, sentence.bits.tolist(), sentence.oov.tolist(), strict=True)
    for token, bits, oov in tokens:
        bar = str(math.floor(min(bits, 9))) if ascii_only else BARS[math.ceil(view.shade(bits) * (len(BARS) - 1))]
        above = spelled(view.label(token), ascii_only=ascii_only)
        yield above, "?" if oov else bar * max(display_width(above), 1), bits


def wrapped(cells: Iterator[Cell], columns: int, gap: int) -> Iterator[list[Cell]]:
    """The cells in lines of at most so many columns, one cell at least."""
    line: list[Cell] = []
    used = 0
    for cell in chain(cells, [None]):
        if cell is None:
            break
        width = max(display_width(cell[0]), display_width(cell[1]))
        if line and used + width > columns:
            yield line
            line, used = [], 0
        line.append(cell)
        used += width + gap
    yield line


def painted(text: str, shade: float, colors: Colors) -> str:
    """The text in black on a ground of this much colour."""
    if colors == "none":
        return text
    if colors == "256":
        return f"\x1b[38;5;16;48;5;{RAMP_256[round(shade * (len(RAMP_256) - 1))]}m{text}{RESET}"
    red, green, blue = (round(a + shade * (b - a)) for a, b in zip(NO_BITS, ALL_BITS, strict=True))
    return f"\x1b[38;2;0;0;0;48;2;{red};{green};{blue}m{text}{RESET}"


def spelled(text: str, *, ascii_only: bool) -> str:
    """The text, in ASCII if it must."""
    return as_ascii(text) if ascii_only else text
