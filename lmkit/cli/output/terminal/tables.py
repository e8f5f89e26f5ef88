"""Texts in columns, as a terminal has them."""

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lmkit.cli.output import rendering
from lmkit.engine.wording import display_width
from lmkit.escaping import visible

if TYPE_CHECKING:
    from lmkit.cli.output.forms.protocol import Cells

GAP = "  "
WIDEST = 32  # columns of a cell that others make room for
MOST_BESIDE = 8  # rows that stand side by side where a terminal is too narrow for their columns


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines with columns as wide as their widest cell, but for very wide ones, which push the rest aside."""
    widths = [
        max((size for cell in column if (size := display_width(cell)) <= WIDEST), default=0)
        for column in zip(*table, strict=True)
    ]
    return [
        GAP.join(cell + " " * (size - display_width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def is_too_wide(names: Sequence[str], columns: "Sequence[Cells]") -> bool:
    """Whether the terminal is too narrow for rows that are few enough to stand side by side."""
    from lmkit.cli.output.forms.rounding import texts_of

    texts = [[name, *texts_of(column)[0]] for name, column in zip(names, columns, strict=True)]
    needed = sum(max(map(display_width, column)) for column in texts) + len(GAP) * (len(names) - 1)
    return len(texts[0]) - 1 <= MOST_BESIDE and needed > shutil.get_terminal_size().columns


def write_beside(names: Sequence[str], columns: "Sequence[Cells]") -> None:
    """Write a line for each column: its name, and the cells of the rows."""
    from lmkit.cli.output.forms.rounding import texts_of

    table = [
        [visible(cell) for cell in (name, *texts_of(column)[0])] for name, column in zip(names, columns, strict=True)
    ]
    rendering.write_text("".join(f"{line}\n" for line in aligned(table)).encode())
