"""What all results have in common: their figures by name, for people, as JSON and as a table."""

import math
from typing import Any

import numpy as np

from lmkit.engine.frames.html import html_table
from lmkit.engine.frames.tabular import Columns, Tabular


class Result(Tabular):
    """A dataclass of figures."""

    def shown(self) -> dict[str, Any]:
        """The figures by name; those that are None do not apply, and are left out."""
        names: dict[str, Any] = getattr(self, "__dataclass_fields__", {})
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON values: None for what is infinite or undefined."""
        return {name: finite_or_none(value) for name, value in self.shown().items()}

    def columns(self, first: int | None = None) -> Columns:
        """One row, a column for each figure; those within others have joined names, such as matched_orders.1."""
        del first
        return {
            name: np.array([value]) if isinstance(value, bool | int | float) else [text_of(value)]
            for name, value in flattened(self.shown()).items()
        }

    def _repr_html_(self) -> str:
        """The figures, as notebooks show them: a row for each."""
        figures = {
            name: value if isinstance(value, bool | int | float) else text_of(value)
            for name, value in flattened(self.shown()).items()
        }
        columns: dict[str, list[Any]] = {"figure": list(figures), "value": list(figures.values())}
        return html_table(type(self).__name__, columns, len(figures))


def flattened(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures, those within others under joined names."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": item for key, item in flattened(value).items()}
        else:
            flat[name] = value
    return flat


def text_of(value: Any) -> str:
    """A figure that is no number, as a text."""
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def finite_or_none(value: Any) -> Any:
    """A figure as a JSON value: None in place of an infinite or undefined number, also of those within it."""
    if isinstance(value, dict):
        return {str(name): finite_or_none(item) for name, item in value.items()}
    if isinstance(value, list):
        return [finite_or_none(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
