"""A function and its derivative as curves."""

from typing import Any

import numpy as np

from lmkit.locales import to_say
from lmkit.neural.functions.tabulating import Tabulated
from lmkit.plots.plot import Axis, Curve, Plot

MOST_CURVES = 8  # derivatives of a vector that have a curve each


def function_plot(found: Tabulated, title: str | None = None) -> Plot:
    """Values and derivatives over x; of a vector, over the places in it: the values, and what each changes by with each number."""
    function = found.function
    about = {"function": function.name} | ({} if found.temperature == 1 else {"temperature": found.temperature})
    if function.kind == "number":
        curves = [
            curve_of(function.name, about, "x", found.x, found.values),
            curve_of(to_say("derivative"), about, "x", found.x, found.derivatives),
        ]
        x = Axis("x", "x")
    else:
        places = np.arange(len(found.x))
        curves = [curve_of(function.name, about, "place", places, found.values)]
        rows = found.derivatives[:MOST_CURVES]
        curves += [
            curve_of(f"derivative of number {row}", about, "place", places, each) for row, each in enumerate(rows)
        ]
        x = Axis("place", "place in the vector", ticks=tuple(map(float, places)) if len(places) <= 20 else ())
    return Plot("function", title or function.title, x, Axis("value", "value"), tuple(curves))


def curve_of(name: str, about: dict[str, Any], x: str, xs: Any, ys: Any) -> Curve:
    """A curve with its name among the data."""
    return Curve(name, about | {"curve": name}, {x: xs, "value": ys})
