"""Quantizing: the probabilities and backoffs of an order become few distinct values (Federico & Bertoldi 2006).

The values of each order from 2 on are sorted and cut into bins of equally many n-grams; the mean of each bin stands for what is nearest to
it, as in KenLM. A probability of 0, and the backoffs 0 and 1, are kept as they are.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.progress import stage
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.within import done_within

FEWEST_BITS, MOST_BITS = 2, 16
APART = (-np.inf, 0.0)  # log10 backoffs that are kept: of 0, and of 1, which most n-grams have that are no history


@done_within
def quantize(model: NgramModel, bits: int) -> NgramModel:
    """The model with 2^bits values for the probabilities of each order from 2 on, and as many for its backoffs.

    It keeps no counts. UsageError unless there are 2 to 16 bits.
    """
    model = ngram_model(model, "quantized")
    check_bits(bits)
    model = backing_off(model)
    stage("quantizing")
    return model.with_values(
        [model.log10_probs[0], *(quantized(probs, bits, APART[: has_zero(probs)]) for probs in model.log10_probs[1:])],
        [*model.log10_backoffs[:1], *(quantized(backoffs, bits, APART) for backoffs in model.log10_backoffs[1:])],
        details=model.details | {"quantized": bits},
    )


def check_bits(bits: int) -> None:
    """UsageError unless values can be quantized to so many bits."""
    if not FEWEST_BITS <= bits <= MOST_BITS:
        raise UsageError(f"values cannot be quantized to {bits} bits; it must be {FEWEST_BITS} to {MOST_BITS}.")


def has_zero(log10_probs: FloatArray) -> bool:
    """Whether a probability is 0."""
    return bool(log10_probs.min(initial=0) == -np.inf)


def quantized(values: FloatArray, bits: int, apart: Sequence[float]) -> FloatArray:
    """(n-grams,) log10 values, of which 2^bits are distinct at most; as they are, if no more are.

    apart: values that are kept, and count among these whether they are there or not.
    """
    is_apart = np.zeros(len(values), bool)
    for value in apart:
        is_apart |= values == value
    centers = bin_means(np.sort(values[~is_apart]), (1 << bits) - len(apart))
    if centers is None:
        return values
    between = (centers[1:] + centers[:-1]) / 2
    found: FloatArray = centers.astype(values.dtype).take(np.searchsorted(between, values))
    found[is_apart] = values[is_apart]
    return found


def bin_means(ordered: FloatArray, bins: int) -> NDArray[np.float64] | None:
    """(bins or fewer,) the means of bins of equally many values, which ascend; None if no more values than bins are distinct."""
    if np.count_nonzero(ordered[1:] != ordered[:-1]) < bins:
        return None
    bounds = np.arange(bins) * len(ordered) // bins
    sizes = np.diff(bounds, append=len(ordered))
    return np.add.reduceat(ordered.astype(np.float64), bounds) / sizes
