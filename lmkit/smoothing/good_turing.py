"""Good–Turing discounts (Good 1953), as Katz smoothing has them."""

import math

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray
from lmkit.smoothing.counted_rows import CountedRows, Rule, Shares

LEAST_LEFT = 3e-6  # less probability than this counts as nothing left


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


def good_turing(ratios: NDArray[np.float64], events: int) -> Rule:
    """The rule f = d c / C, γ = 1 − Σ f. ratios: d of the counts 0, 1, …, k; larger counts are believed.

    events: words that can be predicted; where fewer were seen and nothing is left for the others, C is raised.
    """

    def rule(rows: CountedRows) -> Shares:
        discounted = rows.counts
        discounted *= ratios.take(np.minimum(rows.values, len(ratios), dtype=np.int64), mode="clip")
        believed = rows.values >= len(ratios)
        np.copyto(discounted, rows.values, where=believed)
        totals, sums, types = rows.totals.copy(), rows.sums(discounted), rows.types()
        while (nothing := (sums / totals > 1 - LEAST_LEFT) & (types < events)).any():
            totals[nothing] += 1.0
        return discounted / rows.of_ngrams(totals), np.maximum(totals - sums, 0.0) / totals

    return rule
