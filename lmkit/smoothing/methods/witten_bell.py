"""Witten–Bell smoothing (Witten & Bell 1991, method C): a new word counts as often as words were new before.

f(w|h) = c(hw) / (c(h) + T(h)),  γ(h) = T(h) / (c(h) + T(h)), with T(h) the number of distinct words after h; raw
counts at all orders.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from lmkit.smoothing.options import Estimation, Interpolated
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import Evidence, Parts, by_parts

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.ngrams.values.history_counts import HistoryCounts
    from lmkit.smoothing.counted_rows import Shares


@dataclass(frozen=True, kw_only=True)
class Options(Estimation):
    """What Witten–Bell smoothing can be told."""

    interpolated: Interpolated = True


def divide(histories: "HistoryCounts") -> "Shares":
    """C + T and T / (C + T)."""
    divisors = histories.totals + histories.types
    return divisors, histories.types / divisors


def explained(evidence: Evidence, _model: "NgramModel") -> Parts:
    """The same for one word, with the numbers."""
    both = evidence.total + evidence.types
    below = f"({evidence.total} + {evidence.types})"
    return Parts(
        (Fraction(evidence.count, both), "c/(C + T)", f"{evidence.count}/{below}"),
        (Fraction(evidence.types, both), "γ = T/(C + T)", f"{evidence.types}/{below}"),
    )


@smoothing(
    "witten-bell",
    title="Witten-Bell.",
    source=("Witten & Bell", 1991),
    counts="raw",
    forms=("interpolated", "backed-off"),
    options=Options,
    explain=by_parts(explained),
    variants=({}, {"interpolated": False}),
    usual=True,
    srilm="-wbdiscount -interpolate",
)
def witten_bell(_counts: "NgramCounts", _options: Options) -> Rules:
    """The Witten–Bell model of the counts, interpolated if not told otherwise (options: see `Estimation`)."""
    from lmkit.smoothing.counted_rows import DividingRule

    return Rules(lambda _order: DividingRule(divide))
