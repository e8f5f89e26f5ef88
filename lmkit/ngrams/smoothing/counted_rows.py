"""What the rule of a smoothing is given: the counts of an order, and the n-grams of some histories."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.sparse import row_sums
from lmkit.ngrams.counting.chain import Chain
from lmkit.text.settings import Unit


@dataclass(frozen=True, eq=False)
class CountedOrder:
    """The counts of an order, of all that was counted (see `CountedEvidence`)."""

    chain: Chain  # all orders
    length: int
    values: CountArray  # (n-grams,) the counts that the smoothing looks at
    events: int  # words that can be predicted
    unit: Unit  # what the n-grams are made of


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


Shares = tuple[NDArray[np.float64], NDArray[np.float64]]  # f (n-grams,) and γ (histories,)
Rule = Callable[[CountedRows], Shares]
