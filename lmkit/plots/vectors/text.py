"""A map of words in a terminal: dots with their words beside them, pairs joined by lines of braille, or in plain ASCII."""

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.wording import display_width
from lmkit.escaping import visible
from lmkit.plots.curves.text import BRAILLE, DOTS, LEAST_COLUMNS, LEAST_ROWS, colored, raster
from lmkit.plots.plot import as_ascii, label_said
from lmkit.plots.surprisal.text import spelled
from lmkit.plots.vectors.layout import Layout, laid_out, left_out_text
from lmkit.plots.vectors.placement import Room
from lmkit.plots.vectors.word_map import WordMap

CELL_HEIGHT = 2.0  # of a character, which is 1 wide, as terminals have them
FRAME = 1  # column at the left
# Characters row by row, the lowest row first, and (rows, columns) the pair of each; -1: none.
Cells = tuple[list[list[str]], NDArray[np.int64]]


def word_map_text(
    word_map: WordMap, columns: int = 80, rows: int = 20, *, ascii_only: bool = False, color: bool = False
) -> str:
    """The map as lines of text, with the words that found no room in the last one.

    columns: of a line. rows: of the part with the words. color: pairs in colour, with the escape sequences of a terminal.
    """
    rows, columns = max(rows, LEAST_ROWS), max(columns - FRAME, LEAST_COLUMNS)
    room = Room(columns, rows, 0.5, most_covered=0, cell_height=CELL_HEIGHT)  # a letter leaves nothing of a dot
    layout = laid_out(word_map, room, lambda word: (padded_width(spelled(word, ascii_only=ascii_only)), 1.0))
    characters, owners = draw_pairs(word_map, layout, room, ascii_only=ascii_only)
    draw_words(word_map, layout, (characters, owners), ascii_only=ascii_only)
    line, corner, foot = "|+-" if ascii_only else "│└─"
    labelled = partial(label_said, ascii_only=ascii_only)
    lines = [visible(labelled(word_map.title)), labelled(word_map.labels[1])]
    for row, pairs in zip(characters[::-1], owners[::-1].tolist(), strict=True):
        lines.append((line + colored(row, pairs if color else [-1] * columns)).rstrip())
    lines += [corner + foot * columns, labelled(word_map.labels[0]).rjust(FRAME + columns)]
    if left_out := layout.left_out():
        lines.append(labelled(left_out_text(word_map, left_out)))
    text = "\n".join(lines) + "\n"
    return as_ascii(text) if ascii_only else text


def padded_width(word: str) -> float:
    """The columns of a label with a blank one at least: an odd number, so that its middle is that of a column."""
    width = display_width(word)
    return float(width + 1 + width % 2)


def draw_pairs(word_map: WordMap, layout: Layout, room: Room, *, ascii_only: bool) -> Cells:
    """The cells with the lines of the pairs."""
    high, wide = (1, 1) if ascii_only else DOTS.shape
    rows, columns = int(room.height), int(room.width)
    bits, owners = np.zeros((rows, columns), np.int64), np.full((rows, columns), -1)
    places = (layout.points - 0.5) / (columns - 1, rows - 1)
    for number, pair in enumerate(word_map.pairs):
        x, y = places[list(pair)].T
        dots = raster(x, y, columns * wide, rows * high)
        cells = dots.reshape(rows, high, columns, wide).transpose(0, 2, 1, 3)
        found = np.tensordot(cells, DOTS[:high, :wide].astype(np.int64), 2)[::-1]
        bits |= found
        owners[found > 0] = number
    drawn = "." if ascii_only else np.vectorize(chr, otypes=["<U1"])(BRAILLE + bits)
    characters: list[list[str]] = np.where(bits > 0, drawn, " ").tolist()
    return characters, owners


def draw_words(word_map: WordMap, layout: Layout, cells: Cells, *, ascii_only: bool) -> None:
    """Put a dot for each word and the words that found room into the cells, in the colour of the first pair they are in."""
    first = {word: number for number, pair in reversed(list(enumerate(word_map.pairs))) for word in pair}
    for place, (x, y) in enumerate(layout.points.astype(np.int64).tolist()):
        write(cells, y, x, "*" if ascii_only else "•", first.get(place, -1))
    for place, (left, bottom, right, _) in enumerate(layout.boxes.tolist()):
        if math.isnan(left):
            continue
        word = spelled(word_map.shown()[place], ascii_only=ascii_only)
        spare, x = round(right - left) - display_width(word), float(layout.points[place, 0])
        before = 0 if left > x else spare if right < x else spare // 2  # blanks are not between word and point
        write(cells, int(bottom), round(left) + before, word, first.get(place, -1))


def write(cells: Cells, row: int, column: int, text: str, owner: int) -> None:
    """Put a text into cells from a column on: wide letters take two, marks on letters none."""
    characters, owners = cells
    for letter in text:
        width = display_width(letter)
        if width == 0:
            characters[row][column - 1] += letter
            continue
        characters[row][column : column + width] = [letter, *[""] * (width - 1)]
        owners[row, column : column + width] = owner
        column += width
