"""A function at some numbers: its values and derivatives."""

from dataclasses import dataclass

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.errors import UsageError
from lmkit.neural.functions.registry import Function


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Values and derivatives of a function."""

    function: Function
    x: FloatArray  # (n,)
    values: FloatArray  # (n,)
    derivatives: FloatArray  # (n,), or (n, n) of a vector: row i has what value i changes by
    temperature: float


def tabulate(function: Function, x: FloatArray, temperature: float = 1.0) -> Tabulated:
    """The function of some numbers. temperature: what scores are divided by first: more than 1 makes probabilities more alike.

    UsageError for a temperature of what knows none, and for numbers that are not finite, also once they are divided.
    """
    if temperature != 1.0 and not function.tempered:
        raise UsageError(f"{function.name} has no temperature.", "Leave --temperature out: softmax has one.")
    if not 0 < temperature < np.inf:
        raise UsageError(f"the temperature is {temperature:g}; it must be a number above 0.")
    with np.errstate(over="ignore"):
        scores = x / temperature
    if not np.isfinite(scores).all():
        raise UsageError(
            "the numbers must be finite" + (", also divided by the temperature." if np.isfinite(x).all() else ".")
        )
    values, derivatives = function.value(scores) + 0.0, function.derivative(scores) / temperature + 0.0  # no −0
    return Tabulated(function, x, values, derivatives, temperature)


def evenly_spaced(low: float, high: float, points: int) -> FloatArray:
    """(points,) from low to high. UsageError if there is nothing between them."""
    if not (np.isfinite([low, high]).all() and low < high and np.isfinite(high - low)):
        raise UsageError(f"there are no numbers from {low:g} to {high:g}.", "Give --low less than --high, both finite.")
    return np.linspace(low, high, points)
