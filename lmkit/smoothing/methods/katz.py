"""Katz smoothing (Katz 1987): small counts are discounted as Good and Turing estimate them; a backed-off model.

For counts r = 1 … k: d_r = (r*/r − A) / (1 − A) with r* = (r+1) n_{r+1} / n_r and A = (k+1) n_{k+1} / n_1; larger counts
are believed. f(w|h) = d_c c(hw) / c(h), γ(h) = 1 − Σ f. Raw counts at all orders.

Where the textbook ends, this follows SRILM 1.7.3, whose figures it gives: k is 1 for words and 7 above, and smaller
while n_{k+1} is 0; a d_r that is not finite, not above 0, above 1 (where SRILM
keeps it, and probabilities may sum to more than 1), or of r*/r above 1 is set to 1 (for words this disables
discounting always, since d_1 is 0 then); and where a history's words leave nothing, 1 is added to its total, so that
unseen words, or <unk>, have the share of one occurrence.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.errors import UsageError
from lmkit.scoring.explaining.explanation import Number, Step
from lmkit.smoothing.options import Estimation, Flag
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import Evidence, backed_off, counted, unseen_history

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.smoothing.counted_rows import CountedOrder, Rule

HIGHEST_DISCOUNTED = 7  # k of orders 2 and above, as Katz has it


@dataclass(frozen=True, kw_only=True)
class Options(Estimation):
    """What Katz smoothing can be told."""

    highest: Annotated[
        int, Flag(f"The highest count that --katz discounts [default: {HIGHEST_DISCOUNTED}].", metavar="K")
    ] = HIGHEST_DISCOUNTED

    def __post_init__(self) -> None:
        """UsageError unless there is something to discount."""
        if self.highest < 1:
            raise UsageError(f"the highest count to discount is {self.highest}; it must be 1 or more.")


def explained(evidence: Evidence, model: "NgramModel", lower: Number, below: str) -> Step:
    """D c / C of seen words, where C may have been raised by 1; for others, what is left is backed off with."""
    if not evidence.total:
        return unseen_history(evidence, lower, below)
    counts = counted(evidence)
    if evidence.stored_log10_prob is None:
        return backed_off(evidence, lower, below, counts)
    value = 10.0**evidence.stored_log10_prob
    if not evidence.count:
        return Step(evidence.name, counts, "γ / unseen words", "what the counted words leave", value)
    ratios = model.parameters["good_turing"][evidence.order - 1]["d"]
    ratio = ratios[evidence.count - 1] if evidence.count <= len(ratios) else 1.0
    total = round(ratio * evidence.count / value)
    return Step(evidence.name, counts, "d c/C", f"{ratio:.7g} · {evidence.count}/{total}", value)


@smoothing(
    "katz",
    title="Katz backoff with Good-Turing discounts.",
    source=("Katz", 1987),
    counts="raw",
    forms=("backed-off",),
    options=Options,
    explain=explained,
    usual=True,
    srilm="-gt1max 1 -gt2max 7 -gt3max 7",
)
def katz(_counts: "NgramCounts", options: Options) -> Rules:
    """The Katz model of the counts. highest: k, the highest count that is discounted, of orders 2 and above.

    Other options: see `Estimation`. UsageError unless highest is 1 or more.
    """
    from lmkit.smoothing.good_turing import good_turing, good_turing_ratios

    def rule_of(order: "CountedOrder") -> "Rule":
        ratios = good_turing_ratios(order.values, 1 if order.length == 1 else options.highest)
        rules.parameters["good_turing"].append({"order": order.length, "d": ratios[1:].tolist()})
        return good_turing(ratios, order.events)

    rules = Rules(rule_of, details={"highest_discounted": options.highest}, parameters={"good_turing": []})
    return rules
