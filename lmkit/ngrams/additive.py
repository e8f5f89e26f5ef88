"""Maximum likelihood and additive smoothing, written as backoff models.

Both look at one history length only, the longest there is. As a backoff model: the highest order holds
p(w|h); its backoff goes straight to a constant floor, which every lower order repeats. The exception are
n-grams that begin with <s>: at the start of a sentence their short histories are the longest there are.
"""

from typing import Any

import numpy as np

from lmkit.errors import UsageError
from lmkit.ngrams.counts import NgramCounts, without_unknown
from lmkit.ngrams.model import NgramModel, Precision, events_mask, float_dtype, log10
from lmkit.ngrams.orders import bos_ends
from lmkit.sparse import FloatArray, row_numbers, row_sums

SMALLEST_ALPHA = 1e-30  # beyond, probabilities leave what ARPA files can tell from 0


def maximum_likelihood(counts: NgramCounts, *, closed: bool = False, precision: Precision = "double") -> NgramModel:
    """The maximum-likelihood model: p(w|h) = c(hw) / Σ_v c(hv), and 0 where that is 0 or h was not seen."""
    return backoff_to_constant(counts, 0.0, closed, precision, {"smoothing": "maximum-likelihood"}, {})


def laplace(
    counts: NgramCounts, alpha: float = 1.0, *, closed: bool = False, precision: Precision = "single"
) -> NgramModel:
    """The additive model p(w|h) = (c(hw) + α) / (c(h) + αV), and 1/V after an unseen history (Laplace; Lidstone 1920).

    V: the number of events; closed: <unk> is not one of them. UsageError unless α > 0.
    """
    if not SMALLEST_ALPHA <= alpha <= 1 / SMALLEST_ALPHA:
        raise UsageError(
            f"alpha is {alpha:g}; it must be above 0 (from {SMALLEST_ALPHA:g} to {1 / SMALLEST_ALPHA:g}).",
            "Without smoothing, use the counts as they are: maximum likelihood.",
        )
    details = {"smoothing": "laplace" if alpha == 1 else "additive", "alpha": float(alpha)}
    return backoff_to_constant(counts, alpha, closed, precision, details, {"alpha": float(alpha)})


def backoff_to_constant(
    counts: NgramCounts,
    alpha: float,
    closed: bool,
    precision: Precision,
    details: dict[str, Any],
    parameters: dict[str, Any],
) -> NgramModel:
    """The model with p(w|h) = (c(hw) + α) / (c(h) + αV) over full histories, and the constant floor elsewhere."""
    if closed:
        counts = without_unknown(counts)
    dtype = float_dtype(precision)
    events = events_mask(len(counts.vocabulary), closed)
    size = int(events.sum())
    floor = 1.0 / size if alpha else 0.0
    begins_with_bos = bos_ends(counts.orders)
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []
    for length, (order, all_counts) in enumerate(zip(counts.orders, counts.counts, strict=True), start=1):
        highest = length == counts.order
        values = np.where(events, all_counts, 0) if length == 1 else all_counts
        totals = row_sums(order.indptr, values.astype(np.float64))
        denominators = totals + alpha * size
        probs = (values + alpha) / denominators[row_numbers(order.indptr)]
        if not highest:
            probs[begins_with_bos[length - 1] if length > 1 else 0 :] = floor
        if length == 1:
            probs[~events] = 0.0
        else:
            has_backoff = totals > 0
            if not highest:
                has_backoff[begins_with_bos[length - 2] :] = False
            backoffs = np.divide(alpha * size, denominators, out=np.ones_like(totals), where=has_backoff)
            log10_backoffs.append(log10(backoffs).astype(dtype))
        log10_probs.append(log10(probs).astype(dtype))
    vocabulary = "closed" if closed else "open"
    return NgramModel(
        counts.vocabulary,
        counts.settings,
        details | {"vocabulary": vocabulary} | counts.details() | {"precision": precision},
        counts.orders,
        tuple(log10_probs),
        tuple(log10_backoffs),
        parameters=parameters,
    )
