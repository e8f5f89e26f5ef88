"""Paired bootstrap resampling (Koehn 2004): how far a difference between two models is one between the sentences they met.

Sentences are drawn with replacement, as many as there are, and the difference is measured on each such sample. A sample
is a row of a sparse matrix of counts, samples × sentences, so that its sums are one product of matrices. All sums are
of integers: exact, whatever the number of threads.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.arrays import index_dtype
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError

SAMPLES = 1000
FEWEST_SAMPLES = 100
DRAWS = 1 << 17  # sentences drawn at a time, which bounds memory; even, as two draws come of one random number
SUM_BITS = 61  # of a sum of integers, beside its sign
TAIL = 40  # one sample of so many lies below the interval, and one above: it holds 95 %


@dataclass(frozen=True)
class Bootstrap:
    """How sure a difference is. NaN where there are no two sentences to draw from."""

    low: float  # the middle 95 % of the samples are from here
    high: float  # to here
    p_value: float  # two-sided: of a difference so large, were there none
    sentences: int
    samples: int
    seed: int


def paired_bootstrap(
    differences: NDArray[np.float64],
    weights: NDArray[np.int64],
    *,
    samples: int = SAMPLES,
    seed: int = 0,
    workers: int | None = None,
) -> Bootstrap:
    """How sure Σ differences / Σ weights is, both (sentences,), differences finite.

    The p value is that of the samples' distribution moved to 0 (Riezler & Maxwell 2005). UsageError for too few samples.
    """
    if samples < FEWEST_SAMPLES or seed < 0:
        raise UsageError(
            f"{samples} samples with seed {seed}: at least {FEWEST_SAMPLES}, and a seed of 0 or more, are needed."
        )
    sentences = len(differences)
    if sentences < 2:
        return Bootstrap(math.nan, math.nan, math.nan, sentences, samples, seed)
    largest = float(np.abs(differences).max()) or 1.0
    shift = SUM_BITS - math.frexp(largest * sentences)[1]
    values = np.stack((np.rint(np.ldexp(differences, shift)).astype(np.int64), weights.astype(np.int64)), axis=1)
    at_once = max(1, DRAWS // sentences)
    starts = range(0, samples, at_once)
    pieces = map_in_order(
        lambda first: sums_of_samples(values, first, min(at_once, samples - first), seed), starts, workers
    )
    measured = np.sort(ratios(np.concatenate(list(pieces)), shift))
    found = ratios(values.sum(axis=0)[None], shift)[0]
    extreme = int(np.count_nonzero(np.abs(measured - found) >= abs(found)))
    low, high = measured[samples // TAIL], measured[samples - 1 - samples // TAIL]
    return Bootstrap(float(low), float(high), (extreme + 1) / (samples + 1), sentences, samples, seed)


def ratios(sums: NDArray[np.int64], shift: int) -> NDArray[np.float64]:
    """(samples,) the first column over the second, (samples, 2), the first in units of 2**-shift."""
    return np.ldexp(sums[:, 0].astype(np.float64), -shift) / sums[:, 1]


def sums_of_samples(values: NDArray[np.int64], first: int, samples: int, seed: int) -> NDArray[np.int64]:
    """(samples, 2) the sums of values (sentences, 2) over the samples with numbers first, first + 1, …

    Each sample has its own stretch of the one sequence of random numbers. They are taken raw, because NumPy promises
    their sequence for every version, and that of no method which makes use of them.
    """
    sentences = len(values)
    generator = np.random.PCG64(seed).advance(first * ((sentences + 1) // 2))
    sums = np.zeros((samples, 2), np.int64)
    for start in range(0, sentences, DRAWS):
        width = min(DRAWS, sentences - start)
        raw = generator.random_raw(samples * ((width + 1) // 2)).astype("<u8", copy=False).view("<u4")
        raw = raw.reshape(samples, -1)[:, :width]
        halves = (
            (raw * np.uint64(sentences)).astype("<u8", copy=False).view("<u4")
        )  # of each product; the high one is the sentence
        drawn = halves[:, 1::2].astype(index_dtype(max(sentences, samples * width)))
        bounds = np.arange(samples + 1, dtype=drawn.dtype) * width
        ones = np.ones(drawn.size, np.int64)
        sums += csr_array((ones, drawn.reshape(-1), bounds), shape=(samples, sentences)) @ values
    return sums
