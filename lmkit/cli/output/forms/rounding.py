"""Cells as people read them: numbers with the digits that are significant, the same number of decimals in a column where that shows them."""

import math
from typing import Any

from lmkit.cli.output.forms.protocol import Cells, typed

DIGITS = 5  # of numbers that people read; programs get all
LEAST = 2  # of the smallest number of a column, so that its decimals can be those of the largest
MOST = 15  # beyond which a float has no more digits


def texts_of(cells: Cells) -> tuple[list[str], bool]:
    """The cells of a column, and whether they are numbers."""
    values = typed(cells).to_pylist()
    numbers = [value for value in values if value is not None]
    if not numbers or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in numbers):
        return [shown(value) for value in values], False
    decimals = decimals_of([abs(value) for value in numbers if isinstance(value, float) and math.isfinite(value)])
    return [shown(value, decimals) for value in values], True


def decimals_of(sizes: list[float]) -> int | None:
    """How many decimals show enough digits of all numbers of these sizes; None: there is no such number."""
    above_0 = [size for size in sizes if size]
    if not above_0:
        return 0
    decimals = DIGITS - 1 - math.floor(math.log10(max(above_0)))
    least = math.floor(math.log10(min(above_0)))
    return max(decimals, 0) if decimals <= MOST and least + decimals >= LEAST - 1 else None


def shown(value: Any, decimals: int | None = None) -> str:
    """A value as people read it; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(map(shown, value))
    if not isinstance(value, float):
        return str(value)
    value += 0.0  # no -0
    if not math.isfinite(value):
        return f"{value:g}"
    if decimals is not None:
        return f"{value:.{decimals}f}"
    return f"{value:.0f}" if 10**DIGITS <= abs(value) < 10**MOST else f"{value:.{DIGITS}g}"
