"""Katz smoothing (Katz 1987): small counts are discounted as Good and Turing estimate them; a backed-off model.

For counts r = 1 … k: d_r = (r*/r − A) / (1 − A) with r* = (r+1) n_{r+1} / n_r and A = (k+1) n_{k+1} / n_1; larger counts
are believed. f(w|h) = d_c c(hw) / c(h), γ(h) = 1 − Σ f. Raw counts at all orders.

Where the textbook ends, this follows SRILM 1.7.3, whose figures it gives: k is 1 for words and 7 above, and smaller
while n_{k+1} is 0; a d_r that is not finite, not above 0, above 1 (where SRILM
keeps it, and probabilities may sum to more than 1), or of r*/r above 1 is set to 1 (for words this disables
discounting always, since d_1 is 0 then); and where a history's words leave nothing, 1 is added to its total, so that
unseen words, or <unk>, have the share of one occurrence.
"""

import math
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.smoothing.estimation import CountedRows, EstimationOptions, Rule, estimate_model, raw_counts
from lmkit.scoring.traits import Traits
from lmkit.text.vocabulary import events_mask

HIGHEST_DISCOUNTED = 7  # k of orders 2 and above, as Katz has it
LEAST_LEFT = 3e-6  # less probability than this counts as nothing left


def katz(counts: NgramCounts, *, highest: int = HIGHEST_DISCOUNTED, **options: Unpack[EstimationOptions]) -> NgramModel:
    """The Katz model of the counts. highest: k, the highest count that is discounted, of orders 2 and above.

    options: see `EstimationOptions`. UsageError unless highest is 1 or more.
    """
    if highest < 1:
        raise UsageError(f"the highest count to discount is {highest}; it must be 1 or more.")
    events = int(events_mask(len(counts.vocabulary), options.get("closed", False)).sum())

    def rule_of(_chain: Chain, length: int, values: CountArray) -> Rule:
        ratios = good_turing_ratios(values, 1 if length == 1 else highest)
        parameters["good_turing"].append({"order": length, "d": ratios[1:].tolist()})

        def rule(rows: CountedRows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            discounted = rows.counts
            discounted *= ratios.take(np.minimum(rows.values, len(ratios), dtype=np.int64), mode="clip")
            believed = rows.values >= len(ratios)
            np.copyto(discounted, rows.values, where=believed)
            totals, sums = rows.totals.copy(), rows.sums(discounted)
            types = rows.sums((rows.values > 0).astype(np.float64))
            while (nothing := (sums / totals > 1 - LEAST_LEFT) & (types < events)).any():
                totals[nothing] += 1.0
            return discounted / rows.of_ngrams(totals), np.maximum(totals - sums, 0.0) / totals

        return rule

    details: dict[str, Any] = {"smoothing": "katz", "highest_discounted": highest}
    parameters: dict[str, Any] = {"good_turing": []}
    return estimate_model(
        counts, raw_counts, rule_of, details, parameters, traits=Traits(), form="backed-off", **options
    )


def good_turing_ratios(values: CountArray, highest: int) -> NDArray[np.float64]:
    """d_0 = 1 (unused), d_1, …, d_k: what counts are multiplied with; k is lowered while n_{k+1} is 0.

    values: (n-grams,) the counts of an order.
    """
    highest = min(highest, int(values.max(initial=0)))
    n = np.bincount(np.minimum(values, highest + 2, dtype=np.int64), minlength=highest + 3).tolist()
    while highest > 0 and not n[highest + 1]:
        highest -= 1
    ratios = np.ones(highest + 1)
    common = (highest + 1) * n[highest + 1] / n[1] if n[1] else math.inf
    for r in range(1, highest + 1):
        share = (r + 1) * n[r + 1] / (r * n[r]) if n[r] else math.inf
        ratio = (share - common) / (1 - common) if common != 1 else math.inf
        if LEAST_LEFT < ratio <= 1 and share <= 1:
            ratios[r] = ratio
    return ratios
