"""Maximum likelihood: what the counts say, and no smoothing.

p(w|h) = c(hw) / Σ_v c(hv), and 0 where that is 0 or h was not seen. It looks at one history length only, the longest there is.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from lmkit.scoring.explaining.explanation import Number, Step
from lmkit.scoring.traits import Traits
from lmkit.smoothing.options import Estimation
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import Evidence, counted

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.ngrams.values.history_counts import HistoryCounts
    from lmkit.ngrams.values.protocol import Precision
    from lmkit.smoothing.counted_rows import Shares


@dataclass(frozen=True, kw_only=True)
class Options(Estimation):
    """What maximum likelihood can be told."""

    precision: "Precision" = "double"


def divide(histories: "HistoryCounts") -> "Shares":
    """C, and nothing for other words."""
    return histories.totals, 0.0 * histories.totals


def explained(evidence: Evidence, _model: "NgramModel", _lower: Number, _below: str) -> Step:
    """C / C."""
    likelihood = Fraction(evidence.count, evidence.total) if evidence.total else Fraction(0)
    why = f"{evidence.count}/{evidence.total}" if evidence.total else f"{evidence.history} was not seen"
    return Step(evidence.name, counted(evidence), "c / C", why, likelihood)


@smoothing(
    "maximum-likelihood",
    title="None: the relative frequencies in the text.",
    source=("Fisher", 1922),
    counts="raw",
    forms=("full-histories",),
    options=Options,
    explain=explained,
    traits=Traits(is_smoothed=False, full_histories_only=True, lower_orders_are_marginals=False),
    variants=(),
    has_flag=False,
)
def maximum_likelihood(_counts: "NgramCounts", _options: Options) -> Rules:
    """The maximum-likelihood model: p(w|h) = c(hw) / Σ_v c(hv), and 0 where that is 0 or h was not seen."""
    from lmkit.smoothing.counted_rows import DividingRule

    return Rules(lambda _order: DividingRule(divide))
