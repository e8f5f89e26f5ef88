"""Tables of a few rows: aligned columns on a terminal, TSV everywhere else."""

import sys
import unicodedata
from collections.abc import Sequence

from lmkit.cli.output import rendering

GAP = "  "
WIDEST = 32  # columns of a cell that others make room for


def write_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a header line and the rows."""
    table = [list(names), *map(list, rows)]
    if on_terminal():
        lines = aligned(table)
    else:
        lines = ["\t".join(" ".join(cell.split("\t")) for cell in row) for row in table]
    for line in lines:
        rendering.write_line(line)


def on_terminal() -> bool:
    """Whether people see the table as it is written."""
    return sys.stdout is not None and sys.stdout.isatty()


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
