"""The figures behind a plot, as a table or as JSON."""

import json
import math
from typing import Any

import numpy as np

from lmkit.plots.plot import Curve, Plot

BREAKS = str.maketrans("\t\n\r", "   ")  # names of files may have them


def as_tsv(plot: Plot) -> str:
    """A header and a row for each point: what holds for its whole curve, its own figures, and, last, its signature."""
    rows = [row for curve in plot.curves for row in point_rows(curve)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    names.sort(key="signature".__eq__)
    lines = [names, *([tsv_value(row.get(name)) for name in names] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def as_json(plot: Plot) -> str:
    """One object: `plot` (its kind), `title`, and `curves`, each with what holds for it and its `points`; no NaN or Infinity."""
    curves = []
    for curve in plot.curves:
        points = zip(*map(plain_values, curve.columns.values()), strict=True)
        rows = [{name: json_value(value) for name, value in zip(curve.columns, point, strict=True)} for point in points]
        curves.append({name: json_value(value) for name, value in curve.about.items()} | {"points": rows})
    return json.dumps({"plot": plot.kind, "title": plot.title, "curves": curves}, ensure_ascii=False) + "\n"


def point_rows(curve: Curve) -> list[dict[str, Any]]:
    """A row for each point of a curve."""
    points = zip(*map(plain_values, curve.columns.values()), strict=True)
    return [curve.about | dict(zip(curve.columns, point, strict=True)) for point in points]


def plain_values(values: Any) -> list[Any]:
    """The values of a column as Python has them."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def tsv_value(value: Any) -> str:
    """A value of a table: ten digits of a number, inf and nan as such, nothing for None."""
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value).translate(BREAKS)


def json_value(value: Any) -> Any:
    """A value of JSON: null for what is infinite or undefined."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
