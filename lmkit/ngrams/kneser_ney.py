"""Interpolated modified Kneser–Ney smoothing (Kneser & Ney 1995; Chen & Goodman 1998).

p(w|h) = (a(hw) − D(a(hw))) / A(h) + γ(h) p(w|h′),  A(h) = Σ_v a(hv),  γ(h) = Σ_v D(a(hv)) / A(h),
where h′ is h without its first word, and below order 1 stands the uniform distribution 1/V over the events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.adjusted_counts import adjust_counts, counts_of_counts, kenlm_counts_of_counts
from lmkit.ngrams.counts import NgramCounts, without_unknown
from lmkit.ngrams.discounts import DiscountFallback, Discounts, estimate_discounts
from lmkit.ngrams.model import NgramModel, Precision, events_mask, float_dtype, log10
from lmkit.ngrams.orders import Order
from lmkit.sparse import CountArray, FloatArray, IndexArray, row_pieces
from lmkit.threads import map_in_order


def kneser_ney(
    counts: NgramCounts,
    *,
    discounts: Sequence[float] | None = None,
    discount_fallback: DiscountFallback | None = None,
    compat: Literal["kenlm"] | None = None,
    closed: bool = False,
    precision: Precision = "single",
    workers: int | None = None,
) -> NgramModel:
    """The interpolated modified Kneser–Ney model of the counts.

    discounts: D1 D2 D3 for all orders instead of estimated ones. discount_fallback: for orders whose discounts
    cannot be estimated, "fixed" (0.5 1 1.5) or "generalised". compat "kenlm": counts of counts as KenLM's lmplz has
    them. closed: <unk> is not an event. precision: of the stored log10 values (32 or 64 bits). workers: threads
    (default: the number of cores). DataError when discounts cannot be estimated and there is no fallback.
    """
    if closed:
        counts = without_unknown(counts)
    adjusted = adjust_counts(counts.chain)
    found: list[Discounts] = []
    for length, values in enumerate(adjusted, start=1):
        kenlm = compat == "kenlm" and discounts is None
        numbers = kenlm_counts_of_counts(counts.chain, adjusted, length) if kenlm else counts_of_counts(values)
        found.append(estimate_discounts(length, numbers, discounts, discount_fallback))

    events = events_mask(len(counts.vocabulary), closed)
    lower: NDArray[np.float64] = events / events.sum()  # order 0: uniform over the events
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []
    for length, (order, suffixes) in enumerate(zip(counts.orders, counts.chain.suffixes, strict=True), start=1):
        estimated = interpolate(
            order,
            adjusted[length - 1],
            found[length - 1].table(),
            lower,
            suffixes if length > 1 else np.arange(len(order)),
            precision,
            workers,
        )
        log10_probs.append(estimated.log10_probs)
        if length > 1:
            log10_backoffs.append(estimated.log10_backoffs)
        lower = estimated.probs
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
    )


@dataclass(frozen=True, eq=False)
class Interpolated:
    """The estimates of one order."""

    probs: NDArray[np.float64]  # (n-grams,)
    log10_probs: FloatArray  # (n-grams,)
    log10_backoffs: FloatArray  # (histories,) log10 of the weight γ of the order below


def interpolate(
    order: Order,
    adjusted: CountArray,
    discounts: NDArray[np.float64],
    lower: NDArray[np.float64],
    suffixes: IndexArray,
    precision: Precision,
    workers: int | None = None,
) -> Interpolated:
    """The estimates of one order from its adjusted counts (n-grams,) and discounts (4,).

    lower: the probabilities one order down; suffixes: (n-grams,) where to find them there. The work is done in
    pieces that fit the caches, cut between rows, so that the figures do not depend on the pieces or the threads.
    """
    dtype = float_dtype(precision)
    probs = np.empty(len(order))
    logs, backoffs = np.empty(len(order), dtype), np.zeros(len(order.indptr) - 1, dtype)

    def estimate_piece(rows: tuple[int, int]) -> None:
        """The estimates of a range of rows."""
        first, last = rows
        bounds = order.indptr[first : last + 1]
        start, stop = int(bounds[0]), int(bounds[-1])
        lengths = np.diff(bounds)
        filled = np.flatnonzero(lengths)  # reduceat wants rows that hold something
        if not len(filled):
            return
        counts = adjusted[start:stop].astype(np.float64)
        taken = discounts.take(np.minimum(adjusted[start:stop], 3))
        row_starts = bounds[filled] - start
        totals, masses = np.add.reduceat(counts, row_starts), np.add.reduceat(taken, row_starts)
        counted = totals > 0  # a row can be left without counts when <unk> is taken out
        row_backoffs = np.divide(masses, totals, out=np.ones_like(totals), where=counted)
        totals[~counted] = 1.0
        lengths = lengths[filled]
        counts -= taken
        counts /= np.repeat(totals, lengths)
        counts += np.repeat(row_backoffs, lengths) * lower.take(suffixes[start:stop])
        probs[start:stop] = np.minimum(counts, 1.0, out=counts)
        logs[start:stop] = log10(counts)
        backoffs[first + filled] = log10(row_backoffs)

    for _ in map_in_order(estimate_piece, row_pieces(order.indptr), workers):
        pass
    return Interpolated(probs, logs, backoffs)


def describe_discounts(found: Sequence[Discounts]) -> str:
    """How the discounts came about, for the signature."""
    if found[0].source == "given":
        return ",".join(f"{value:g}" for value in found[0].values)
    fallbacks = [f"{d.source}@{k}" for k, d in enumerate(found, start=1) if d.source != "estimated"]
    return ",".join(["estimated", *fallbacks]) if len(fallbacks) < len(found) else ",".join(fallbacks)
