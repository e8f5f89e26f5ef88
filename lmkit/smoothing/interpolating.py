"""From counts to the values of an interpolated model, which are hardly more than the counts."""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.values.history_counts import (
    Codes,
    HistoryCoder,
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


class Interpolation:
    """The values of a model, order by order from the lowest up."""

    def __init__(self, evidence: CountedEvidence, scratch: Scratch, workers: int | None) -> None:
        self._evidence, self._scratch, self._workers = evidence, scratch, workers
        self._counts: list[SmallCounts] = []
        self._discounts: list[NDArray[np.float64]] = []
        self._codes: list[Codes] = []
        self._shares: list[HistoryShares] = []

    def add(self, values: CountArray, rule: DividingRule) -> None:
        """Take in the next order. values: (n-grams,) its counts."""
        length = len(self._counts) + 1
        counts = SmallCounts.of(values, self._scratch)
        if length == 1:
            sums = sums_of_rows(counts.between(0, len(counts)), np.zeros(1, np.int64))
            shares, _ = shared_out(rule.divide, sums)
        else:
            order = self._evidence.model.orders[length - 1]
            coded = HistoryCoder(order, counts, self._scratch).run(self._workers)
            shares, places = shared_out(rule.divide, coded.sums)
            self._codes.append(recoded(coded.codes, places))
        self._counts.append(counts)
        self._discounts.append(rule.discounts)
        self._shares.append(shares)

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
            chain is self._evidence.whole,
            precision,
            chain.suffixes,
            self._scratch,
        )


def shared_out(divide: Divide, sums: Sums) -> tuple[HistoryShares, NDArray[np.int64]]:
    """The distinct divisors and weights of histories with these sums (4, histories), and the place of each among them.

    Where no word was counted, everything is left to the order below.
    """
    divisors, weights = divide(HistoryCounts.of(sums))
    counted = sums[0] > 0
    pairs = np.empty(len(divisors), np.complex128)  # which sort by their first part, then by the other
    pairs.real, pairs.imag = np.where(counted, divisors, 1.0), np.where(counted, weights, 1.0)
    distinct, places = np.unique(pairs, return_inverse=True)
    return HistoryShares(distinct.real.copy(), distinct.imag.copy()), places


def recoded(codes: Codes, places: NDArray[np.int64]) -> Codes:
    """The codes with others in their places (distinct codes,), of as few bytes as these need."""
    dtype = np.uint16 if int(places.max(initial=0)) < 1 << 16 else np.uint32
    table: Codes = places.astype(dtype)
    if codes.dtype != dtype:
        return table.take(codes)
    for first in range(0, len(codes), 1 << 18):
        codes[first : first + (1 << 18)] = table.take(codes[first : first + (1 << 18)])
    return codes
