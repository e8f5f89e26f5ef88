"""The values of interpolated models, as they follow from counts:

    p(w|h) = (c(hw) − D(c(hw))) / A(h) + γ(h) p(w|h′)

where h′ is h without its first word, and the first part is 0 where hw is not stored. Below the words stands the uniform
distribution; in models that look at full histories only, it stands in place of p(w|h′) everywhere, and in maximum likelihood nothing does. (A, γ) of a history is one
of few pairs, because it follows from the sum of few counts and from how many of them are 1, 2, and 3 and more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import CellIndex, take
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import row_sums
from lmkit.ngrams.trie.orders import Order, words_of
from lmkit.ngrams.trie.tracing import cells_of, find_ngrams
from lmkit.ngrams.values.history_counts import Codes, HistoryShares
from lmkit.ngrams.values.protocol import Precision, float_dtype, log10
from lmkit.ngrams.values.recursion import InterpolatedRecursion
from lmkit.ngrams.values.small_counts import LARGE, SmallCounts
from lmkit.text.vocabulary import events_mask

Arrays = tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]  # log10 probabilities and backoffs
WORTH_ALL = 16  # the part of all n-grams asked for one by one, beyond which the probabilities of all are worked out


@dataclass(eq=False)
class InterpolatedValues:
    """Counts, and what they are divided by. The arrays follow when they are asked for."""

    orders: tuple[Order, ...]
    small_counts: tuple[SmallCounts, ...]  # of each order
    discounts: tuple[NDArray[np.float64], ...]  # (4,) of each order: of a count of 0, 1, 2, and 3 or more
    codes: tuple[
        Codes, ...
    ]  # (n-grams,) of each order but the highest, as histories: places in the next order's shares
    shares: tuple[HistoryShares, ...]  # of each order: of the empty history, of words, …
    closed: bool  # <unk> is no event
    smoothed: bool  # else nothing is left for what was not seen
    full_histories: bool  # `lowest` stands in place of p(w|h′)
    adjusted: bool  # the counts below the highest order are numbers of distinct words before
    complete: bool  # all n-grams that were counted are there, and all counts follow from theirs
    precision: Precision = "single"
    suffixes: Sequence[IndexArray] | None = None  # (n-grams,) of each order, their entries one order down, where known
    scratch: Scratch = field(default_factory=Scratch)  # where the arrays are, and new ones are made
    marks: bool = True  # sentences have <s> and </s>; else </s> is no event
    _asked: int = field(default=0, init=False)  # n-grams asked for one by one

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.orders)

    def exact(self) -> "InterpolatedValues":
        """The same in double precision, which counts are good for."""
        return self.in_precision("double")

    @property
    def events(self) -> int:
        """The number of words that can be predicted."""
        return int(np.count_nonzero(events_mask(len(self.orders[0]), closed=self.closed, marks=self.marks)))

    @cached_property
    def lowest(self) -> NDArray[np.float64]:
        """(types,) the probabilities below those of words."""
        return lowest_probs(len(self.orders[0]), closed=self.closed, marks=self.marks, smoothed=self.smoothed)

    @property
    def counts(self) -> tuple[SmallCounts, ...]:
        """Those that the model is made of."""
        return self.small_counts

    @property
    def log10_probs(self) -> tuple[FloatArray, ...]:
        """(n-grams,) of each order."""
        return self._arrays[0]

    @property
    def log10_backoffs(self) -> tuple[FloatArray, ...]:
        """(n-grams,) of each order but the highest."""
        return self._arrays[1]

    def log10_probs_of(self, length: int, entries: IndexArray) -> FloatArray:
        """(entries,) of some n-grams of this length."""
        if length == 1:
            return self.word_log10_probs.take(entries)
        self._asked += len(entries)
        if "_exact" in self.__dict__ or self._asked * WORTH_ALL > sum(map(len, self.orders)):
            return self._exact[0][length - 1].take(entries)
        return log10(self._probs_of(length, entries))

    def log10_backoffs_of(self, length: int, entries: IndexArray) -> FloatArray:
        """(entries,) of some histories of this length."""
        return log10(self.shares[length].weights.take(self.codes[length - 1].take(entries)))

    def up_to(self, order: int) -> "InterpolatedValues":
        """Those of the lower orders alone."""
        kept = {name: getattr(self, name)[:order] for name in ("orders", "small_counts", "discounts", "shares")}
        suffixes = None if self.suffixes is None else self.suffixes[:order]
        return replace(self, codes=self.codes[: order - 1], suffixes=suffixes, **kept)

    def recursion(self, *, in_text: bool = True) -> InterpolatedRecursion:
        """The formula itself."""
        return InterpolatedRecursion(self, in_text=in_text)

    def in_precision(self, precision: Precision) -> "InterpolatedValues":
        """The same with log10 values of this precision; what they follow from has none."""
        return replace(self, precision=precision)

    @cached_property
    def word_probs(self) -> NDArray[np.float64]:
        """(types,) the probabilities of words alone."""
        return self.interpolated(1, self.small_counts[0].whole(), np.zeros(1, np.uint16), self.lowest)

    @cached_property
    def word_log10_probs(self) -> FloatArray:
        """(types,) those of words alone."""
        return log10(self.word_probs)

    def own(self, length: int, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n-grams,) counts of n-grams of this length less their discounts."""
        own: NDArray[np.float64] = counts - self.discounts[length - 1].take(np.minimum(counts, 3))
        return own

    def own_between(self, length: int, first: int, last: int) -> NDArray[np.float64]:
        """(last − first,) the same of the n-grams first <= entry < last of this length; small counts are looked up."""
        counts = self.small_counts[length - 1]
        own: NDArray[np.float64] = take(self.own(length, np.arange(LARGE + 1)), counts.small[first:last])
        large = counts.large_between(first, last)
        own[large - first] = self.own(length, counts.take(large))
        return own

    def interpolated(
        self, length: int, counts: NDArray[np.int64], codes: Codes, lower: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n-grams,) the probabilities of n-grams of this length, from their counts, the codes of their histories, and p(w|h′).

        codes: one each, or one for all.
        """
        shares = self.shares[length - 1]
        probs = self.own(length, counts)
        probs /= take(shares.divisors, codes)
        probs += take(shares.weights, codes) * lower
        np.minimum(probs, 1.0, out=probs)  # what rounding has left above 1
        return probs

    def sums_of_rows(self, length: int, first_row: int, last_row: int) -> NDArray[np.float64]:
        """(histories,) what each shares out among words and leaves to the order below: 1, if all is well."""
        bounds = self.orders[length - 1].indptr[first_row : last_row + 1]
        codes = self.codes[length - 2][first_row:last_row] if length > 1 else np.zeros(1, np.uint16)
        shares = self.shares[length - 1]
        own = self.own_between(length, int(bounds[0]), int(bounds[-1]))
        sums: NDArray[np.float64] = row_sums(bounds - bounds[0], own)
        sums /= take(shares.divisors, codes)
        sums += take(shares.weights, codes)
        return sums

    def _probs_of(self, length: int, entries: IndexArray) -> NDArray[np.float64]:
        """(entries,) the probabilities of some n-grams of this length."""
        if length == 1:
            return self.word_probs.take(entries)
        order = self.orders[length - 1]
        codes = self.codes[length - 2].take(order.histories_of(entries))
        if self.full_histories:
            lower = self.lowest.take(order.indices.take(entries))
        else:
            words = np.stack(words_of(self.orders, length, entries)[1:], axis=1)
            suffixes, _ = find_ngrams(self._cells, words)
            lower = self._probs_of(length - 1, suffixes)
        return self.interpolated(length, self.small_counts[length - 1].take(entries), codes, lower)

    @cached_property
    def _cells(self) -> list[CellIndex]:
        """The steps down to the orders from 2 on."""
        return cells_of(self.orders, len(self.lowest))

    @cached_property
    def _arrays(self) -> Arrays:
        """The log10 probabilities and backoffs of all n-grams, in the precision that is asked for."""
        return self._exact if self.precision == "double" else self._log10_arrays(float_dtype(self.precision))

    @cached_property
    def _exact(self) -> Arrays:
        """The same in double precision."""
        return self._log10_arrays(np.float64)

    def _log10_arrays(self, dtype: Any) -> Arrays:
        from lmkit.ngrams.values.probabilities import log10_arrays

        return log10_arrays(self, dtype)


def lowest_probs(types: int, *, closed: bool, marks: bool, smoothed: bool = True) -> NDArray[np.float64]:
    """(types,) what every word has where nothing is known: 1/V of those that can be predicted; nothing without smoothing."""
    events = events_mask(types, closed=closed, marks=marks)
    return events / np.count_nonzero(events) if smoothed else np.zeros(types)
