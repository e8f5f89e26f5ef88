"""Small tables for notebooks: no colours of their own, so that they are read in light and in dark."""

from collections.abc import Mapping
from html import escape
from typing import Any

from lmkit.escaping import visible

LINE = "1px solid rgba(128, 128, 128, .45)"  # seen on black and on white
LEFT, RIGHT = (f"padding: .15em .7em; text-align: {side}; color: inherit" for side in ("left", "right"))


def html_table(caption: str, columns: Mapping[str, list[Any]], most: int) -> str:
    """The first rows of a table as HTML, at most so many, with a last one that says so where there are more."""
    rows = list(zip(*columns.values(), strict=True))
    sides = [RIGHT if all(isinstance(value, int | float) for value in column) else LEFT for column in columns.values()]
    head = "".join(
        cell("th", name, f"{side}; border-bottom: {LINE}") for name, side in zip(columns, sides, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(cell("td", shown(value), side) for value, side in zip(row, sides, strict=True)) + "</tr>"
        for row in rows[:most]
    )
    if len(rows) > most:
        body += "<tr>" + "".join(cell("td", "…", side) for side in sides) + "</tr>"
    title = f'<caption style="caption-side: top; text-align: left; color: inherit">{escaped(caption)}</caption>'
    return (
        f'<table style="border-collapse: collapse; color: inherit; background: transparent">{title}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def cell(kind: str, text: str, style: str) -> str:
    """A cell of a table."""
    return f'<{kind} style="{style}">{escaped(text)}</{kind}>'


def shown(value: Any) -> str:
    """A value of a cell: whole numbers with commas, others with six digits, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}" if isinstance(value, float) else str(value)


def escaped(text: str) -> str:
    """A text that a browser shows as it is, and obeys none of."""
    return escape(visible(text))
