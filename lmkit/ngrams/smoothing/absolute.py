"""Absolute discounting (Ney, Essen & Kneser 1994): one amount is taken from every count.

f(w|h) = max(c(hw) − D, 0) / c(h),  γ(h) = D T(h) / c(h), with T(h) the number of distinct words after h; raw counts at
all orders, where Kneser–Ney counts distinct left words at the lower ones. D is estimated for each order as
n1 / (n1 + 2 n2), or given.
"""

from typing import Any, Unpack

from lmkit.engine.arrays import CountArray
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.smoothing.adjusted_counts import counts_of_counts
from lmkit.ngrams.smoothing.discounts import DiscountFallback, Discounts, estimate_discount
from lmkit.ngrams.smoothing.estimation import EstimationOptions, Rule, estimate_model, form_of, raw_counts
from lmkit.ngrams.smoothing.kneser_ney import describe_discounts, discounting
from lmkit.scoring.traits import Traits


def absolute_discounting(
    counts: NgramCounts,
    discount: float | None = None,
    *,
    discount_fallback: DiscountFallback | None = None,
    interpolated: bool = True,
    **options: Unpack[EstimationOptions],
) -> NgramModel:
    """The model of absolute discounting, interpolated if not told otherwise.

    discount: D for all orders (0 to 1) instead of estimated ones; discount_fallback: for orders where D cannot be
    estimated, "fixed" (0.75) or "generalised". options: see `EstimationOptions`.
    DataError when a discount cannot be estimated and there is no fallback.
    """
    found: list[Discounts] = []

    def rule_of(_chain: Chain, length: int, values: CountArray) -> Rule:
        given = None if discount is None else [discount]
        found.append(
            estimate_discount(length, counts_of_counts(values), given, discount_fallback, counts.settings.unit)
        )
        parameters["discounts"].append({"order": length, **found[-1].as_dict()})
        details.update(discounts=describe_discounts(found))
        return discounting(found[-1].table())

    details: dict[str, Any] = {"smoothing": "absolute" if interpolated else "absolute-backoff", "discounts": ""}
    parameters: dict[str, Any] = {"discounts": []}
    form = form_of(interpolated)
    return estimate_model(counts, raw_counts, rule_of, details, parameters, traits=Traits(), form=form, **options)
