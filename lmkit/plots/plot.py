"""A plot: curves over two axes, with the data and the settings behind them; how it is shown is for others."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.locales import number_said, said
from lmkit.one_line import one_line
from lmkit.plots.drawn import Drawn

IN_ASCII = str.maketrans({"’": "'", "−": "-", "∞": "inf", "␣": "_", "α": "alpha", "…": "...", "×": "x"})


@one_line
@dataclass(frozen=True)
class Axis:
    """What an axis shows."""

    column: str  # of the curves' data
    label: str  # with the unit
    logarithmic: bool = False
    ticks: tuple[float, ...] = ()  # where; none: found from the range


@one_line
@dataclass(frozen=True, eq=False)
class Curve:
    """The points of one curve."""

    name: str  # as the legend shows it
    about: dict[str, Any]  # what holds for the whole curve, such as its text; JSON values
    columns: dict[str, NDArray[Any] | list[Any]]  # (points,) each, those of the axes among them; JSON values


@one_line
@dataclass(frozen=True, eq=False)
class Plot(Drawn):
    """Curves over the same axes."""

    kind: str  # zipf, heaps, …
    title: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    fitted: Axis | None = None  # the column of the fitted line, and its name in the legend

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.title}: {', '.join(curve.name for curve in self.curves)}"

    def points(self, curve: Curve, y: Axis | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The points (points,) of a curve, or of its fitted line, that can be drawn: finite, on logarithmic axes above 0."""
        xs = np.asarray(curve.columns[self.x.column], np.float64)
        ys = np.asarray(curve.columns[(y or self.y).column], np.float64)
        shown = np.isfinite(xs) & np.isfinite(ys)
        shown &= (xs > 0) | (not self.x.logarithmic)
        shown &= (ys > 0) | (not self.y.logarithmic)
        return xs[shown], ys[shown]

    def signatures(self) -> list[str]:
        """The distinct signatures of what is drawn, in order."""
        found: dict[str, None] = {}
        for curve in self.curves:
            given = curve.about.get("signature", curve.columns.get("signature", []))
            found.update(dict.fromkeys([given] if isinstance(given, str) else given))
        return list(found)


def common_signature(signatures: Sequence[str]) -> str:
    """The pairs that all signatures have in common; of a single one, all of it."""
    split = [signature.split("|") for signature in signatures]
    shared = set(split[0]).intersection(*split[1:]) if split else set()
    return "|".join(pair for pair in split[0] if pair in shared) if split else ""


def written_number(value: float) -> str:
    """A number as it stands at an axis: 10,000 or 0.25; thousands apart as in the language that is spoken."""
    return number_said(f"{value:,.0f}") if value == round(value) and abs(value) < 1e15 else f"{value:.6g}"


def label_said(text: str, *, ascii_only: bool) -> str:
    """A title or a label in the language that is spoken; in ASCII without accents."""
    label = said(text)
    if not ascii_only or label == text:
        return label
    return "".join(letter for letter in unicodedata.normalize("NFKD", label) if not unicodedata.combining(letter))


def as_ascii(text: str) -> str:
    """The text in ASCII: a few signs under names of their own, other letters by number."""
    return text.translate(IN_ASCII).encode("ascii", "backslashreplace").decode()


def axis_ranges(plot: Plot) -> tuple[tuple[float, float], tuple[float, float]]:
    """The range of each axis: that of the curves, and of the ticks that are given."""
    points = [plot.points(curve) for curve in plot.curves]
    found = []
    for side, axis in enumerate((plot.x, plot.y)):
        ticks = np.array(axis.ticks, np.float64)
        found.append(range_of([*(both[side] for both in points), ticks], logarithmic=axis.logarithmic))
    return found[0], found[1]


def range_of(values: Iterable[NDArray[np.float64]], *, logarithmic: bool) -> tuple[float, float]:
    """The least and the greatest value, a little apart if they are one; (1, 10) if there is none."""
    joined = np.concatenate([np.zeros(0), *values])
    if not len(joined):
        return 1.0, 10.0
    low, high = float(joined.min()), float(joined.max())
    if low < high:
        return low, high
    return (low / 2, low * 2) if logarithmic else (low - 0.5, low + 0.5)


def ticks_between(low: float, high: float, *, logarithmic: bool, most: int = 7) -> list[float]:
    """Round numbers between low and high, at most so many: powers of ten on a logarithmic axis, if there are two."""
    if logarithmic:
        first, last = int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(high) + 1e-9))
        powers = list(range(first, last + 1, -(-max(last - first + 1, 1) // most)))
        if len(powers) > 1:
            return [10.0**power for power in powers]
        finer = [m * 10.0**power for power in range(first - 1, last + 1) for m in (1, 2, 5)]
        finer = [tick for tick in finer if low <= tick * (1 + 1e-9) and tick * (1 - 1e-9) <= high]
        if len(finer) > 1:
            return finer
    power = 10.0 ** np.floor(np.log10((high - low) / most))
    for step in (m * power for m in (1, 2, 5, 10, 20)):
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first < most:
            break
    return [0.0 + float(f"{multiple * step:.12g}") for multiple in np.arange(first, last + 1)]
