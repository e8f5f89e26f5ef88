"""Stupid backoff (Brants et al. 2007): a score, and no probability distribution.

S(w|h) = c(hw) / c(h) if hw was seen, else α S(w|h′); at the bottom c(w) / N. The factor stands for every word taken off the
history, whether that was seen or not.
"""

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.smoothing.estimation import CountedRows, EstimationOptions, estimate_model, raw_counts
from lmkit.scoring.traits import Traits

ALPHA = 0.4  # what the authors use


def stupid_backoff(counts: NgramCounts, backoff: float = ALPHA, **options: Unpack[EstimationOptions]) -> NgramModel:
    """The stupid-backoff model of the counts: its scores do not add up to 1, and their perplexity is no perplexity.

    backoff: α, above 0 and up to 1. options: see `EstimationOptions`. UsageError for another α.
    """
    if not 0 < backoff <= 1:
        raise UsageError(f"the backoff factor is {backoff:g}; it must lie above 0 and not above 1.")

    def rule(rows: CountedRows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        own = rows.counts
        own /= rows.of_ngrams(rows.totals)
        return own, np.full(len(rows.totals), backoff)

    details: dict[str, Any] = {"smoothing": "stupid-backoff", "unseen_backoff": backoff}
    traits = Traits(is_distribution=False, unseen_log10_backoff=float(np.log10(backoff)))
    return estimate_model(counts, raw_counts, lambda *_: rule, details, {}, traits=traits, form="scores", **options)
