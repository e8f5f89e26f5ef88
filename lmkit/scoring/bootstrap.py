"""Resampling sentences: how far a difference between two models is one between the sentences they met.

Three paired tests. The bootstrap draws as many sentences as there are with replacement, and measures the difference on
each such sample (Koehn 2004). The bootstrap-t does so in units of each sample's own standard error (Efron 1981; Hall
1988), which few and skewed differences mislead less. Randomization swaps the models in a random half of the sentences
(Noreen 1989; Riezler & Maxwell 2005): its level is exact where models could be swapped.

A sample is a row of a matrix of counts, samples × sentences, so that its sums are one product of matrices.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import index_dtype
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.scoring.resampling import SAMPLES, TESTS, Test, check_samples

FEW_SENTENCES = 50  # below, the bootstrap finds too many differences (docs/topics/compare.md has the rates)
DRAWS = (
    1 << 17
)  # sentences drawn at a time, which bounds memory; a multiple of 64, as one random number serves up to 64
SUM_BITS = 61  # of a sum of integers, beside its sign
TAIL = 40  # one sample of so many lies below the interval, and one above: it holds 95 %
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Bootstrap:
    """How sure a difference is. NaN where there are no two sentences to draw from."""

    low: float  # the interval of 95 % is from here
    high: float  # to here
    p_value: float  # two-sided: of a difference so large, were there none
    sentences: int
    samples: int
    seed: int
    test: Test = "bootstrap"

    @property
    def warning(self) -> str | None:
        """Why the interval and the p value are not to be relied on; None if there are sentences enough."""
        if not 2 <= self.sentences < FEW_SENTENCES:
            return None
        few = f"there are only {self.sentences} sentences, fewer than {FEW_SENTENCES}"
        if self.test == "bootstrap":
            return (
                f"{few}: the bootstrap calls too many differences significant. "
                "Take more text, or another test: bootstrap-t or randomization."
            )
        return f"{few}: where a few of them decide, too many differences are called significant. Take more text."


def paired_bootstrap(
    differences: Floats,
    weights: Integers,
    *,
    test: Test = "bootstrap",
    samples: int = SAMPLES,
    seed: int = 0,
    workers: int | None = None,
) -> Bootstrap:
    """How sure Σ differences / Σ weights is, both (sentences,), differences finite.

    The figures are the same for any number of threads. UsageError for too few samples and for an unknown test.
    """
    check_samples(samples, seed)
    if test not in TESTS:
        raise UsageError(f"there is no test {test!r}: it can be {', '.join(TESTS)}.")
    sentences = len(differences)
    if sentences < 2:
        return Bootstrap(math.nan, math.nan, math.nan, sentences, samples, seed, test)
    at_once = max(1, DRAWS // sentences)

    def drawn(sums: Callable[..., NDArray[Any]], values: NDArray[Any]) -> NDArray[Any]:
        """(samples, columns) the sums of values (sentences, columns) over each sample."""
        starts = range(0, samples, at_once)
        pieces = map_in_order(lambda first: sums(values, first, min(at_once, samples - first), seed), starts, workers)
        return np.concatenate(list(pieces))

    if test == "bootstrap-t":
        low, high, p_value = studentized(differences, weights, lambda values: drawn(sums_of_samples, values))
    else:
        largest = float(np.abs(differences).max()) or 1.0
        shift = SUM_BITS - math.frexp(largest * sentences)[1]  # sums of integers are exact
        values = np.stack((np.rint(np.ldexp(differences, shift)).astype(np.int64), weights.astype(np.int64)), axis=1)
        total = values.sum(axis=0)
        if test == "bootstrap":
            low, high, p_value = percentiles(drawn(sums_of_samples, values), total, shift)
        else:
            low, high, p_value = swapped(drawn(sums_of_halves, values), total, shift)
    return Bootstrap(low, high, p_value, sentences, samples, seed, test)


def percentiles(sums: Integers, total: Integers, shift: int) -> tuple[float, float, float]:
    """The interval and the p value of the bootstrap: that of the samples' distribution moved to 0 (Riezler & Maxwell 2005).

    sums: (samples, 2) of differences in units of 2**-shift, and of weights; total: (2,) those of the text.
    """
    return spread(ratios(sums, shift), ratios(total[None], shift)[0])


def spread(measured: Floats, found: float) -> tuple[float, float, float]:
    """The interval and the p value of a difference that was found, from what was measured on samples (samples,)."""
    extreme = int(np.count_nonzero(np.abs(measured - found) >= abs(found)))
    return (*middle(np.sort(measured)), (extreme + 1) / (len(measured) + 1))


def swapped(sums: Integers, total: Integers, shift: int) -> tuple[float, float, float]:
    """The interval and the p value of randomization, from the sums over the sentences that are swapped (see `percentiles`).

    Swapping turns the sign of their differences: what is left of the total is total − 2 · sum. A difference m is in the
    interval unless the differences from it are significant; one half after the other, this turns at m = the ratio over
    the half (Hartigan 1969, "Using subsample values as typical values"), so that the interval holds the middle of these.
    """
    extreme = int(np.count_nonzero(np.abs(total[0] - 2 * sums[:, 0]) >= abs(total[0])))
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = ratios(sums, shift)
    low, high = (
        middle(np.sort(np.where(np.isfinite(measured), measured, beyond)))[side]
        for side, beyond in enumerate((-math.inf, math.inf))  # an empty half excludes no difference
    )
    return low, high, (extreme + 1) / (len(sums) + 1)


def studentized(
    differences: Floats, weights: Integers, drawn: Callable[[Floats], Floats]
) -> tuple[float, float, float]:
    """The interval and the p value of the bootstrap-t: that of equal tails (Hall 1988).

    drawn: the sums of columns (sentences, columns) over each sample. t is the difference of a ratio from that of the
    text over its standard error, as the residuals of the sentences d − ratio · w give it.
    """
    size = weights.astype(np.float64)
    ratio = float(differences.sum() / size.sum())
    residuals = differences - ratio * size
    spread = residuals * residuals
    sums = drawn(np.stack((residuals, size, spread, residuals * size, size * size), axis=1))
    shifts = sums[:, 0] / sums[:, 1]
    squares = sums[:, 2] - 2 * shifts * sums[:, 3] + shifts**2 * sums[:, 4]
    share = len(size) / (len(size) - 1)
    errors = np.sqrt(np.maximum(squares, 0) * share) / sums[:, 1]
    error = math.sqrt(float(spread.sum()) * share) / float(size.sum())
    t_values = np.sort(in_errors(shifts, errors))
    found = in_errors(np.array([ratio]), np.array([error]))[0]
    tails = [int(np.count_nonzero(beyond)) for beyond in (t_values <= found, t_values >= found)]
    lowest, highest = middle(t_values)
    low, high = (ratio - t * error if error else ratio for t in (highest, lowest))
    return low, high, min(1.0, 2 * (min(tails) + 1) / (len(t_values) + 1))


def in_errors(shifts: Floats, errors: Floats) -> Floats:
    """(samples,) shifts in units of their standard errors: infinite where these are 0, but 0 for no shift."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shifts == 0, 0.0, shifts / errors)


def middle(ordered: Floats) -> tuple[float, float]:
    """The ends of the middle 95 % of figures (samples,), ascending."""
    return float(ordered[len(ordered) // TAIL]), float(ordered[len(ordered) - 1 - len(ordered) // TAIL])


def ratios(sums: NDArray[np.int64], shift: int) -> NDArray[np.float64]:
    """(samples,) the first column over the second, (samples, 2), the first in units of 2**-shift."""
    return np.ldexp(sums[:, 0].astype(np.float64), -shift) / sums[:, 1]


def sums_of_samples(values: NDArray[Any], first: int, samples: int, seed: int) -> NDArray[Any]:
    """(samples, columns) the sums of values (sentences, columns) over the samples with numbers first, first + 1, …"""
    from scipy.sparse import csr_array

    sentences = len(values)
    sums = np.zeros((samples, values.shape[1]), values.dtype)
    for numbers in drawn_items(sentences, first, samples, seed):
        drawn = numbers.astype(index_dtype(max(sentences, numbers.size)))
        bounds = np.arange(samples + 1, dtype=drawn.dtype) * numbers.shape[1]
        ones = np.ones(drawn.size, values.dtype)
        sums += csr_array((ones, drawn.reshape(-1), bounds), shape=(samples, sentences)) @ values
    return sums


def drawn_items(items: int, first: int, samples: int, seed: int) -> Iterator[NDArray[np.uint32]]:
    """In pieces (samples, some of their items), the items 0 … items − 1 that the samples with numbers first, first + 1, … draw.

    Each sample has its own stretch of the one sequence of random numbers. They are taken raw, because NumPy promises
    their sequence for every version, and that of no method which makes use of them.
    """
    generator = np.random.PCG64(seed).advance(first * ((items + 1) // 2))
    for start in range(0, items, DRAWS):
        width = min(DRAWS, items - start)
        raw = generator.random_raw(samples * ((width + 1) // 2)).astype("<u8", copy=False).view("<u4")
        raw = raw.reshape(samples, -1)[:, :width]
        halves = (
            (raw * np.uint64(items)).astype("<u8", copy=False).view("<u4")
        )  # of each product; the high one is the item
        yield halves[:, 1::2]


def sums_of_halves(values: Integers, first: int, samples: int, seed: int) -> Integers:
    """(samples, columns) the same over samples that have each sentence with probability 1/2: one bit for each."""
    sentences = len(values)
    generator = np.random.PCG64(seed).advance(first * -(-sentences // 64))
    sums = np.zeros((samples, values.shape[1]), np.int64)
    for start in range(0, sentences, DRAWS):
        width = min(DRAWS, sentences - start)
        raw = generator.random_raw(samples * -(-width // 64)).astype("<u8", copy=False).view(np.uint8)
        bits = np.unpackbits(raw.reshape(samples, -1), axis=1, count=width, bitorder="little")
        sums += bits.astype(np.int64) @ values[start : start + width]
    return sums
