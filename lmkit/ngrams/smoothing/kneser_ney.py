"""Kneser–Ney smoothing (Kneser & Ney 1995), modified (Chen & Goodman 1998) or with one discount.

f(w|h) = (a(hw) − D(a(hw))) / A(h),  γ(h) = Σ_v D(a(hv)) / A(h),  A(h) = Σ_v a(hv), with the adjusted counts a of
`adjusted_counts` and the discounts D of `discounts`; how f and γ become a model: see `estimation`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.smoothing.adjusted_counts import adjust_counts, counts_of_counts, kenlm_counts_of_counts
from lmkit.ngrams.smoothing.discounts import DiscountFallback, Discounts, estimate_discount, estimate_discounts
from lmkit.ngrams.smoothing.estimation import CountedRows, EstimationOptions, Rule, estimate_model, form_of
from lmkit.scoring.traits import Traits


def kneser_ney(
    counts: NgramCounts,
    *,
    discounts: Sequence[float] | None = None,
    discount_fallback: DiscountFallback | None = None,
    compat: Literal["kenlm"] | None = None,
    one_discount: bool = False,
    interpolated: bool = True,
    **options: Unpack[EstimationOptions],
) -> NgramModel:
    """The Kneser–Ney model of the counts: modified and interpolated, if not told otherwise.

    discounts: D1 D2 D3 (with one_discount: D) for all orders instead of estimated ones. discount_fallback: for orders
    whose discounts cannot be estimated, "fixed" (0.5 1 1.5, or 0.75) or "generalised". compat "kenlm": counts of counts as KenLM's
    lmplz has them. one_discount: the original smoothing, with one discount an order. interpolated False: the
    backed-off form. options: see `EstimationOptions`.
    DataError when discounts cannot be estimated and there is no fallback.
    """
    found: list[Discounts] = []
    estimate = estimate_discount if one_discount else estimate_discounts

    def rule_of(chain: Chain, length: int, adjusted: CountArray) -> Rule:
        kenlm = compat == "kenlm" and discounts is None
        numbers = kenlm_counts_of_counts(chain, adjusted, length) if kenlm else counts_of_counts(adjusted)
        found.append(estimate(length, numbers, discounts, discount_fallback, counts.settings.unit))
        parameters["discounts"].append({"order": length, **found[-1].as_dict()})
        details.update(discounts=describe_discounts(found))
        return discounting(found[-1].table())

    details: dict[str, Any] = {
        "smoothing": ("" if one_discount else "modified-") + "kneser-ney" + ("" if interpolated else "-backoff"),
        "discounts": "",
    }
    if compat:
        details |= {"compat": compat}
    parameters: dict[str, Any] = {"discounts": []}
    traits = Traits(lower_orders_are_marginals=False)
    form = form_of(interpolated)
    return estimate_model(counts, adjust_counts, rule_of, details, parameters, traits=traits, form=form, **options)


def discounting(
    discounts: NDArray[np.float64],
) -> Callable[[CountedRows], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The rule f = (c − D(c)) / C, γ = Σ D / C. discounts: (4,) of the counts 0, 1, 2, and 3 or more."""

    def rule(rows: CountedRows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        taken = discounts.take(np.minimum(rows.values, 3))
        own, weights = rows.counts, rows.sums(taken)
        own -= taken
        own /= rows.of_ngrams(rows.totals)
        weights /= rows.totals
        return own, weights

    return rule


def describe_discounts(found: Sequence[Discounts]) -> str:
    """How the discounts came about, for the signature."""
    if found[0].source == "given":
        return ",".join(f"{value:g}" for value in found[0].values)
    fallbacks = [f"{d.source}@{k}" for k, d in enumerate(found, start=1) if d.source != "estimated"]
    return ",".join(["estimated", *fallbacks]) if len(fallbacks) < len(found) else ",".join(fallbacks)
