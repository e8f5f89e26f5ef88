"""Interpolated modified Kneser–Ney smoothing (Kneser & Ney 1995; Chen & Goodman 1998).

p(w|h) = (a(hw) − D(a(hw))) / A(h) + γ(h) p(w|h′),  A(h) = Σ_v a(hv),  γ(h) = Σ_v D(a(hv)) / A(h),
where h′ is h without its first word, and below order 1 stands the uniform distribution 1/V over the events.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.adjusted_counts import adjust_counts, counts_of_counts, kenlm_counts_of_counts
from lmkit.ngrams.counts import NgramCounts, without_unknown
from lmkit.ngrams.discounts import DiscountFallback, Discounts, estimate_discounts
from lmkit.ngrams.model import NgramModel, Precision, events_mask, log10
from lmkit.ngrams.orders import Order
from lmkit.sparse import CountArray, FloatArray, row_pieces


def kneser_ney(
    counts: NgramCounts,
    *,
    discounts: Sequence[float] | None = None,
    discount_fallback: DiscountFallback | None = None,
    compat: Literal["kenlm"] | None = None,
    closed: bool = False,
    precision: Precision = "single",
) -> NgramModel:
    """The interpolated modified Kneser–Ney model of the counts.

    discounts: D1 D2 D3 for all orders instead of estimated ones. discount_fallback: for orders whose discounts
    cannot be estimated, "fixed" (0.5 1 1.5) or "generalised". compat "kenlm": counts of counts as KenLM's lmplz has
    them. closed: <unk> is not an event. DataError when discounts cannot be estimated and there is no fallback.
    """
    if closed:
        counts = without_unknown(counts)
    adjusted = adjust_counts(counts.run)
    found: list[Discounts] = []
    for length, values in enumerate(adjusted, start=1):
        kenlm = compat == "kenlm" and discounts is None
        numbers = kenlm_counts_of_counts(counts.run, adjusted, length) if kenlm else counts_of_counts(values)
        found.append(estimate_discounts(length, numbers, discounts, discount_fallback))

    events = events_mask(len(counts.vocabulary), closed)
    lower: NDArray[np.float64] = events / events.sum()  # order 0: uniform over the events
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []
    for order, all_suffixes, values, order_discounts in zip(
        counts.orders, counts.run.suffixes, adjusted, found, strict=True
    ):
        suffixes = all_suffixes if log10_probs else None
        probs, backoffs = interpolate(order, values, order_discounts.table(), lower, suffixes)
        if log10_probs:
            log10_backoffs.append(log10(backoffs, precision))
        log10_probs.append(log10(np.minimum(probs, 1.0), precision))
        lower = probs
    details: dict[str, Any] = {
        "smoothing": "modified-kneser-ney",
        "vocabulary": "closed" if closed else "open",
        "discounts": describe_discounts(found),
    }
    if compat:
        details["compat"] = compat
    return NgramModel(
        counts.vocabulary,
        counts.settings,
        details | counts.details() | {"precision": precision},
        counts.orders,
        tuple(log10_probs),
        tuple(log10_backoffs),
        parameters={"discounts": [{"order": k, **d.as_dict()} for k, d in enumerate(found, start=1)]},
        storage=counts.run.folder,
    )


def interpolate(
    order: Order, adjusted: CountArray, discounts: NDArray[np.float64], lower: NDArray[np.float64], suffixes: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The probabilities (n-grams,) of one order and the backoffs γ (histories,) to the order below.

    lower: probabilities one order down; suffixes: (n-grams,) where to find them there (None: aligned).
    """
    probs = np.empty(len(order))
    backoffs = np.ones(len(order.indptr) - 1)
    for first, last in row_pieces(order.indptr):
        bounds = order.indptr[first : last + 1]
        start, stop = int(bounds[0]), int(bounds[-1])
        if start == stop:
            continue
        counts = adjusted[start:stop].astype(np.float64)
        taken = discounts[np.minimum(adjusted[start:stop], 3)]
        lengths = np.diff(bounds)
        filled = np.flatnonzero(lengths)  # reduceat wants rows that hold something
        row_starts = bounds[filled] - start
        totals = np.add.reduceat(counts, row_starts)
        masses = np.add.reduceat(taken, row_starts)
        counted = totals > 0  # a row can be left without counts when <unk> is taken out
        gammas = np.divide(masses, totals, out=np.ones_like(totals), where=counted)
        backoffs[first + filled] = gammas
        rows = np.repeat(np.arange(len(filled)), lengths[filled])
        piece = np.subtract(counts, taken, out=counts)
        piece /= np.where(counted, totals, 1.0)[rows]
        piece += gammas[rows] * (lower[start:stop] if suffixes is None else lower[suffixes[start:stop]])
        probs[start:stop] = piece
    return probs, backoffs


def describe_discounts(found: Sequence[Discounts]) -> str:
    """How the discounts came about, for the signature."""
    if found[0].source == "given":
        return ",".join(f"{value:g}" for value in found[0].values)
    fallbacks = [f"{d.source}@{k}" for k, d in enumerate(found, start=1) if d.source != "estimated"]
    return ",".join(["estimated", *fallbacks]) if len(fallbacks) < len(found) else ",".join(fallbacks)
