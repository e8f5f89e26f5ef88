"""Kneser–Ney smoothing (Kneser & Ney 1995), modified (Chen & Goodman 1998) or with one discount.

f(w|h) = (a(hw) − D(a(hw))) / A(h),  γ(h) = Σ_v D(a(hv)) / A(h),  A(h) = Σ_v a(hv), with the adjusted counts a of
`adjusted_counts` and the discounts D of `discounts`; how f and γ become a model: see `estimation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from lmkit.errors import UsageError
from lmkit.scoring.traits import Traits
from lmkit.smoothing.discounted import Discount, Fallback, discounting_rules, explained, nothing_to_estimate
from lmkit.smoothing.options import Estimation, Flag, Interpolated
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import by_parts

if TYPE_CHECKING:
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.smoothing.counted_rows import CountedOrder
    from lmkit.smoothing.discounts import Discounts


@dataclass(frozen=True, kw_only=True)
class Options(Estimation):
    """What Kneser–Ney smoothing can be told."""

    one_discount: Annotated[bool, Flag("Original Kneser-Ney: one discount an order, not three.")] = False
    interpolated: Interpolated = True
    discounts: Annotated[
        Sequence[float] | None,
        Flag(
            "Discounts of counts 1, 2, 3 and more, for all orders, instead of estimated ones.",
            metavar="D1 D2 D3",
            type=tuple[float, float, float],
        ),
    ] = None
    discount: Discount = None
    discount_fallback: Fallback = None
    compat: Annotated[
        Literal["kenlm"] | None,
        Flag("Estimate discounts as KenLM's lmplz does, its miscounted last n-gram included."),
    ] = None

    def __post_init__(self) -> None:
        """UsageError for options that exclude each other."""
        if self.discount is not None and not self.one_discount:
            raise UsageError(
                "--discount is for --one-discount.", "Modified Kneser-Ney has three: --discounts D1 D2 D3."
            )
        if self.discounts is not None and self.one_discount and len(self.discounts) > 1:
            raise UsageError("--discounts are three, and --one-discount has one.", "Give it with --discount D.")
        for given in ("discounts", "discount"):
            if getattr(self, given) is not None:
                nothing_to_estimate(given, discount_fallback=self.discount_fallback, compat=self.compat)

    @property
    def given(self) -> Sequence[float] | None:
        """The discounts of all orders, where they are not to be estimated."""
        return self.discounts if self.discount is None else [self.discount]


@smoothing(
    "kneser-ney",
    title="Kneser-Ney: modified, interpolated.",
    source=("Kneser & Ney", 1995),
    counts="adjusted",
    forms=("interpolated", "backed-off"),
    options=Options,
    explain=by_parts(explained),
    traits=Traits(lower_orders_are_marginals=False),
    model_names=("modified-kneser-ney", "kneser-ney"),
    variants=tuple(
        one | form | {"discount_fallback": "generalised"}
        for one in ({}, {"one_discount": True})
        for form in ({}, {"interpolated": False})
    ),
    usual=True,
    srilm="-kndiscount -interpolate",
    in_training=("discount_fallback",),
)
def kneser_ney(counts: "NgramCounts", options: Options) -> Rules:
    """The Kneser–Ney model of the counts: modified and interpolated, if not told otherwise.

    discounts: D1 D2 D3, or with one_discount discount: D, for all orders instead of estimated ones. discount_fallback: for orders
    whose discounts cannot be estimated, "fixed" (0.5 1 1.5, or 0.75) or "generalised". compat "kenlm": counts of counts as KenLM's
    lmplz has them. one_discount: the original smoothing, with one discount an order. interpolated False: the
    backed-off form. Other options: see `Estimation`.
    DataError when discounts cannot be estimated and there is no fallback.
    """
    from lmkit.smoothing.adjusted_counts import kenlm_counts_of_counts
    from lmkit.smoothing.discounts import estimate_discount, estimate_discounts

    def discounts_of(order: "CountedOrder") -> "Discounts":
        numbers = (
            kenlm_counts_of_counts(order.chain, order.values, order.length)
            if options.compat == "kenlm"
            else order.counts_of_counts
        )
        estimate = estimate_discount if options.one_discount else estimate_discounts
        return estimate(order.length, numbers, options.given, options.discount_fallback, counts.settings.unit)

    return discounting_rules(
        discounts_of,
        name="kneser-ney" if options.one_discount else "modified-kneser-ney",
        details={"compat": options.compat} if options.compat else {},
    )
