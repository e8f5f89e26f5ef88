"""What smoothings that take discounts from the counts share: their options, and how their formula is explained."""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.errors import UsageError
from lmkit.scoring.explaining.explanation import shown
from lmkit.smoothing.options import Flag
from lmkit.smoothing.registry import Rules
from lmkit.smoothing.steps import Evidence, Parts, as_number

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.smoothing.counted_rows import CountedOrder, Rule
    from lmkit.smoothing.discounts import Discounts

DiscountFallback = Literal["fixed", "generalised"]

Discount = Annotated[float | None, Flag("The discount of --absolute and --one-discount, for all orders.", metavar="D")]
Fallback = Annotated[
    DiscountFallback | None,
    Flag(
        "Where discounts cannot be estimated: 0.5 1 1.5, or 0.75 for one (fixed), or OpenGrm's rule.",
        name="discount-fallback",
        metavar="[fixed|generalised]",
        spellings={"generalized": "generalised"},
        bare="fixed",
    ),
]


def nothing_to_estimate(given: str, **unused: Any) -> None:
    """UsageError for options that say how discounts are estimated, beside discounts that were given."""
    for option, value in unused.items():
        if value is not None:
            flag = option.replace("_", "-")
            raise UsageError(f"--{flag} makes no sense with --{given}: nothing is estimated then.")


def discounting_rules(discounts_of: "Callable[[CountedOrder], Discounts]", **more: Any) -> Rules:
    """The rules f = (c − D(c)) / C, γ = Σ D / C, with the discounts of each order. more: of the rules."""
    from lmkit.smoothing.discounts import describe_discounts, discounting

    found: list[Discounts] = []

    def rule_of(order: "CountedOrder") -> "Rule":
        found.append(discounts_of(order))
        rules.parameters["discounts"].append({"order": order.length, **found[-1].as_dict()})
        rules.details.update(discounts=describe_discounts(found))
        return discounting(found[-1].table())

    rules = Rules(rule_of, details={"discounts": ""} | more.pop("details", {}), parameters={"discounts": []}, **more)
    return rules


def explained(evidence: Evidence, model: "NgramModel") -> Parts:
    """(c − D) / C and Σ D / C."""
    values = discounts_of(model.parameters["discounts"][evidence.order - 1])
    discount = values[min(evidence.count, 3) - 1] if evidence.count else Fraction(0)
    numbers = f"({evidence.count} − {shown(discount)})/{evidence.total}" if evidence.count else "0"
    own = ((evidence.count - discount) / Fraction(evidence.total), "(c − D)/C", numbers)
    pairs = list(zip(values, evidence.of_count, strict=True))
    weight = sum((value * number for value, number in pairs), Fraction(0)) / evidence.total
    if len(set(values)) == 1:
        return Parts(own, (weight, "γ = D N1+/C", f"{shown(values[0])} · {evidence.types}/{evidence.total}"))
    sums = " + ".join(f"{shown(value)} · {number}" for value, number in pairs if number)
    return Parts(own, (weight, "γ = (D1 N1 + D2 N2 + D3 N3+)/C", f"({sums})/{evidence.total}"))


def discounts_of(entry: dict[str, Any]) -> list[Fraction]:
    """D1, D2, D3 of an order as fractions: as the counts of counts give them, or as they were given."""
    n1, n2, n3, n4 = entry["counts_of_counts"]
    if entry["source"] == "estimated":
        y = Fraction(n1, n1 + 2 * n2)
        return (
            [1 - 2 * y * Fraction(n2, n1), 2 - 3 * y * Fraction(n3, n2), 3 - 4 * y * Fraction(n4, n3)]
            if len(entry["d"]) == 3
            else [y] * 3
        )
    values = [Fraction(as_number(value)) for value in entry["d"]]
    return values if len(values) == 3 else values * 3
