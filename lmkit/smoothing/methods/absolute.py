"""Absolute discounting (Ney, Essen & Kneser 1994): one amount is taken from every count.

f(w|h) = max(c(hw) − D, 0) / c(h),  γ(h) = D T(h) / c(h), with T(h) the number of distinct words after h; raw counts at
all orders, where Kneser–Ney counts distinct left words at the lower ones. D is estimated for each order as
n1 / (n1 + 2 n2), or given for all orders or for each.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.errors import UsageError
from lmkit.smoothing.discounted import Discount, Fallback, discounting_rules, explained, nothing_to_estimate
from lmkit.smoothing.options import Estimation, Flag, Interpolated
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import by_parts

if TYPE_CHECKING:
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.smoothing.counted_rows import CountedOrder
    from lmkit.smoothing.discounts import Discounts


@dataclass(frozen=True)
class Options(Estimation):
    """What absolute discounting can be told."""

    discount: Discount = None
    _: KW_ONLY
    interpolated: Interpolated = True
    discount_fallback: Fallback = None
    order_discounts: Annotated[
        Sequence[float] | None,
        Flag("A discount for each order, the last for all higher ones, instead of estimated ones.", metavar="D1,D2"),
    ] = None

    def __post_init__(self) -> None:
        """UsageError for options that exclude each other."""
        if self.discount is not None:
            nothing_to_estimate("discount", discount_fallback=self.discount_fallback)
        if self.order_discounts is not None:
            nothing_to_estimate("order-discounts", discount_fallback=self.discount_fallback)
        if self.discount is not None and self.order_discounts is not None:
            raise UsageError("--discount and --order-discounts say the same twice.", "Give one of them.")

    def given(self, length: int) -> Sequence[float] | None:
        """The discount of an order, where it is not to be estimated."""
        by_order = self.order_discounts if self.discount is None else [self.discount]
        return by_order and by_order[min(length, len(by_order)) - 1 :][:1]


@smoothing(
    "absolute",
    title="Absolute discounting.",
    source=("Ney, Essen & Kneser", 1994),
    counts="raw",
    forms=("interpolated", "backed-off"),
    options=Options,
    explain=by_parts(explained),
    variants=({"discount_fallback": "generalised"}, {"discount_fallback": "generalised", "interpolated": False}),
    usual=True,
    srilm="-cdiscount1 D … -interpolate",
)
def absolute_discounting(counts: "NgramCounts", options: Options) -> Rules:
    """The model of absolute discounting, interpolated if not told otherwise.

    discount: D for all orders (0 to 1) instead of estimated ones; order_discounts: one for each order, the last for all
    higher ones; discount_fallback: for orders where D cannot be
    estimated, "fixed" (0.75) or "generalised". Other options: see `Estimation`.
    DataError when a discount cannot be estimated and there is no fallback.
    """
    from lmkit.smoothing.discounts import estimate_discount

    def discounts_of(order: "CountedOrder") -> "Discounts":
        given, numbers = options.given(order.length), order.counts_of_counts
        return estimate_discount(order.length, numbers, given, options.discount_fallback, counts.settings.unit)

    return discounting_rules(discounts_of)
