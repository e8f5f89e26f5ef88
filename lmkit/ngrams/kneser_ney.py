"""Interpolated modified Kneser–Ney smoothing (Kneser & Ney 1995; Chen & Goodman 1998).

p(w|h) = (a(hw) − D(a(hw))) / A(h) + γ(h) p(w|h′),  A(h) = Σ_v a(hv),  γ(h) = Σ_v D(a(hv)) / A(h),
where h′ is h without its first word, and below order 1 stands the uniform distribution 1/V over the events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.adjusted_counts import adjust_counts, counts_of_counts, kenlm_counts_of_counts
from lmkit.ngrams.counts import NgramCounts, without_unknown
from lmkit.ngrams.discounts import DiscountFallback, Discounts, estimate_discounts
from lmkit.ngrams.estimation import estimation_scratch
from lmkit.ngrams.model import NgramModel, Precision, events_mask, float_dtype, log10
from lmkit.ngrams.orders import Order
from lmkit.progress import stage
from lmkit.scratch import Scratch
from lmkit.sparse import CountArray, FloatArray, IndexArray, row_numbers, row_pieces, row_sums
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
    memory: int | None = None,
    tmp: str | Path | None = None,
) -> NgramModel:
    """The interpolated modified Kneser–Ney model of the counts.

    discounts: D1 D2 D3 for all orders instead of estimated ones. discount_fallback: for orders whose discounts
    cannot be estimated, "fixed" (0.5 1 1.5) or "generalised". compat "kenlm": counts of counts as KenLM's lmplz has
    them. closed: <unk> is not an event. precision: of the stored log10 values (32 or 64 bits). workers: threads
    (default: the number of cores). memory: bytes beyond which files in `tmp` are used (default: no limit).
    DataError when discounts cannot be estimated and there is no fallback.
    """
    if closed:
        counts = without_unknown(counts)
    chain, scratch = counts.chain, estimation_scratch(counts.chain, precision, memory, tmp)
    events = events_mask(len(counts.vocabulary), closed)
    lower: NDArray[np.float64] = events / events.sum()  # order 0: uniform over the events
    found: list[Discounts] = []
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []
    for length in range(1, counts.order + 1):
        stage(f"adjusting the counts of {length}-grams")
        adjusted = adjust_counts(chain, length, scratch)
        kenlm = compat == "kenlm" and discounts is None
        numbers = kenlm_counts_of_counts(chain, adjusted, length) if kenlm else counts_of_counts(adjusted)
        found.append(estimate_discounts(length, numbers, discounts, discount_fallback, counts.settings.unit))
        estimated = interpolate(
            chain.orders[length - 1],
            adjusted,
            found[-1].table(),
            lower,
            chain.suffixes[length - 1] if length > 1 else np.arange(len(chain.orders[0]), dtype=np.int32),
            precision,
            scratch,
            workers,
            highest=length == counts.order,
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
        scratch=scratch,
    )


@dataclass(frozen=True, eq=False)
class Interpolated:
    """The estimates of one order."""

    probs: NDArray[np.float64]  # (n-grams,); of the highest order, which no other builds on, none
    log10_probs: FloatArray  # (n-grams,)
    log10_backoffs: FloatArray  # (histories,) log10 of the weight γ of the order below


def interpolate(
    order: Order,
    adjusted: CountArray,
    discounts: NDArray[np.float64],
    lower: NDArray[np.float64],
    suffixes: IndexArray,
    precision: Precision,
    scratch: Scratch,
    workers: int | None = None,
    *,
    highest: bool,
) -> Interpolated:
    """The estimates of one order from its adjusted counts (n-grams,) and discounts (4,).

    lower: the probabilities one order down; suffixes: (n-grams,) where to find them there; scratch: where the results
    go. The work is done in pieces that fit the caches, cut between rows, so that the figures do not depend on the
    pieces or the threads.
    """
    dtype = float_dtype(precision)
    probs = scratch.allocate(0 if highest else len(order), np.float64)
    logs, backoffs = scratch.allocate(len(order), dtype), scratch.allocate(len(order.indptr) - 1, dtype)

    def estimate_piece(rows: tuple[int, int]) -> int:
        """The estimates of a range of rows; returns how many n-grams they hold."""
        first, last = rows
        start, stop = (int(bound) for bound in order.indptr[[first, last]])
        bounds = order.indptr[first : last + 1] - order.indptr.dtype.type(start)
        entries = slice(start, stop)
        counts = adjusted[entries].astype(np.float64)
        taken = discounts.take(np.minimum(adjusted[entries], 3))
        # Row sums, as products of sparse matrices with the vector of ones.
        totals, masses = (row_sums(bounds, values) for values in (counts, taken))
        counted = totals > 0  # a row can be without counts: nothing follows </s>, or only <unk>, which was taken out
        row_backoffs = np.divide(masses, totals, out=np.ones_like(totals), where=counted)
        totals[~counted] = 1.0
        row_of_entry = row_numbers(bounds)
        counts -= taken
        counts /= totals.take(row_of_entry)
        counts += row_backoffs.take(row_of_entry) * lower.take(suffixes[entries])
        np.minimum(counts, 1.0, out=counts)
        if not highest:
            probs[entries] = counts
        logs[entries] = log10(counts)
        backoffs[first:last] = log10(row_backoffs)
        return len(counts)

    advance = stage(f"interpolating {len(order):,} n-grams", len(order))
    for done in map_in_order(estimate_piece, row_pieces(order.indptr), workers):
        advance(done)
        scratch.release()
    return Interpolated(probs, logs, backoffs)


def describe_discounts(found: Sequence[Discounts]) -> str:
    """How the discounts came about, for the signature."""
    if found[0].source == "given":
        return ",".join(f"{value:g}" for value in found[0].values)
    fallbacks = [f"{d.source}@{k}" for k, d in enumerate(found, start=1) if d.source != "estimated"]
    return ",".join(["estimated", *fallbacks]) if len(fallbacks) < len(found) else ",".join(fallbacks)
