"""Texts in columns, as a terminal has them: numbers are never broken, and no row is wider than the terminal."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from lmkit.engine.wording import display_width

GAP = "  "
BELOW = "    "  # before what stands below its row
WIDEST = 32  # columns of a cell that others make room for
NARROWEST = 16  # columns in which a text that has no place to break may be broken
MOST_BESIDE = 8  # rows that stand side by side where a terminal is too narrow for their columns
LEAST_ROOM = 40  # columns of a terminal, however narrow it is
LETTER = r"[^\W\d_]"
BREAK = re.compile(r"(?<= )(?=[^ ])|(?<=\|)(?=.)")  # where a text is broken
WITHIN = re.compile(rf"(?<={LETTER}[-_/:])(?={LETTER})|(?<=\d/)(?=\d)")  # where a long word, or a fraction, is broken

Texts = Sequence[str]


class Layout:
    """Where the cells of a table stand, block after block of its rows.

    Columns are as wide as their widest cell so far, but for very wide texts, which push the rest aside where there is room.
    Where there is none, texts are wrapped within their columns, or columns stand below the others: whichever takes fewer lines.
    """

    def __init__(self, number: int) -> None:
        """number: of columns."""
        self._room = room()
        self._natural, self._full, self._least = [0] * number, [0] * number, [0] * number
        self._is_narrow = False  # whether there were rows that are too wide
        self._makes_room = False  # whether texts are wrapped, then

    def lines(self, columns: Sequence[Texts], sides: Sequence[bool]) -> list[str]:
        """The rows as lines. sides: which columns hold numbers, which stand to the right."""
        sizes = [list(map(display_width, column)) for column in columns]
        for place, (column, of_cells, is_number) in enumerate(zip(columns, sizes, sides, strict=True)):
            self._natural[place] = max([self._natural[place], *(size for size in of_cells if size <= WIDEST)])
            self._full[place] = max([self._full[place], *of_cells])
            self._least[place] = max([self._least[place], *(least_width(cell, is_number) for cell in column)])
        if not self._is_narrow and self._fits(sizes, sides):
            rows = zip(*columns, strict=True)
            return [GAP.join(map(placed, row, self._natural, sides)).rstrip() for row in rows]
        if not self._is_narrow:
            self._is_narrow = True
            wrapped, below = (len(self._narrow_lines(columns, sides, each)) for each in (self._least, self._full))
            self._makes_room = wrapped <= below
        return self._narrow_lines(columns, sides, self._least if self._makes_room else self._full)

    def _fits(self, sizes: Sequence[Sequence[int]], sides: Sequence[bool]) -> bool:
        """Whether no row is wider than the terminal."""
        *widths, last = self._natural
        widths.append(last if sides[-1] else 0)
        gaps = len(GAP) * (len(widths) - 1)
        return all(sum(map(max, row, widths)) + gaps <= self._room for row in zip(*sizes, strict=True))

    def _narrow_lines(self, columns: Sequence[Texts], sides: Sequence[bool], needed: Sequence[int]) -> list[str]:
        """The rows, each as several lines: of as many columns as have what they need. Below the first one, empty ones are left out."""
        lines = []
        groups = [(group, self._widths(group)) for group in self._grouped(needed)]
        for row in zip(*columns, strict=True):
            for group, widths in groups:
                cells = row[group.start : group.stop]
                if group.start == 0 or any(cells):
                    before = BELOW if group.start else ""
                    lines += [before + line for line in row_lines(cells, widths, sides[group.start : group.stop])]
        return [line.rstrip() for line in lines]

    def _grouped(self, needed: Sequence[int]) -> list[range]:
        """The columns that stand in the first line of a row, and in those below it."""
        starts, used = [0], 0
        for place, width in enumerate(needed):
            used += width + len(GAP) * (place > starts[-1])
            if place > starts[-1] and used > self._room:
                starts.append(place)
                used = len(BELOW) + width
        return [range(*ends) for ends in zip(starts, [*starts[1:], len(needed)], strict=True)]

    def _widths(self, group: range) -> list[int]:
        """How wide the columns of a line are: the widest texts are as narrow as they have to be."""
        room = self._room - len(GAP) * (len(group) - 1) - len(BELOW) * (group.start > 0)
        sizes = [(self._least[place], self._full[place]) for place in group]
        for most in range(room, 0, -1):
            widths = [max(least, min(full, most)) for least, full in sizes]
            if sum(widths) <= room:
                return widths
        return [least for least, _ in sizes]


def placed(cell: str, size: int, to_the_right: bool) -> str:
    """A cell with spaces before or behind it."""
    blank = " " * (size - display_width(cell))
    return blank + cell if to_the_right else cell + blank


def row_lines(cells: Texts, widths: Sequence[int], sides: Sequence[bool]) -> Iterator[str]:
    """The lines of a row whose cells are wrapped."""
    wrapped = [wrapped_text(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for line in zip_longest(*wrapped, fillvalue=""):
        yield GAP.join(map(placed, line, widths, sides))


def wrapped_text(text: str, width: int) -> list[str]:
    """The lines of a text in a column: broken between words, or where a long one may be broken, or anywhere if that doesn't do.

    >>> wrapped_text("order:3|smoothing:modified-kneser-ney|-1.25 2", 20)
    ['order:3|smoothing:', 'modified-kneser-ney|', '-1.25 2']
    >>> wrapped_text("1069002513211244791/1194836177", 24)
    ['1069002513211244791/', '1194836177']
    """
    if display_width(text) <= width:
        return [text]
    lines = [""]
    for piece in pieces_of(text, width):
        if lines[-1] and display_width(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def pieces_of(text: str, width: int) -> Iterator[str]:
    """What a text is made of that fits a column: words, parts of words, or letters."""
    for word in BREAK.split(text):
        for part in WITHIN.split(word) if display_width(word.rstrip()) > width else [word]:
            yield from part if display_width(part.rstrip()) > width else [part]


def least_width(text: str, is_number: bool = False) -> int:
    """The columns that a cell takes at least: a long text is broken anywhere, a number, or its name, is not."""
    widest = max(display_width(part.rstrip()) for word in BREAK.split(text) for part in WITHIN.split(word))
    return widest if is_number else min(widest, NARROWEST)


def room() -> int:
    """The columns of the terminal."""
    return max(shutil.get_terminal_size().columns, LEAST_ROOM)


def aligned(table: Sequence[Texts]) -> list[str]:
    """The rows as lines, whatever the first of them is."""
    columns = list(zip(*table, strict=True))
    return Layout(len(columns)).lines(columns, [False] * len(columns)) if columns else []


def hanging(line: str) -> str:
    """A line that is too long for the terminal as several, all but the first one behind its indentation and more."""
    indentation = line[: len(line) - len(line.lstrip(" "))]
    first, *more = wrapped_text(line.lstrip(" "), room() - len(indentation) - len(BELOW))
    return "\n".join([indentation + first, *(indentation + BELOW + each for each in more)])


def beside(table: Sequence[Texts]) -> list[str] | None:
    """A line for each column: where that fits the terminal, and a line for each row does not, of which there are few."""
    turned = list(zip(*table, strict=True))
    if len(turned) - 1 > MOST_BESIDE or fit(table):
        return None
    is_better = fit(turned) or (not fit(table, least_width) and fit(turned, least_width))
    return aligned(table) if is_better else None


def in_common(table: Sequence[Texts]) -> list[int]:
    """The columns that have the same text in all rows, where it does not fit the terminal."""
    if fit(table):
        return []
    return [place for place, (_, *cells) in enumerate(table) if len(cells) > 1 and cells[0] and len(set(cells)) == 1]


def fit(table: Sequence[Texts], width: Callable[[str], int] = display_width) -> bool:
    """Whether columns have room side by side, if cells are so wide."""
    return sum(max(map(width, column)) for column in table) + len(GAP) * (len(table) - 1) <= room()
