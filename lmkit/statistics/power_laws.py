"""Power laws of vocabularies: a straight line on logarithmic axes, and the most likely law of word counts."""

from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LOWEST, HIGHEST = 1.01, 20.0  # exponents among which the most likely one is looked for
STEP = 1e-3  # of numerical derivatives, relative to the distance of the exponent from 1


@dataclass(frozen=True)
class PowerLaw:
    """y = factor · x^exponent; all figures are nan where `undefined` says why."""

    factor: float
    exponent: float
    r_squared: float  # share of the variance of log y that the law explains
    points: int  # that it was fitted to
    undefined: str | None = None


@dataclass(frozen=True)
class CountLaw:
    """p(c) ∝ c^−alpha for counts c >= x_min (Clauset, Shalizi & Newman 2009); nan and 0 where `undefined` says why."""

    alpha: float
    standard_error: float  # of alpha
    x_min: int
    tail_types: int  # how many counts are x_min or more
    ks_distance: float  # largest distance between the distribution functions of these and of the law
    undefined: str | None = None

    @property
    def zipf_exponent(self) -> float:
        """The exponent 1/(alpha − 1) of counts by rank that belongs to alpha."""
        return 1 / (self.alpha - 1)


def fit_power_law(
    x: NDArray[Any], y: NDArray[Any], *, few: str = "there are fewer than two points", flat: str = "all y are the same"
) -> PowerLaw:
    """The line of least squares through log y against log x; every point has the same weight.

    x, y: (points,) above 0; all x differ. Undefined for the reason `few` with fewer than two points, and for the reason
    `flat` where all y are the same.
    """
    if len(x) < 2 or np.all(y == y[0]):
        return PowerLaw(nan, nan, nan, len(x), few if len(x) < 2 else flat)
    log_x, log_y = np.log(x), np.log(y)
    across, up = log_x - log_x.mean(), log_y - log_y.mean()
    exponent = float(across @ up / (across @ across))
    residuals = up - exponent * across
    return PowerLaw(
        factor=float(np.exp(log_y.mean() - exponent * log_x.mean())),
        exponent=exponent,
        r_squared=float(1 - residuals @ residuals / (up @ up)),
        points=len(x),
    )


def fit_count_law(counts: NDArray[Any]) -> CountLaw:
    """The most likely discrete power law of the counts (types,), from the x_min where the two agree best on.

    Clauset, Shalizi & Newman (2009): alpha by maximum likelihood (section 3.1), x_min by the smallest
    Kolmogorov–Smirnov distance of all distinct counts but the highest (3.3). Undefined where all counts are the same.
    """
    values, types = np.unique(counts, return_counts=True)
    if len(values) < 2:
        return CountLaw(nan, nan, 0, 0, nan, "all counts are the same")
    tails = np.cumsum(types[::-1])[::-1]  # how many counts are each value or more
    mean_logs = np.cumsum((types * np.log(values))[::-1])[::-1] / tails
    lowest = values.astype(np.float64)[:-1]
    alphas = likely_exponents(lowest, mean_logs[:-1])
    distances = [
        inf if np.isnan(alpha) else ks_distance(alpha, values[place:], types[place:])
        for place, alpha in enumerate(alphas.tolist())
    ]
    best = int(np.argmin(distances))
    if distances[best] == inf:
        return CountLaw(nan, nan, 0, 0, nan, f"no exponent between {LOWEST} and {HIGHEST:g} is the most likely one")
    alpha, tail = float(alphas[best]), int(tails[best])
    return CountLaw(alpha, standard_error(alpha, lowest[best], tail), int(values[best]), tail, distances[best])


def likely_exponents(lowest: Floats, mean_logs: Floats) -> Floats:
    """(tails,) the exponents that make tails of counts most likely: the roots of ζ'(α, x_min)/ζ(α, x_min) = −mean log c.

    lowest: x_min of each tail; mean_logs: of its counts. nan where there is none in the range.
    """
    from scipy.optimize.elementwise import find_root

    def slope(alpha: Floats, lowest: Floats, mean_log: Floats) -> Floats:
        total: Floats = log_zeta_derivative(alpha, lowest) + mean_log
        return total

    ends = (np.full(len(lowest), LOWEST), np.full(len(lowest), HIGHEST))
    found = find_root(slope, ends, args=(lowest, mean_logs))
    roots: Floats = np.where(found.success, found.x, nan)
    return roots


def log_zeta(alpha: Any, lowest: Any) -> Any:
    """The logarithm of ζ(α, x_min), of Hurwitz's zeta function."""
    from scipy.special import zeta

    return np.log(zeta(alpha, lowest))


def log_zeta_derivative(alpha: Any, lowest: Any) -> Any:
    """The derivative of log ζ(α, x_min) by α, from five points."""
    step = STEP * (alpha - 1)
    near = log_zeta(alpha + step, lowest) - log_zeta(alpha - step, lowest)
    far = log_zeta(alpha + 2 * step, lowest) - log_zeta(alpha - 2 * step, lowest)
    return (8 * near - far) / (12 * step)


def standard_error(alpha: float, lowest: float, types: int) -> float:
    """The standard error of the most likely exponent of so many types: 1/√(n d²/dα² log ζ(α, x_min))."""
    step = 5 * STEP * (alpha - 1)
    weights = np.array([-1, 16, -30, 16, -1]) / 12
    curvature = weights @ log_zeta(alpha + step * np.arange(-2, 3), lowest) / step**2
    return float(1 / np.sqrt(types * curvature))


def ks_distance(alpha: float, values: NDArray[Any], types: NDArray[Any]) -> float:
    """The largest distance between the distribution functions of a tail of counts and of the power law from its lowest on.

    values: (distinct,) ascending; types: (distinct,) how many counts have each. Between two values the first function is
    flat and the other rises, so that the distance is largest beside a value.
    """
    from scipy.special import zeta

    zetas = zeta(alpha, values.astype(np.float64))
    at_least = zetas / zetas[0]
    above = at_least - values.astype(np.float64) ** -alpha / zetas[0]
    seen = np.cumsum(types[::-1])[::-1] / types.sum()  # share of counts that are each value or more
    return float(max(np.abs(at_least - seen).max(), np.abs(above - np.append(seen[1:], 0.0)).max()))
