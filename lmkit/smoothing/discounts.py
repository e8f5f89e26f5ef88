"""Absolute discounts, estimated from counts of counts.

Three an order, for modified Kneser–Ney smoothing: Y = n1 / (n1 + 2 n2); D_j = j − (j+1) Y n_{j+1} / n_j for j = 1, 2, 3;
adjusted counts above 3 use D3 (Chen & Goodman 1998, equation 26). One an order, for original Kneser–Ney smoothing and
absolute discounting: D = Y (Ney, Essen & Kneser 1994).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.ngrams.values.history_counts import HistoryCounts
from lmkit.smoothing.counted_rows import DividingRule, Shares
from lmkit.smoothing.discounted import DiscountFallback
from lmkit.text.settings import Unit

FIXED_FALLBACK = (0.5, 1.0, 1.5)  # what KenLM's --discount_fallback takes
FIXED_ONE = 0.75  # the single discount that stands in for one that cannot be estimated
SMALLEST_DISCOUNT = 0.001  # in place of a generalised discount of 0 or less, as OpenGrm


@dataclass(frozen=True)
class Discounts:
    """The discounts of one order and how they were found."""

    values: tuple[float, ...]  # D1, D2, D3 (of counts 3 and above), or the one D of all counts
    source: Literal["estimated", "given", "fixed", "generalised"]
    counts_of_counts: tuple[int, int, int, int]  # n1, n2, n3, n4 of the adjusted counts

    def as_dict(self) -> dict[str, Any]:
        """The discounts as plain values, for a file's metadata."""
        return {"d": list(self.values), "source": self.source, "counts_of_counts": list(self.counts_of_counts)}

    def table(self) -> NDArray[np.float64]:
        """(4,) the discount of an adjusted count 0, 1, 2, and 3 or more."""
        return np.array([0.0, *(self.values if len(self.values) == 3 else 3 * self.values)])


def estimate_discounts(
    length: int,
    counts_of_counts: NDArray[np.int64],
    given: Sequence[float] | None = None,
    fallback: DiscountFallback | None = None,
    unit: Unit = "word",
) -> Discounts:
    """The discounts of the n-grams of this length, from n1…n4 (4,), or as given. unit: what the n-grams are made of.

    DataError when n1, n2 or n3 is 0 or a discount leaves [0, j], unless there is a fallback.
    """
    n1, n2, n3, n4 = (int(n) for n in counts_of_counts)
    found = (n1, n2, n3, n4)
    if given is not None:
        return Discounts(checked_discounts(given), "given", found)
    problem = "n1, n2 and n3 must not be 0"
    if n1 and n2 and n3:
        y = n1 / (n1 + 2 * n2)
        d1, d2, d3 = 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3
        outside = [f"D{j} = {d:.4g}" for j, d in enumerate((d1, d2, d3), start=1) if not 0 <= d <= j]
        if not outside:
            return Discounts((d1, d2, d3), "estimated", found)
        problem = f"{', '.join(outside)} must lie between 0 and its count"
    if fallback == "fixed":
        return Discounts(FIXED_FALLBACK, "fixed", found)
    if fallback == "generalised":
        return Discounts(generalised_discounts(found), "generalised", found)
    raise DiscountsError(
        f"the discounts of order {length} cannot be estimated: n1, n2, n3, n4 = {n1}, {n2}, {n3}, {n4}, and {problem} "
        f"(n_j: the number of {length}-grams with adjusted count j).",
        unit,
        "0.5 1 1.5",
        "--discounts D1 D2 D3",
    )


class DiscountsError(DataError):
    """Discounts cannot be estimated. cause: why, probably; fallback: which option finds others; given: which one gives them."""

    def __init__(self, message: str, unit: Unit, fixed: str, given: str) -> None:
        if unit == "word":
            self.cause = "The text is probably too small for this order, artificial, repeated, or already pruned."
            self.fallback = f"--discount-fallback for the orders that fail ({fixed}, or generalised)"
            remedy = f"Use more text or a lower order, {self.fallback}, or {given} for all orders."
        else:
            self.cause = (
                f"There are few different {'bytes' if unit == 'byte' else 'characters'}, and most of them are frequent: low orders may have too few n-grams seen once, "
                "twice or three times, however long the text is."
            )
            self.fallback = "--discount-fallback generalised, which finds discounts for the orders that fail"
            remedy = f"Use `lmkit smooth` with {self.fallback}, or {given} for all orders."
        self.given = given
        super().__init__(message, f"{self.cause} {remedy}")


def estimate_discount(
    length: int,
    counts_of_counts: NDArray[np.int64],
    given: Sequence[float] | None = None,
    fallback: DiscountFallback | None = None,
    unit: Unit = "word",
) -> Discounts:
    """The one discount of the n-grams of this length, from n1 and n2 of n1…n4 (4,), or as given (unit: see `estimate_discounts`).

    DataError when n1 or n2 is 0, unless there is a fallback.
    """
    n1, n2, n3, n4 = (int(n) for n in counts_of_counts)
    found = (n1, n2, n3, n4)
    if given is not None:
        if len(given) != 1 or not 0 <= given[0] <= 1:
            shown = " ".join(f"{value:g}" for value in given)
            raise UsageError(f"the discount is {shown}; one is needed, and it must lie between 0 and 1.")
        return Discounts((float(given[0]),), "given", found)
    if n1 and n2:
        return Discounts((n1 / (n1 + 2 * n2),), "estimated", found)
    if fallback == "fixed":
        return Discounts((FIXED_ONE,), "fixed", found)
    if fallback == "generalised":
        return Discounts((generalised_share(found) or 0.6,), "generalised", found)
    raise DiscountsError(
        f"the discount of order {length} cannot be estimated: n1, n2 = {n1}, {n2}, and neither may be 0 "
        f"(n_j: the number of {length}-grams with count j).",
        unit,
        f"{FIXED_ONE:g}",
        "--discount D",
    )


def generalised_discounts(counts_of_counts: Sequence[int]) -> tuple[float, float, float]:
    """Discounts that exist for any data: the rule of OpenGrm's absolute discounting with three bins (its commit 5732ecd).

    Y comes from the lowest k with n_k and n_{k+1} above 0: Y = k n_k / (k n_k + (k+1) n_{k+1}); without any,
    every discount is 0.6. In D_j an empty n_{j+1} makes the numerator (j+1) Y n_{j+1} 1, an empty n_j divides by 1.
    """
    n = (0, *counts_of_counts)
    y = generalised_share(counts_of_counts)
    if y is None:
        return (0.6, 0.6, 0.6)
    d1, d2, d3 = (max(j - ((j + 1) * y * n[j + 1] or 1.0) / (n[j] or 1), SMALLEST_DISCOUNT) for j in (1, 2, 3))
    return (d1, d2, d3)


def generalised_share(counts_of_counts: Sequence[int]) -> float | None:
    """Y of `generalised_discounts`; None if there is none."""
    n = (0, *counts_of_counts)
    for k in (1, 2, 3):
        if n[k] and n[k + 1]:
            return k * n[k] / (k * n[k] + (k + 1) * n[k + 1])
    return None


def checked_discounts(given: Sequence[float]) -> tuple[float, float, float]:
    """Three discounts given by hand; UsageError unless 0 ≤ D_j ≤ j."""
    if len(given) != 3:
        raise UsageError(
            f"{len(given)} discounts were given; there are three: D1 D2 D3 (of counts 1, 2, and 3 or more)."
        )
    for j, discount in enumerate(given, start=1):
        if not 0 <= discount <= j:
            raise UsageError(
                f"the discount D{j} is {discount:g}; it must lie between 0 and {j}, the count it is taken from."
            )
    d1, d2, d3 = (float(discount) for discount in given)
    return (d1, d2, d3)


def discounting(discounts: NDArray[np.float64]) -> DividingRule:
    """The rule f = (c − D(c)) / C, γ = Σ D / C. discounts: (4,) of the counts 0, 1, 2, and 3 or more."""

    def divide(histories: HistoryCounts) -> Shares:
        return histories.totals, discounts[1:] @ histories.of_count / histories.totals

    return DividingRule(divide, discounts)


def describe_discounts(found: Sequence[Discounts]) -> str:
    """How the discounts came about, for the signature."""
    if found[0].source == "given":
        given = [",".join(f"{value:g}" for value in one.values) for one in found]
        return given[0] if len(set(given)) == 1 else ",".join(f"{one}@{k}" for k, one in enumerate(given, start=1))
    fallbacks = [f"{d.source}@{k}" for k, d in enumerate(found, start=1) if d.source != "estimated"]
    return ",".join(["estimated", *fallbacks]) if len(fallbacks) < len(found) else ",".join(fallbacks)
