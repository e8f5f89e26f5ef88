"""Scoring with counts: p(w|h) from p(w|h′), for many n-grams at once."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import take
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.ngrams.values.history_counts import Codes
from lmkit.ngrams.values.small_counts import LARGE

if TYPE_CHECKING:
    from lmkit.ngrams.values.interpolated import InterpolatedValues

LOG10_E = float(1 / np.log(10.0))


class InterpolatedRecursion:
    """The probability of an n-gram is that of its suffix times the weight of the history, plus its own share."""

    def __init__(self, values: "InterpolatedValues", *, in_text: bool) -> None:
        self._values = values
        # (256,) for each order, small counts less their discounts
        self._own = [values.own(length, np.arange(LARGE + 1)) for length in range(1, values.order + 1)]
        # In text, all histories are full: short ones begin with <s>.
        self._full = bos_ends(values.orders) if in_text and values.full_histories else None

    def of_words(self) -> NDArray[np.float64]:
        """(types,) the probabilities of words alone; of longer models that look at full histories only, what lies below."""
        values = self._values
        return (values.word_probs if self._full is None or values.order == 1 else values.lowest).copy()

    def of_log10(self, log10_probs: NDArray[np.floating]) -> NDArray[np.float64]:
        """Log10 probabilities as scores."""
        scores: NDArray[np.float64] = 10.0 ** log10_probs.astype(np.float64)
        return scores

    def lengthen(
        self,
        length: int,
        scores: NDArray[np.float64],
        histories: IndexArray,
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """See `lmkit.ngrams.values.protocol.Recursion`."""
        if self._full is not None and length < self._values.order:
            known = np.flatnonzero((histories >= 0) & (histories < self._full[length - 2]))
        if known is not None:
            looked_at = scores.take(known)
            self.lengthen_known(length, looked_at, histories.take(known), entries.take(known))
            scores[known] = looked_at
        elif len(scores):
            self.lengthen_known(length, scores, histories, entries)

    def lengthen_known(
        self, length: int, scores: NDArray[np.float64], histories: IndexArray, entries: IndexArray
    ) -> None:
        """The same of n-grams whose histories are all stored: what is not stored itself counts as seen 0 times."""
        codes = take(self._values.codes[length - 2], histories)
        scores *= take(self._values.shares[length - 1].weights, codes)
        if len(self._values.orders[length - 1]):  # an order may be empty
            scores += self._own_shares(length, entries, codes)

    def lengthen_all(
        self, length: int, scores: NDArray[np.float64], history: int, words: IndexArray, row: slice
    ) -> None:
        """See `lmkit.ngrams.values.protocol.Recursion`."""
        code = self._values.codes[length - 2][history : history + 1]
        scores *= self._values.shares[length - 1].weights.take(code)
        scores[words] += self._own_shares(length, np.arange(row.start, row.stop), code)

    def _own_shares(self, length: int, entries: IndexArray, codes: Codes) -> NDArray[np.float64]:
        """(entries,) what n-grams have of their counts; -1: nothing. codes: of their histories; one for all, or one each."""
        counts = self._values.small_counts[length - 1]
        small = take(counts.small, np.maximum(entries, 0))
        small *= entries >= 0
        own = take(self._own[length - 1], small)
        if len(counts.large):
            apart = np.flatnonzero(small == LARGE)
            own[apart] = self._values.own(length, counts.take(entries.take(apart)))
        own /= take(self._values.shares[length - 1].divisors, codes)
        return own

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Their logarithms; what rounding has left above 1 is 1."""
        with np.errstate(divide="ignore"):
            logs = np.log(np.minimum(scores, 1.0))
        logs *= LOG10_E  # in half the time of NumPy's log10
        return logs
