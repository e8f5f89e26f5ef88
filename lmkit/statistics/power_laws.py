"""Power laws of vocabularies: counts by rank (Zipf), types by length of text (Heaps), types by count."""

from dataclasses import dataclass
from math import exp, inf, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError

Floats = NDArray[np.float64]
LEAST_COUNT = 10  # of the words that Zipf's law is fitted to: ranks of rarer ones are ties, and their order is chance
LOWEST, HIGHEST = 1.01, 20.0  # exponents among which the most likely law of counts is looked for
STEP = 1e-3  # of numerical derivatives, relative to the distance of the exponent from 1
PRECISE = 1e-12  # relative change of an exponent at which the search for it ends
MOST_STEPS = 200


@dataclass(frozen=True)
class ZipfLaw:
    """f(r) = factor · r^−exponent for the word of rank r; figures are nan where `undefined` says why."""

    factor: float  # C
    exponent: float  # s, positive for counts that fall
    r_squared: float  # share of the variance of log f over the fitted ranks that the law explains
    from_rank: int  # the first rank that it was fitted to
    to_rank: int  # the last; below from_rank if there was none
    min_count: int  # of a word that it is fitted to
    undefined: str | None = None

    def at(self, ranks: NDArray[Any]) -> Floats:
        """(points,) f at each rank; nan where the law is undefined."""
        return self.factor * ranks.astype(np.float64) ** -self.exponent

    def method(self) -> dict[str, Any]:
        """How and to what it was fitted, for the signature."""
        ranks = f"{self.from_rank}-{self.to_rank}" if self.from_rank <= self.to_rank else "none"
        return {"zipf": "maximum-likelihood", "ranks": ranks, "min_count": self.min_count}


@dataclass(frozen=True)
class HeapsLaw:
    """V(n) = factor · n^exponent types in n tokens; figures are nan where `undefined` says why."""

    factor: float  # K
    exponent: float  # β
    r_squared: float  # share of the variance of log V over the fitted points that the law explains
    points: int  # that it was fitted to
    from_tokens: int  # the range of n that these are from
    to_tokens: int
    undefined: str | None = None

    def at(self, lengths: NDArray[Any]) -> Floats:
        """(points,) V at each length in tokens; nan where the law is undefined."""
        return self.factor * lengths.astype(np.float64) ** self.exponent

    def method(self) -> dict[str, Any]:
        """How and to what it was fitted, for the signature."""
        return {"heaps": "least-squares", "lengths": f"{self.from_tokens}-{self.to_tokens}"}


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


def fit_zipf(
    counts: NDArray[np.int64], *, from_rank: int = 1, to_rank: int | None = None, min_count: int = LEAST_COUNT
) -> ZipfLaw:
    """The law that the counts (types,), descending, of the ranks of a range are most probable under.

    Each running word of the range draws its rank from p(r) = r^−s / Σ r^−s over the ranks from_rank <= r <= to_rank of
    words seen min_count times or more; C gives as many words as there are. A line through logarithms weighs every
    rank alike, and most ranks are ties: it is biased (Goldstein, Morris & Yen 2004, "Problems with fitting to the
    power-law distribution"). Rank and count come from the same text, which flatters the fit a little (Piantadosi
    2014). UsageError for a range that is none.
    """
    last = len(counts) if to_rank is None else min(to_rank, len(counts))
    if not 1 <= from_rank <= last:
        raise UsageError(
            f"the fit was to be from rank {from_rank} to {last}, which is no range; the text has {len(counts)} words."
        )
    last = min(last, int(np.count_nonzero(counts >= min_count)))
    fitted = counts[from_rank - 1 : last]
    if len(fitted) < 2:
        few = f"fewer than two words of the range are seen {min_count} times or more"
        reason = "the text has one word type" if len(counts) == 1 else few
        return ZipfLaw(nan, nan, nan, from_rank, last, min_count, reason)
    if fitted[0] == fitted[-1]:
        return ZipfLaw(nan, nan, nan, from_rank, last, min_count, "all words of the range have the same count")
    log_ranks = np.log(np.arange(from_rank, last + 1) / from_rank)
    exponent = likely_rank_exponent(fitted, log_ranks)
    highest = fitted.sum(dtype=np.float64) / np.exp(-exponent * log_ranks).sum()  # f(from_rank)
    explained = r_squared(np.log(fitted), np.log(highest) - exponent * log_ranks)
    log_factor = log(highest) + exponent * log(from_rank)
    factor = exp(log_factor) if log_factor < log(np.finfo(np.float64).max) else inf
    return ZipfLaw(factor, exponent, explained, from_rank, last, min_count)


def likely_rank_exponent(counts: NDArray[np.int64], log_ranks: Floats) -> float:
    """The exponent s that makes the mean of log r under the law what it is in the text.

    counts: (ranks,) descending, not all the same; log_ranks: (ranks,) from 0 on. By Newton's method, kept within bounds
    that close in: the mean falls from that of equal counts, at s = 0, to 0.
    """
    observed = float(counts @ log_ranks) / counts.sum(dtype=np.float64)
    low, high, exponent = 0.0, inf, 1.0
    for _ in range(MOST_STEPS):
        weights = np.exp(-exponent * log_ranks)
        total = weights.sum()
        mean = float(weights @ log_ranks / total)
        variance = float(weights @ log_ranks**2 / total) - mean**2
        low, high = (low, exponent) if mean < observed else (exponent, high)
        before = exponent
        exponent = before + (mean - observed) / variance if variance > 0 else nan
        if not low <= exponent <= high:
            exponent = (low + high) / 2 if high < inf else 2 * before
        if abs(exponent - before) <= PRECISE * max(exponent, 1):
            break
    return exponent


def fit_heaps(lengths: NDArray[np.int64], types: NDArray[np.int64], from_tokens: int, to_tokens: int) -> HeapsLaw:
    """The line of least squares through log V against log n (Heaps 1978), every point of the range with the same weight.

    lengths, types: (points,) n, ascending and evenly spaced on a logarithmic axis, and V(n): so every part of the range
    counts for as much as it is wide. UsageError for a range that is none.
    """
    if from_tokens > to_tokens:
        raise UsageError(
            f"the fit was to be from {from_tokens} to {to_tokens} tokens, which is no range; the text has {lengths[-1]}."
        )
    chosen = (lengths >= from_tokens) & (lengths <= to_tokens)
    x, y = np.log(lengths[chosen]), np.log(types[chosen])
    reason = None
    if len(x) < 2:
        reason = "fewer than two points of the curve are in the range"
    elif y[0] == y[-1]:
        reason = "the text has one word type" if types[-1] == 1 else "no new word comes in the range"
    if reason is not None:
        return HeapsLaw(nan, nan, nan, len(x), from_tokens, to_tokens, reason)
    across = x - x.mean()
    exponent = float(across @ y / (across @ across))
    fitted = y.mean() + exponent * across
    factor = exp(y.mean() - exponent * x.mean())
    return HeapsLaw(factor, exponent, r_squared(y, fitted), len(x), from_tokens, to_tokens)


def r_squared(found: Floats, fitted: Floats) -> float:
    """The share of the variance of figures (points,) that those of a law explain; below 0 if it is worse than their mean."""
    return float(1 - ((found - fitted) ** 2).sum() / ((found - found.mean()) ** 2).sum())


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
