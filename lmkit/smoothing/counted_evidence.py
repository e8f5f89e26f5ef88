"""The counts that a smoothing looks at, and those of the n-grams that its model will hold.

They differ in closed vocabularies when the counts contain <unk>, where SRILM's rule (1.7.3) holds: n-grams that end in <unk> count
for nothing; those with <unk> in their history are left contexts and count in the counts of counts; those that begin with
<unk> keep their raw counts, as those with <s>. Only afterwards everything that contains <unk> is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, index_dtype
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.limiting import without_unknown
from lmkit.ngrams.trie.orders import Order
from lmkit.text.vocabulary import BOS, UNK

ValuesOf = Callable[[Chain, int, Scratch], CountArray]  # the counts of the n-grams of a length, raw or adjusted


@dataclass(frozen=True, eq=False)
class CountedEvidence:
    """What was counted, and what a model of it will hold."""

    whole: Chain  # all that was counted
    model: NgramCounts  # the n-grams of the model

    @classmethod
    def of(cls, counts: NgramCounts, *, closed: bool) -> "CountedEvidence":
        """The evidence for a model with an open or a closed vocabulary."""
        return cls(counts.chain, without_unknown(counts) if closed else counts)

    @property
    def drops_unknown(self) -> bool:
        """Whether n-grams that were counted are no part of the model."""
        return self.whole is not self.model.chain

    def values(self, values_of: ValuesOf, length: int, scratch: Scratch) -> CountArray:
        """The values of all n-grams of a length that were counted; new arrays are made in `scratch`."""
        return self._ngrams.values(values_of, length, scratch)

    def of_model(self, values: CountArray, length: int, scratch: Scratch) -> CountArray:
        """Those of the values (n-grams,) of a length that belong to n-grams of the model."""
        return self._ngrams.of_model(values, length, scratch)

    @cached_property
    def _ngrams(self) -> "CountedNgrams":
        return CountedNgrams(self.whole, drops_unknown=self.drops_unknown)


@dataclass(frozen=True, eq=False)
class CountedNgrams:
    """N-grams that were counted: all, or those that begin with some words."""

    chain: Chain
    drops_unknown: bool  # those with <unk> are no part of the model

    def values(self, values_of: ValuesOf, length: int, scratch: Scratch) -> CountArray:
        """See `CountedEvidence`."""
        found = values_of(self.chain, length, scratch)
        if not self.drops_unknown:
            return found
        order, counts = self.chain.orders[length - 1], self.chain.counts[length - 1]
        after_unknown = slice(*self._after_unknown[length - 1])
        raw = counts[after_unknown]
        largest = max(int(found.max(initial=0)), int(raw.max(initial=0)))
        values: CountArray = scratch.allocate(len(found), index_dtype(largest))
        values[:] = found
        values[after_unknown] = raw
        values[order.indices == UNK] = 0
        return values

    def of_model(self, values: CountArray, length: int, scratch: Scratch) -> CountArray:
        """See `CountedEvidence`."""
        if not self.drops_unknown or length == 1:  # there, <unk> is kept as a word that was not seen
            return values
        kept = self._kept[length - 1]
        found: CountArray = scratch.allocate(int(np.count_nonzero(kept)), values.dtype)
        np.compress(kept, values, out=found)
        return found

    def order_of_model(self, length: int) -> Order:
        """The order of the model's n-grams of a length."""
        order = self.chain.orders[length - 1]
        if not self.drops_unknown or length == 1:
            return order
        below, kept = self._kept[length - 2 : length]
        if length == 2:
            below = np.ones(len(below), bool)
        before = np.zeros(len(kept) + 1, order.indptr.dtype)
        np.cumsum(kept, out=before[1:])
        lengths = np.diff(before.take(order.indptr))
        indptr = np.zeros(np.count_nonzero(below) + 1, order.indptr.dtype)
        np.cumsum(lengths[below], out=indptr[1:])
        return Order(indptr, order.indices[kept])

    @cached_property
    def _kept(self) -> list[NDArray[np.bool_]]:
        """For each order, which n-grams (n-grams,) are without <unk>."""
        kept = [np.arange(len(self.chain.orders[0])) != UNK]
        for order in self.chain.orders[1:]:
            kept.append(np.repeat(kept[-1], np.diff(order.indptr)) & (order.indices != UNK))
        return kept

    @cached_property
    def _after_unknown(self) -> list[tuple[int, int]]:
        """For each order, the range of n-grams that begin with <unk>."""
        ranges = [(UNK, UNK + 1)]
        for order in self.chain.orders[1:]:
            first, last = order.indptr[list(ranges[-1])].tolist()
            ranges.append((first, last))
        return ranges


def raw_counts(chain: Chain, length: int, _scratch: Scratch) -> CountArray:
    """The counts of the n-grams of a length as they are; that of <s>, which is never predicted, is 0."""
    counts: CountArray = chain.counts[length - 1]
    if length == 1:
        counts = counts.copy()
        counts[BOS] = 0
    return counts
