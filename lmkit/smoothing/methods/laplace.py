"""Additive smoothing (Laplace; Lidstone 1920): something is added to every count.

p(w|h) = (c(hw) + α) / (c(h) + αV), and 1/V after an unseen history, with V the number of events; raw counts. It looks at
one history length only, the longest there is; each order holds its own estimates (see `full_histories`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.errors import UsageError
from lmkit.scoring.explaining.explanation import Number, Step, shown
from lmkit.scoring.traits import Traits
from lmkit.signature import stated
from lmkit.smoothing.options import Estimation, Flag
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import Evidence, as_number, counted

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.ngrams.values.history_counts import HistoryCounts
    from lmkit.smoothing.counted_rows import CountedOrder, Rule, Shares

ALPHA = 1.0  # Laplace's own
SMALLEST_ALPHA = 1e-30  # beyond, probabilities leave what ARPA files can tell from 0


@dataclass(frozen=True)
class Options(Estimation):
    """What additive smoothing can be told."""

    alpha: Annotated[float, Flag(f"What --laplace adds to each count [default: {ALPHA:g}].", metavar="A")] = ALPHA

    def __post_init__(self) -> None:
        """UsageError for an alpha that is none."""
        if not SMALLEST_ALPHA <= self.alpha <= 1 / SMALLEST_ALPHA:
            raise UsageError(
                f"alpha is {self.alpha:g}; it must be above 0 (from {SMALLEST_ALPHA:g} to {1 / SMALLEST_ALPHA:g}).",
                "Without smoothing, use the counts as they are: maximum likelihood.",
            )


def adding(alpha: float, order: "CountedOrder") -> "Rule":
    """The rule f = c / (C + αV), γ = αV / (C + αV), of which every word has 1/V."""
    from lmkit.smoothing.counted_rows import DividingRule

    def divide(histories: "HistoryCounts") -> "Shares":
        divisors = histories.totals + alpha * order.events
        return divisors, alpha * order.events / divisors

    return DividingRule(divide)


def explained(evidence: Evidence, model: "NgramModel", _lower: Number, _below: str) -> Step:
    """(c + α) / (C + αV)."""
    alpha = as_number(stated(model.details, "alpha"))
    value = (evidence.count + alpha) / (evidence.total + alpha * evidence.events)
    a = shown(alpha)
    numbers = f"({evidence.count} + {a}) / ({evidence.total} + {a} · {evidence.events})"
    return Step(evidence.name, counted(evidence), "(c + α) / (C + α V)", numbers, value)


@smoothing(
    "laplace",
    title="Additive smoothing: (c + alpha) / (C + alpha V).",
    source=("Lidstone", 1920),
    counts="raw",
    forms=("full-histories",),
    options=Options,
    explain=explained,
    traits=Traits(full_histories_only=True, lower_orders_are_marginals=False),
    model_names=("laplace", "additive"),
    variants=({"alpha": 0.01}, {"alpha": ALPHA}),
    srilm="-addsmooth A",
)
def laplace(_counts: "NgramCounts", options: Options) -> Rules:
    """The additive model p(w|h) = (c(hw) + α) / (c(h) + αV), and 1/V after an unseen history (Laplace; Lidstone 1920).

    V: the number of events. Other options: see `Estimation`; nothing can be pruned here. UsageError unless α > 0.
    """
    alpha = {"alpha": float(options.alpha)}
    name = "laplace" if options.alpha == ALPHA else "additive"
    return Rules(lambda order: adding(options.alpha, order), name, qualifiers=alpha, parameters=dict(alpha))
