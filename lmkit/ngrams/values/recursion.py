"""Scoring with counts: p(w|h) from p(w|h′), for many n-grams at once."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.ngrams.values.history_counts import Codes
from lmkit.ngrams.values.protocol import log10
from lmkit.ngrams.values.small_counts import LARGE

if TYPE_CHECKING:
    from lmkit.ngrams.values.interpolated import InterpolatedValues


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
        hits: IndexArray,
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """See `lmkit.ngrams.values.protocol.Recursion`."""
        if self._full is not None and length < self._values.order:
            end = self._full[length - 2]
            known = np.flatnonzero((histories >= 0) & (histories < end))
            is_full = histories.take(hits) < end
            hits, entries = hits[is_full], entries[is_full]
        codes, weights = self._values.codes[length - 2], self._values.shares[length - 1].weights
        if known is None:
            of_all = codes.take(histories)
            scores *= weights.take(of_all)
            of_hits = of_all.take(hits)
        else:
            scores[known] *= weights.take(codes.take(histories.take(known)))
            of_hits = codes.take(histories.take(hits))
        scores[hits] += self._own_shares(length, entries, of_hits)

    def lengthen_all(
        self, length: int, scores: NDArray[np.float64], history: int, words: IndexArray, row: slice
    ) -> None:
        """See `lmkit.ngrams.values.protocol.Recursion`."""
        code = self._values.codes[length - 2][history : history + 1]
        scores *= self._values.shares[length - 1].weights.take(code)
        scores[words] += self._own_shares(length, np.arange(row.start, row.stop), code)

    def _own_shares(self, length: int, entries: IndexArray, codes: Codes) -> NDArray[np.float64]:
        """(entries,) what n-grams have of their counts. codes: of their histories; one for all, or one each."""
        counts = self._values.small_counts[length - 1]
        small = counts.small.take(entries)
        own = self._own[length - 1].take(small)
        apart = np.flatnonzero(small == LARGE)
        own[apart] = self._values.own(length, counts.take(entries.take(apart)))
        own /= self._values.shares[length - 1].divisors.take(codes)
        return own

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Their logarithms; what rounding has left above 1 is 1."""
        return log10(np.minimum(scores, 1.0))
