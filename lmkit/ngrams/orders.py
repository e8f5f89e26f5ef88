"""The chain of orders: a trie of n-grams made of sparse matrices.

An order is a CSR matrix: rows are histories, columns are words, a stored entry is an n-gram. The number of
an entry in row-major order identifies the n-gram, and is its row as a history one order up. Order 1 has one
row (the empty history) and stores every word, so that there the entry number is the word id.

Never do arithmetic on these matrices: SciPy drops stored zeros, and everything aligned with the entries
would be lost. Values (counts, probabilities, backoffs) are arrays beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lmkit.corpus.columns import join_columns
from lmkit.sparse import IndexArray, row_numbers

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Order:
    """The n-grams of one length."""

    indptr: IndexArray  # (histories + 1,) where the row of each history begins
    indices: IndexArray  # (n-grams,) last word of each n-gram; ascending within a row

    def __len__(self) -> int:
        return len(self.indices)


def first_order(types: int) -> Order:
    """Order 1 over `types` words."""
    return Order(np.array([0, types], np.int32), np.arange(types, dtype=np.int32))


def bos_ends(orders: Sequence[Order]) -> list[int]:
    """For each order, how many of its first entries begin with a mark that is never predicted.

    From order 2 on these are exactly the n-grams that begin with <s>, because </s> begins none.
    """
    ends = [2]
    for order in orders[1:]:
        ends.append(int(order.indptr[ends[-1]]))
    return ends


def find_entry(orders: Sequence[Order], words: Sequence[int]) -> int:
    """The entry of the n-gram with these word ids in its order; -1 if it is not stored."""
    entry = words[0]
    for order, word in zip(orders[1 : len(words)], words[1:], strict=True):
        if entry < 0:
            return -1
        first, last = order.indptr[entry : entry + 2].tolist()
        place = first + int(np.searchsorted(order.indices[first:last], order.indices.dtype.type(word)))
        entry = place if place < last and order.indices[place] == word else -1
    return entry


def ngram_texts(orders: Sequence[Order], words: "pa.Array[Any]", length: int, first: int, last: int) -> "pa.Array[Any]":
    """The n-grams first <= entry < last of this length as an Arrow array of text, words joined by one space.

    words: the vocabulary as Arrow strings, by id.
    """
    import pyarrow as pa

    if length == 1 or first == last:
        return words[first:last]
    order = orders[length - 1]
    ends = np.array([first, last - 1], order.indptr.dtype)
    low, high = (np.searchsorted(order.indptr, ends, side="right") - 1).tolist()
    histories = ngram_texts(orders, words, length - 1, low, high + 1)
    rows = row_numbers(order.indptr, low, high + 1)[first - int(order.indptr[low]) :][: last - first] - low
    last_words = words.take(pa.array(order.indices[first:last]))
    return join_columns([histories.take(pa.array(rows)), last_words], " ")
