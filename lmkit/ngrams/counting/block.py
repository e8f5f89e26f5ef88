"""The distinct n-grams of a block of text, found by induced sorting."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, IndexArray
from lmkit.engine.kernels import bucket, row_numbers, take
from lmkit.text.vocabulary import EOS

NO_SUFFIXES: IndexArray = np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class BlockOrder:
    """The n-grams of one length in a block of text, in the order of their words, and where they end."""

    firsts: IndexArray  # (types + 1,) where the occurrences of n-grams that begin with each word begin
    suffixes: IndexArray  # (n-grams,) each without its first word: its place one order down (order 1: empty)
    bounds: IndexArray  # (n-grams + 1,) where the occurrences of each n-gram begin
    ends: IndexArray  # (occurrences,) positions in the block, in the order of the n-grams that end there
    entries: IndexArray  # (occurrences,) these n-grams, ascending

    @property
    def starts(self) -> IndexArray:
        """(types + 1,) where the n-grams that begin with each word begin."""
        starts: IndexArray = np.full(
            len(self.firsts), len(self.bounds) - 1, np.int32
        )  # those of the last words: the end
        before = int(np.searchsorted(self.firsts, np.int32(len(self.entries))))
        starts[:before] = self.entries.take(self.firsts[:before])
        return starts

    @property
    def counts(self) -> CountArray:
        """(n-grams,) how often each occurs."""
        return np.diff(self.bounds)


def block_orders(
    tokens: NDArray[np.int32],
    order: int,
    types: int,
    keep: Callable[[IndexArray], NDArray[np.bool_]] | None = None,
) -> Iterator[BlockOrder]:
    """The orders 1…order of whole padded sentences, one after the other. tokens: (tokens,) ids below `types`.

    No n-gram is ever compared. A k-gram is its first word and the (k−1)-gram after it; so when positions stand in the
    order of the (k−1)-grams that end there, one stable bucket sort by the word that precedes them puts them in the
    order of the k-grams, and the (k−1)-grams, carried along, are the suffixes.

    keep: asked from order 3 on, when the order below has been used, at which of these positions n-grams are still wanted.
    """
    before = np.concatenate((np.array([EOS], np.int32), tokens))  # the word before each position
    bounds, entries, ends = bucket(tokens, tokens, np.arange(len(tokens), dtype=np.int32), types)
    yield BlockOrder(bounds, NO_SUFFIXES, bounds, ends, entries)
    for length in range(2, order + 1):
        if keep is not None and length > 2:
            kept = np.flatnonzero(keep(ends))
            entries, ends = take(entries, kept), take(ends, kept)
        firsts = take(before, ends - np.int32(length - 2))
        bounds, entries, ends = bucket(firsts, entries, ends, types)
        outside = int(bounds[EOS + 1])  # </s> begins no n-gram: these reach over the start of a sentence
        bounds, entries, ends = bounds - outside, entries[outside:], ends[outside:]
        bounds[EOS] = 0
        is_new = np.empty(len(entries) + 1, bool)  # where another n-gram begins, and the end
        np.not_equal(entries[1:], entries[:-1], out=is_new[1:-1])
        is_new[bounds] = True
        news = np.flatnonzero(is_new).astype(np.int32)
        suffixes = take(entries, news[:-1])
        entries = row_numbers(news)
        yield BlockOrder(bounds, suffixes, news, ends, entries)
