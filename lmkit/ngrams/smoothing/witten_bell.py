"""Witten–Bell smoothing (Witten & Bell 1991, method C): a new word counts as often as words were new before.

f(w|h) = c(hw) / (c(h) + T(h)),  γ(h) = T(h) / (c(h) + T(h)), with T(h) the number of distinct words after h; raw
counts at all orders.
"""

from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.smoothing.estimation import CountedRows, EstimationOptions, estimate_model, form_of, raw_counts
from lmkit.scoring.traits import Traits


def witten_bell(counts: NgramCounts, *, interpolated: bool = True, **options: Unpack[EstimationOptions]) -> NgramModel:
    """The Witten–Bell model of the counts, interpolated if not told otherwise (options: see `EstimationOptions`)."""

    def rule(rows: CountedRows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        types = rows.sums((rows.values > 0).astype(np.float64))
        denominators = rows.totals + types
        own = rows.counts
        own /= rows.of_ngrams(denominators)
        return own, types / denominators

    details = {"smoothing": "witten-bell" if interpolated else "witten-bell-backoff"}
    form = form_of(interpolated)
    return estimate_model(counts, raw_counts, lambda *_: rule, details, {}, traits=Traits(), form=form, **options)
