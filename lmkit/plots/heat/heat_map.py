"""Some rows and columns of a matrix, as of words, and how much colour each cell has; how it is shown is for others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.wording import numbered
from lmkit.errors import DataError, UsageError
from lmkit.locales import to_say
from lmkit.one_line import one_line
from lmkit.plots.drawn import Drawn
from lmkit.plots.plot import Axis, Curve, Plot
from lmkit.plots.words import places_in
from lmkit.vectors.word_matrix import COUNTS, WordMatrix

TOP = 15  # words shown if none are named
MOST_CELLS = 40_000


@one_line
@dataclass(frozen=True, eq=False)
class HeatMap(Drawn):
    """A block of a matrix."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]  # (rows, columns)
    cells: str  # what they are: counts, ppmi, …
    logarithmic: bool
    signature: str  # empty: a formula, and nothing else, has made it
    kind: str = "cooc"  # of the plot
    sides: tuple[str, str] = (to_say("word"), to_say("context"))  # what a row is, and a column
    zero_is_empty: bool = True  # False: 0 is a value as any other, and has its shade

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.title}: {len(self.rows)} × {len(self.columns)}, {self.cells}"

    @property
    def limits(self) -> tuple[float, float]:
        """The values without colour and of full colour. On a logarithmic scale the first is the least one above 0."""
        high = float(self.values.max())
        if self.logarithmic:
            above = self.values[self.values > 0]
            return (float(above.min()), high) if len(above) else (1.0, 1.0)
        return min(0.0, float(self.values.min())), high

    @property
    def shades(self) -> NDArray[np.float64]:
        """(rows, columns) how much colour each cell has, from 0 to 1; on a logarithmic scale NaN for cells of 0, which have no place on it."""
        low, high = self.limits
        if not self.logarithmic:
            return (self.values - low) / (high - low) if high > low else np.zeros(self.values.shape)
        with np.errstate(divide="ignore"):
            logarithms = np.where(self.values > 0, np.log(self.values), np.nan)
        if not high > low:
            return logarithms * 0 + 1
        return (logarithms - math.log(low)) / (math.log(high) - math.log(low))

    def plot(self) -> Plot:
        """The data: a row for each cell."""
        number = len(self.columns)
        columns: dict[str, Any] = {
            self.sides[0]: [row for row in self.rows for _ in range(number)],
            self.sides[1]: list(self.columns) * len(self.rows),
            "value": self.values.ravel(),
        }
        about = {"cells": self.cells} | ({"signature": self.signature} if self.signature else {})
        curve = Curve("cells", about, columns)
        row, column = self.sides
        return Plot(self.kind, self.title, Axis(column, column), Axis(row, row), (curve,))


def heat_map(
    matrix: WordMatrix,
    words: Sequence[str] = (),
    contexts: Sequence[str] = (),
    *,
    top: int | None = None,
    logarithmic: bool = False,
    title: str | None = None,
) -> HeatMap:
    """A block of a words × words matrix.

    words: of the rows; contexts: of the columns (default: the same ones). top: and so many of the most frequent words
    (default: 15 if none are named). logarithmic: colour by the logarithm, for counts. DataError for a matrix whose rows are no
    words, for words that it has not, and for a block without values; UsageError for negative values on a logarithmic scale.
    """
    if not matrix.is_square:
        rows, columns = matrix.matrix.shape
        raise DataError(
            f"the matrix has {rows:,} rows and {columns:,} words: its rows are no words.",
            "Take one that `lmkit cooc` wrote.",
        )
    if top is None:
        top = 0 if words else TOP
    if top < 0:
        raise UsageError(f"the {top} most frequent words were asked for; it must be 0 or more.")
    row_places = list(dict.fromkeys([*places_in(matrix.words, words), *frequent(matrix, top)]))
    column_places = places_in(matrix.words, contexts) or row_places
    if not row_places:
        raise DataError("the matrix has no words.", "Count a text that has some: `lmkit cooc`.")
    if len(row_places) * len(column_places) > MOST_CELLS:
        raise UsageError(
            f"{len(row_places):,} × {len(column_places):,} cells are more than one can see.", "Take fewer words."
        )
    values = matrix.matrix[row_places][:, column_places].toarray().astype(np.float64)
    if not np.isfinite(values).all():
        raise DataError("the matrix has cells that are no numbers, or infinite.", "Make it again: `lmkit cooc`.")
    if logarithmic and (values < 0).any():
        raise UsageError(
            "some values are negative, and have no place on a logarithmic scale.", "Leave --log-scale out."
        )
    listed = [word.decode(errors="replace") for word in matrix.words.words]
    return HeatMap(
        title=title
        or to_say(
            f"{numbered(len(row_places), 'word')} × {numbered(len(column_places), 'context')}: "
            f"{'counts' if matrix.cells == COUNTS else matrix.cells}"
        ),
        rows=tuple(listed[place] for place in row_places),
        columns=tuple(listed[place] for place in column_places),
        values=values,
        cells=matrix.cells,
        logarithmic=logarithmic,
        signature=matrix.signature(),
    )


def frequent(matrix: WordMatrix, top: int) -> list[int]:
    """The rows of the most frequent words: with the largest sums of counts, or with the most cells of anything else; ties by code point."""
    cells = matrix.matrix
    weights = np.asarray(cells.sum(axis=1)).ravel() if matrix.cells == COUNTS else np.diff(cells.indptr)
    found: list[int] = np.lexsort((matrix.words.code_point_ranks(), -weights))[:top].tolist()
    return found


def short_number(value: float) -> str:
    """A value in few characters: three digits, thousands as 12k, millions as 3.4M."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit * 0.9995:
            return f"{value / unit:.3g}{letter}"
    return f"{value:.3g}"
