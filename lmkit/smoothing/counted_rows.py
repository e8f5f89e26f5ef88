"""What the rule of a smoothing is given: the counts of an order, and the n-grams of some histories."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.sparse import row_sums
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.values.history_counts import HistoryCounts
from lmkit.smoothing.adjusted_counts import counts_of_counts
from lmkit.text.settings import Unit


@dataclass(frozen=True, eq=False)
class CountedOrder:
    """The counts of an order, of all that was counted (see `CountedEvidence`)."""

    chain: Chain  # all orders
    length: int
    find_values: Callable[[], CountArray]
    events: int  # words that can be predicted
    unit: Unit  # what the n-grams are made of
    told: NDArray[np.int64] | None = None  # (4,) `counts_of_counts`, where they were found elsewhere

    @cached_property
    def values(self) -> CountArray:
        """(n-grams,) the counts that the smoothing looks at."""
        return self.find_values()

    @cached_property
    def counts_of_counts(self) -> NDArray[np.int64]:
        """n1, n2, n3, n4: how many n-grams of the order have the count 1, 2, 3, 4."""
        return counts_of_counts(self.values) if self.told is None else self.told


@dataclass(frozen=True, eq=False)
class CountedRows:
    """The n-grams of some whole histories with their counts."""

    values: CountArray  # (n-grams,) counts as stored
    counts: NDArray[np.float64]  # (n-grams,) the same, which a rule may overwrite
    bounds: IndexArray  # (histories + 1,) where the n-grams of each history begin
    totals: NDArray[np.float64]  # (histories,) their counts added up; 1 where that is 0

    def of_ngrams(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n-grams,) the value (histories,) of the history of each."""
        return values.take(row_numbers(self.bounds))

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(histories,) the values (n-grams,) of each history added up."""
        return row_sums(self.bounds, values)

    def types(self) -> NDArray[np.float64]:
        """(histories,) how many distinct words were counted after each."""
        return self.sums((self.values > 0).astype(np.float64))

    def of_histories(self) -> HistoryCounts:
        """What was counted after each history, in a few numbers."""
        of_count = [self.sums((np.minimum(self.values, 3) == number).astype(np.float64)) for number in (1, 2, 3)]
        return HistoryCounts(self.totals, np.stack(of_count))


Shares = tuple[NDArray[np.float64], NDArray[np.float64]]  # f (n-grams,) and γ (histories,)
Rule = Callable[[CountedRows], Shares]
Divide = Callable[[HistoryCounts], Shares]  # A and γ of histories (histories,)
NO_DISCOUNTS = np.zeros(4)


@dataclass(frozen=True, eq=False)
class DividingRule:
    """The rule f = (c − D(c)) / A, where A and γ follow from the counts of a history: models of such rules are kept as counts."""

    divide: Divide
    discounts: NDArray[np.float64] = field(default_factory=NO_DISCOUNTS.copy)  # (4,) of a count of 0, 1, 2, 3 or more

    def __call__(self, rows: CountedRows) -> Shares:
        """F and γ of single n-grams and histories."""
        divisors, weights = self.divide(rows.of_histories())
        own = rows.counts
        own -= self.discounts.take(np.minimum(rows.values, 3))
        own /= rows.of_ngrams(divisors)
        return own, weights
