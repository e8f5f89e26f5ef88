"""Where the n-grams of a text stand in a chain of orders."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import CellIndex
from lmkit.ngrams.trie.orders import Order
from lmkit.text.vocabulary import BOS


def trace_ngrams(orders: Sequence[Order], types: int, tokens: NDArray[np.int32]) -> list[IndexArray]:
    """For each length k, the entry (tokens,) of the k-gram that ends at each position; −1 where none is stored.

    tokens: (tokens,) whole padded sentences, ids below `types`. None reaches over the start of a sentence.
    """
    traced: list[IndexArray] = [tokens]
    for order in orders[1:]:
        histories = histories_of(traced[-1], tokens)
        known = np.flatnonzero(histories >= 0)
        entries = np.full(len(tokens), -1, order.indptr.dtype)
        index = CellIndex(order.indptr, order.indices, types)
        entries[known] = index.lookup(histories.take(known), tokens.take(known))
        traced.append(entries)
    return traced


def histories_of(entries: IndexArray, tokens: NDArray[np.int32]) -> IndexArray:
    """(tokens,) the entry of the n-gram that ends before each position; −1 where there is none, and for <s>.

    entries: (tokens,) of the n-grams that end at each position.
    """
    histories: IndexArray = np.empty_like(entries)
    histories[:1] = -1
    histories[1:] = entries[:-1]
    histories[tokens == BOS] = -1
    return histories
