"""Jelinek–Mercer smoothing (Jelinek & Mercer 1980): maximum likelihood mixed with the order below.

f(w|h) = λ c(hw) / c(h),  γ(h) = 1 − λ; raw counts at all orders. λ is one weight for all histories, or depends on the
order and on how often the history was seen (see `held_out_weights`).
"""

from dataclasses import KW_ONLY, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

from lmkit.errors import UsageError
from lmkit.scoring.explaining.explanation import shown
from lmkit.signature import stated
from lmkit.smoothing.options import Estimation, Flag
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import Evidence, Parts, as_number, by_parts

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import Texts

WEIGHT = 0.6  # λ where none is given


@dataclass(frozen=True)
class Options(Estimation):
    """What Jelinek–Mercer smoothing can be told."""

    weight: Annotated[
        float | None,
        Flag(
            f"The weight of each order in --jelinek-mercer [default: {WEIGHT:g}].",
            name="order-weight",
            formerly=("weight",),
            metavar="L",
        ),
    ] = None
    _: KW_ONLY
    held_out: "Texts | None" = None

    def __post_init__(self) -> None:
        """UsageError for options that exclude each other, and a weight that is none."""
        if self.weight is not None and self.held_out is not None:
            raise UsageError("--order-weight makes no sense with --held-out, which is there to find the weights.")
        if self.weight is not None and not 0 < self.weight < 1:
            raise UsageError(f"the weight is {self.weight:g}; it must lie between 0 and 1.")


def explained(evidence: Evidence, model: "NgramModel") -> Parts:
    """λ c / C and 1 − λ."""
    tables = {entry["order"]: entry["w"] for entry in model.parameters.get("weights", [])}
    table = tables[evidence.order] if tables else [stated(model.details, "weight")]
    taken = as_number(table[min(evidence.total.bit_length(), len(table)) - 1])
    numbers = f"{shown(taken)} · {evidence.count}/{evidence.total}"
    return Parts(
        (taken * Fraction(evidence.count, evidence.total), "λ c/C", numbers),
        (1 - taken, "γ = 1 − λ", f"1 − {shown(taken)}"),
    )


@smoothing(
    "jelinek-mercer",
    title="Jelinek-Mercer: a weighted sum of all orders.",
    source=("Jelinek & Mercer", 1980),
    counts="raw",
    forms=("interpolated",),
    options=Options,
    explain=by_parts(explained),
    variants=({}, {"held_out": None}),
    usual=True,
    srilm="-count-lm",
)
def jelinek_mercer(counts: "NgramCounts", options: Options) -> Rules:
    """The Jelinek–Mercer model of the counts.

    weight: λ for all histories, between 0 and 1 (default: 0.6); or held_out: texts for which weights by order and history count
    are estimated. Other options: see `Estimation`. UsageError for both, or another λ; DataError if the held-out text is empty.
    """
    from lmkit.smoothing.held_out_weights import estimate_weights, same_weights, weighting

    if options.held_out is None:
        weight = float(WEIGHT if options.weight is None else options.weight)
        weights = same_weights(counts.order, weight)
        return Rules(lambda order: weighting(weights[order.length - 1]), details={"weight": weight})
    weights = estimate_weights(counts, options.held_out, options.closed)
    return Rules(
        lambda order: weighting(weights[order.length - 1]),
        details={"weight": "held-out"},
        parameters={"weights": [{"order": k, "w": table.tolist()} for k, table in enumerate(weights, start=1)]},
    )
