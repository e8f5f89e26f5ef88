"""The distinct n-grams of a block of text, found by induced sorting."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.vocabulary import BOS, EOS
from lmkit.ngrams.orders import Order, first_order
from lmkit.sparse import CountArray, IndexArray, bucket

NO_SUFFIXES: IndexArray = np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class BlockOrder:
    """The n-grams of one length in a block of text, and where they end."""

    order: Order
    rows: IndexArray  # (n-grams,) the row of each n-gram: its history, one order down
    suffixes: IndexArray  # (n-grams,) see Run
    counts: CountArray  # (n-grams,)
    ends: IndexArray  # (occurrences,) positions in the block, in the order of the n-grams that end there
    entries: IndexArray  # (occurrences,) these n-grams, ascending
    initial: int  # how many of the occurrences, the first ones, begin with <s>


def block_orders(tokens: NDArray[np.int32], order: int, types: int) -> Iterator[BlockOrder]:
    """The orders 1…order of whole padded sentences, one after the other. tokens: (tokens,) ids below `types`.

    No n-gram is ever compared. A k-gram is its first word and the (k−1)-gram after it; so when positions stand in the
    order of the (k−1)-grams that end there, one stable bucket sort by the word that precedes them puts them in the
    order of the k-grams, and the (k−1)-grams, carried along, are the suffixes.
    """
    unigrams = np.bincount(tokens, minlength=types).astype(np.int32)
    followed = (unigrams > 0) & (np.arange(types) != EOS)  # which entries, one order down, are histories here
    rows: IndexArray = np.zeros(types, np.int32)
    _, entries, ends = bucket(tokens, tokens, np.arange(len(tokens), dtype=np.int32), types)
    below = first_order(types)
    yield BlockOrder(below, rows, NO_SUFFIXES, unigrams, ends, entries, 0)
    for length in range(2, order + 1):
        firsts = tokens[ends - (length - 1)]  # before the first sentence stands, as the last token, </s>
        bounds, entries, ends = bucket(firsts, entries, ends, types)
        outside = int(bounds[EOS + 1])  # </s> begins no n-gram: these reach over the start of a sentence
        bounds, entries, ends = bounds[EOS + 1 :] - outside, entries[outside:], ends[outside:]
        is_new = starts_of_runs(entries, bounds)
        news = np.flatnonzero(is_new)
        suffixes = entries[news]
        columns = below.indices[suffixes]
        ngram_bounds = np.searchsorted(news, bounds)  # where each first word begins among the n-grams
        histories = np.diff(np.flatnonzero(starts_of_runs(rows[suffixes], ngram_bounds)), append=len(news))
        lengths = np.zeros(len(below), np.int32)
        lengths[followed] = histories
        indptr = np.concatenate((np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)))
        entries = np.cumsum(is_new, dtype=np.int32) - np.int32(1)
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        followed = columns != EOS
        below = Order(indptr, columns)
        counts = np.diff(news, append=len(is_new)).astype(np.int32)
        yield BlockOrder(below, rows, suffixes, counts, ends, entries, int(bounds[BOS - EOS]))


def starts_of_runs(values: IndexArray, bounds: IndexArray) -> NDArray[np.bool_]:
    """(values,) whether each value differs from the one before or stands at a bound (places up to len(values))."""
    starts = np.empty(len(values) + 1, bool)  # one more: bounds of empty buckets at the end point there
    np.not_equal(values[1:], values[:-1], out=starts[1:-1])
    starts[bounds] = True
    starts[0] = True
    return starts[:-1]
