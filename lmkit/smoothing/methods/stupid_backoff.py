"""Stupid backoff (Brants et al. 2007): a score, and no probability distribution.

S(w|h) = c(hw) / c(h) if hw was seen, else α S(w|h′); at the bottom c(w) / N. The factor stands for every word taken off the
history, whether that was seen or not.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
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
    from lmkit.smoothing.counted_rows import CountedRows, Shares

ALPHA = 0.4  # what the authors use
SCORES = Traits(is_distribution=False)


@dataclass(frozen=True)
class Options(Estimation):
    """What stupid backoff can be told."""

    backoff: Annotated[
        float, Flag(f"The factor of --stupid-backoff [default: {ALPHA:g}].", name="factor", metavar="F")
    ] = ALPHA

    def __post_init__(self) -> None:
        """UsageError for a factor that is none."""
        if not 0 < self.backoff <= 1:
            raise UsageError(f"the backoff factor is {self.backoff:g}; it must lie above 0 and not above 1.")


def explained(evidence: Evidence, model: "NgramModel", lower: Number, below: str) -> Step:
    """C / C, or α times the score below."""
    counts = counted(evidence)
    if evidence.total and (evidence.count or evidence.order == 1):
        value = Fraction(evidence.count, evidence.total)
        return Step(evidence.name, counts, "c / C", f"{evidence.count}/{evidence.total}", value)
    alpha = as_number(stated(model.details, "unseen_backoff"))
    return Step(evidence.name, counts, "α · S(w | h′)", f"{shown(alpha)} · {below}", alpha * lower)


@smoothing(
    "stupid-backoff",
    title="Stupid backoff: scores, not probabilities.",
    source=("Brants et al.", 2007),
    counts="raw",
    forms=("scores",),
    options=Options,
    explain=explained,
    traits=SCORES,
)
def stupid_backoff(_counts: "NgramCounts", options: Options) -> Rules:
    """The stupid-backoff model of the counts: its scores do not add up to 1, and their perplexity is no perplexity.

    backoff: α, above 0 and up to 1. Other options: see `Estimation`. UsageError for another α.
    """
    import numpy as np

    factor = options.backoff

    def shares(rows: "CountedRows") -> "Shares":
        own = rows.counts
        own /= rows.of_ngrams(rows.totals)
        return own, np.full(len(rows.totals), factor)

    return Rules(
        lambda _order: shares,
        details={"unseen_backoff": factor},
        traits=replace(SCORES, unseen_log10_backoff=float(np.log10(factor))),
    )
