"""Maximum likelihood and additive smoothing.

Both look at one history length only, the longest there is; each order holds its own estimates (see `full_histories`).
"""

from typing import Any, Unpack

import numpy as np

from lmkit.engine.arrays import CountArray, FloatArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.pieces import row_pieces
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.model import NgramModel, Precision, float_dtype, log10
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.limiting import without_unknown
from lmkit.ngrams.smoothing.estimation import EstimationOptions, counts_are_kept, estimation_scratch
from lmkit.ngrams.trie.orders import Order
from lmkit.scoring.traits import Traits
from lmkit.signature import openness
from lmkit.text.vocabulary import events_mask

SMALLEST_ALPHA = 1e-30  # beyond, probabilities leave what ARPA files can tell from 0


def maximum_likelihood(counts: NgramCounts, *, closed: bool = False, precision: Precision = "double") -> NgramModel:
    """The maximum-likelihood model: p(w|h) = c(hw) / Σ_v c(hv), and 0 where that is 0 or h was not seen."""
    details = {"smoothing": "maximum-likelihood"}
    return additive_model(counts, 0.0, details, {}, closed=closed, precision=precision, keep_counts=True)


def laplace(
    counts: NgramCounts,
    alpha: float = 1.0,
    **options: Unpack[EstimationOptions],
) -> NgramModel:
    """The additive model p(w|h) = (c(hw) + α) / (c(h) + αV), and 1/V after an unseen history (Laplace; Lidstone 1920).

    V: the number of events. options: see `EstimationOptions`; nothing can be pruned here. UsageError unless α > 0.
    """
    if not SMALLEST_ALPHA <= alpha <= 1 / SMALLEST_ALPHA:
        raise UsageError(
            f"alpha is {alpha:g}; it must be above 0 (from {SMALLEST_ALPHA:g} to {1 / SMALLEST_ALPHA:g}).",
            "Without smoothing, use the counts as they are: maximum likelihood.",
        )
    details = {"smoothing": "laplace" if alpha == 1 else "additive", "alpha": float(alpha)}
    return additive_model(counts, alpha, details, {"alpha": float(alpha)}, **options)


def additive_model(
    counts: NgramCounts,
    alpha: float,
    details: dict[str, Any],
    parameters: dict[str, Any],
    **options: Unpack[EstimationOptions],
) -> NgramModel:
    """The model with p(w|h) = (c(hw) + α) / (c(h) + αV) after histories of any length; where h was not seen, 1/V or 0."""
    if any(options.get("prune", ())):
        raise UsageError(
            "additive smoothing cannot be pruned by counts: it has no lower order for what is dropped.",
            "Use another smoothing, or limit the words with a cutoff.",
        )
    closed, precision = options.get("closed", False), options.get("precision", "single")
    if closed:
        counts = without_unknown(counts)
    chain = counts.chain
    scratch = estimation_scratch(chain, precision, options.get("memory"), options.get("tmp"))
    dtype = float_dtype(precision)
    events = events_mask(len(counts.vocabulary), closed)
    size = int(events.sum())
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []
    for length, (order, counted) in enumerate(zip(chain.orders, chain.counts, strict=True), start=1):
        values = np.where(events, counted, 0) if length == 1 else counted
        logs, backoffs = scratch.allocate(len(order), dtype), scratch.allocate(len(order.indptr) - 1, dtype)

        def estimate_piece(
            rows: tuple[int, int],
            order: Order = order,
            values: CountArray = values,
            results: tuple[FloatArray, FloatArray] = (logs, backoffs),
        ) -> None:
            first, last = rows
            start, stop = (int(bound) for bound in order.indptr[[first, last]])
            bounds = order.indptr[first : last + 1] - order.indptr.dtype.type(start)
            own = values[start:stop].astype(np.float64)
            totals = row_sums(bounds, own)
            denominators = totals + alpha * size
            own += alpha
            own /= denominators.take(row_numbers(bounds))
            results[0][start:stop] = log10(own)
            weights = np.divide(alpha * size, denominators, out=np.ones_like(totals), where=totals > 0)
            results[1][first:last] = log10(weights)

        for _ in map_in_order(estimate_piece, row_pieces(order.indptr), options.get("workers")):
            scratch.release()
        if length == 1:
            logs[~events] = -np.inf
        else:
            log10_backoffs.append(backoffs)
        log10_probs.append(logs)
    return NgramModel(
        counts.vocabulary,
        counts.settings,
        details | openness(closed) | counts.details() | {"precision": precision},
        counts.orders,
        tuple(log10_probs),
        tuple(log10_backoffs),
        Traits(is_smoothed=alpha > 0, full_histories_only=True, lower_orders_are_marginals=False),
        closed,
        parameters=parameters,
        counts=tuple(chain.counts) if counts_are_kept(chain, options) else None,
        scratch=scratch,
    )
