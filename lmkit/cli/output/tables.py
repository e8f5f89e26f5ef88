"""Tables of a few rows: aligned columns on a terminal, TSV everywhere else."""

import unicodedata
from collections.abc import Sequence

from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.escaping import visible

GAP = "  "
WIDEST = 32  # columns of a cell that others make room for


def write_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a header line and the rows."""
    table = [[visible(cell) for cell in row] for row in (names, *rows)]
    lines = aligned(table) if standard_output.is_terminal() else ["\t".join(row) for row in table]
    for line in lines:
        rendering.write_line(line)


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines with columns as wide as their widest cell, but for very wide ones, which push the rest aside."""
    widths = [
        max((size for cell in column if (size := width(cell)) <= WIDEST), default=0)
        for column in zip(*table, strict=True)
    ]
    return [
        GAP.join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def width(text: str) -> int:
    """The columns of a terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
