"""From counts to the values of an interpolated model, which are hardly more than the counts."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.journal.steps import Steps
from lmkit.ngrams.values.history_counts import (
    Codes,
    HistoryCounts,
    HistoryShares,
    Sums,
    sums_of_rows,
)
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.protocol import Precision
from lmkit.ngrams.values.small_counts import SmallCounts
from lmkit.smoothing.counted_evidence import CountedEvidence
from lmkit.smoothing.counted_rows import Divide, DividingRule
from lmkit.smoothing.tallying import Tally


class Interpolation:
    """The values of a model, order by order from the lowest up."""

    def __init__(self, evidence: CountedEvidence, steps: Steps) -> None:
        """steps: one for each order (see `name_of`)."""
        self._evidence, self._steps = evidence, steps
        self._counts: list[SmallCounts] = []
        self._discounts: list[NDArray[np.float64]] = []
        self._codes: list[Codes] = []
        self._shares: list[HistoryShares] = []

    def add(self, tally: Callable[[], Tally], rule: DividingRule) -> None:
        """Take in the next order. tally: makes its own."""
        made, _ = self._steps.step(name_of(len(self._counts) + 1), lambda: (arrays_of(tally(), rule), {}))
        if self._counts:
            self._codes.append(made["codes"])
        self._counts.append(SmallCounts(made["small"], made["places"], made["large"]))
        self._discounts.append(rule.discounts)
        self._shares.append(HistoryShares(made["divisors"], made["weights"]))

    def values(
        self, *, closed: bool, smoothed: bool, full_histories: bool, adjusted: bool, precision: Precision
    ) -> InterpolatedValues:
        """What was taken in, as the values of a model."""
        chain = self._evidence.model.chain
        return InterpolatedValues(
            chain.orders,
            tuple(self._counts),
            tuple(self._discounts),
            tuple(self._codes),
            tuple(self._shares),
            closed,
            smoothed,
            full_histories,
            adjusted,
            chain is self._evidence.whole and self._evidence.model.whole,
            precision,
            chain.suffixes,
            self._steps.scratch,
            self._evidence.model.settings.sentence_marks,
        )


def arrays_of(tally: Tally, rule: DividingRule) -> dict[str, NDArray[Any]]:
    """The arrays of an order by name: of its counts, codes and shares."""
    counts, sharing = tally.counts, Sharing(rule.divide)
    codes = {}
    if tally.coder is None:
        sharing(sums_of_rows(counts.whole(), np.zeros(1, np.int64)))
    else:
        codes = {"codes": tally.coder.run(sharing)}
    shares = {"divisors": sharing.shares.divisors, "weights": sharing.shares.weights}
    return {"small": counts.small, "places": counts.places, "large": counts.large} | codes | shares


def name_of(length: int) -> str:
    """The name of the step that makes the n-grams of a length."""
    return f"order-{length}"


class Sharing:
    """What histories share out, by what was counted after them; of different sums, much may come out alike."""

    def __init__(self, divide: Divide) -> None:
        self._divide = divide
        self.shares = HistoryShares(np.zeros(0), np.zeros(0))  # the distinct ones of all that was asked

    def __call__(self, sums: Sums) -> NDArray[np.int64]:
        """The place among the shares of histories with these sums (4, histories).

        Where no word was counted, everything is left to the order below.
        """
        divisors, weights = self._divide(HistoryCounts.of(sums))
        counted = sums[0] > 0
        pairs = np.empty(len(divisors), np.complex128)  # which sort by their first part, then by the other
        pairs.real, pairs.imag = np.where(counted, divisors, 1.0), np.where(counted, weights, 1.0)
        distinct, places = np.unique(pairs, return_inverse=True)
        self.shares = HistoryShares(distinct.real.copy(), distinct.imag.copy())
        return places
