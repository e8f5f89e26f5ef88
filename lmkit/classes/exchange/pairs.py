"""The bigrams of a text as exchange looks at them: of each word, those that end in it and those that begin with it.

Words are numbered anew: the marks as ever, then all others, the most frequent first. So words that are looked at together stand side by side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import add_products, bucket, row_numbers
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.text.vocabulary import FIRST_WORD


@dataclass(frozen=True, eq=False)
class Listed:
    """The neighbours of some words, word by word."""

    bounds: NDArray[np.int32]  # (words + 1,) where those of each word begin
    neighbours: NDArray[np.int32]  # (pairs,)
    counts: NDArray[np.int32]  # (pairs,) how often each pair was seen

    @property
    def rows(self) -> NDArray[np.int32]:
        """(pairs,) the place of the word of each pair."""
        return row_numbers(self.bounds)

    def sums(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """(words,) the sum of the values (pairs,) of each word."""
        return np.asarray(np.bincount(self.rows, values, len(self.bounds) - 1), np.float64)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For each word of the vocabulary the words before it, or after it."""

    bounds: IndexArray  # (types + 1,)
    neighbours: NDArray[np.int32]  # (pairs,)
    counts: NDArray[np.int32]  # (pairs,)

    def of(self, words: NDArray[np.int64]) -> Listed:
        """Those of these words, which are in ascending order."""
        first, last = int(words[0]), int(words[-1]) + 1
        if last - first == len(words):
            bounds = self.bounds[first : last + 1]
            here = slice(int(bounds[0]), int(bounds[-1]))
            return Listed((bounds - bounds[0]).astype(np.int32), self.neighbours[here], self.counts[here])
        starts = self.bounds[words]
        bounds = np.zeros(len(words) + 1, np.int32)
        np.cumsum(self.bounds[words + 1] - starts, out=bounds[1:])
        places = np.repeat(starts - bounds[:-1], np.diff(bounds))
        places += np.arange(len(places), dtype=places.dtype)
        return Listed(bounds, self.neighbours[places], self.counts[places])

    def kept(self, chosen: NDArray[np.bool_]) -> "Neighbours":
        """Only the pairs that are chosen (pairs,)."""
        ends = np.concatenate((np.zeros(1, self.bounds.dtype), np.cumsum(chosen, dtype=self.bounds.dtype)))
        return Neighbours(ends[self.bounds], self.neighbours[chosen], self.counts[chosen])


@dataclass(frozen=True, eq=False)
class Bigrams:
    """All pairs of words that stand side by side."""

    ids: NDArray[np.int64]  # (types,) the ids that words had before
    before: Neighbours  # what each word follows
    after: Neighbours  # what follows it
    predicted: NDArray[np.int64]  # (types,) how often each word follows any
    followed: NDArray[np.int64]  # (types,) how often any word follows it

    @classmethod
    def of(cls, counts: NgramCounts) -> "Bigrams":
        """Those of counts of order 2 or more."""
        types, order = len(counts.vocabulary), counts.orders[1]
        seen = counts.chain.counts[1].astype(np.int32, copy=False)
        firsts, seconds = row_numbers(order.indptr), order.indices
        predicted, followed = (np.bincount(each, seen, types).astype(np.int64) for each in (seconds, firsts))
        ids = np.concatenate((np.arange(FIRST_WORD), FIRST_WORD + np.argsort(-predicted[FIRST_WORD:], kind="stable")))
        ranks = np.empty(types, firsts.dtype)
        ranks[ids] = np.arange(types, dtype=ranks.dtype)
        firsts, seconds = ranks[firsts], ranks[seconds]
        after, before = (neighbours(*pair, seen, types) for pair in ((firsts, seconds), (seconds, firsts)))
        return cls(ids, before, after, predicted[ids], followed[ids])

    @property
    def words(self) -> NDArray[np.int64]:
        """(words,) those that were seen, marks left out."""
        return np.flatnonzero(self.predicted[FIRST_WORD:]) + FIRST_WORD

    @property
    def tokens(self) -> int:
        """How many pairs there are in the text, and so how many words are predicted."""
        return int(self.predicted.sum())


def neighbours(words: IndexArray, beside: IndexArray, counts: NDArray[np.int32], types: int) -> Neighbours:
    """The neighbours of each word, from pairs in any order."""
    bounds, beside, places = bucket(words, beside, np.arange(len(words), dtype=words.dtype), types)
    return Neighbours(bounds, beside.astype(np.int32, copy=False), counts.take(places))


def add_sums(bounds: NDArray[np.int32], values: NDArray[Any], first: int, sums: NDArray[Any]) -> None:
    """Add rows of values (pairs, n), which begin with pair `first`, to the sums (words, n) of their words, in place. bounds: (words + 1,) of all pairs."""
    pairs = len(values)
    here = np.clip(bounds, first, first + pairs) - np.int32(first)
    add_products(here, np.arange(pairs, dtype=np.int32), np.ones(pairs, values.dtype), values, sums)
