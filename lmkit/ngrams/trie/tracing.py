"""Where n-grams stand in a chain of orders: the steps down, from histories and words, of which all walks are made.

One n-gram is found by `orders.find_entry`; what follows the longest stored history of any text, by `automaton.HistoryStates`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import CellIndex
from lmkit.ngrams.trie.orders import Order
from lmkit.text.vocabulary import BOS, EOS

IdRows = NDArray[np.int32]  # (n-grams, words) ids


def cells_of(orders: Sequence[Order], types: int) -> list[CellIndex]:
    """The steps down to the orders from 2 on: entries of histories and words lead to entries of n-grams. types: number of words."""
    return [CellIndex(order.indptr, order.indices, types) for order in orders[1:]]


def find_ngrams(cells: Sequence[CellIndex], ids: IdRows) -> tuple[IndexArray, NDArray[np.int32]]:
    """The entry of each n-gram (-1: not stored), and how many words of it, from its first, are not stored; 0 if it is there itself.

    cells: see `cells_of`.
    """
    entries: IndexArray = ids[:, 0]
    missing = np.zeros(len(ids), np.int32)
    for length, step in enumerate(cells[: ids.shape[1] - 1], start=2):
        entries = step.find(entries, ids[:, length - 1])
        missing[(entries < 0) & (missing == 0)] = length
    return entries, missing


def trace_ngrams(orders: Sequence[Order], types: int, tokens: NDArray[np.int32]) -> list[IndexArray]:
    """For each length k, the entry (tokens,) of the k-gram that ends at each position; −1 where none is stored.

    tokens: (tokens,) whole padded sentences, ids below `types`. None reaches over the start of a sentence.
    """
    traced: list[IndexArray] = [tokens]
    for step in cells_of(orders, types):
        traced.append(step.find(histories_of(traced[-1], tokens), tokens))
    return traced


def histories_of(entries: IndexArray, tokens: NDArray[np.int32]) -> IndexArray:
    """(tokens,) the entry of the n-gram that ends before each position; −1 where there is none, and where a sentence begins.

    entries: (tokens,) of the n-grams that end at each position.
    """
    histories: IndexArray = np.empty_like(entries)
    histories[:1] = -1
    histories[1:] = entries[:-1]
    histories[tokens == BOS] = -1
    histories[1:][tokens[:-1] == EOS] = -1  # where a sentence has no mark at its beginning
    return histories
