"""The chain of orders: a trie of n-grams made of sparse matrices.

An order is a CSR matrix: rows are histories, columns are words, a stored entry is an n-gram. The number of
an entry in row-major order identifies the n-gram, and is its row as a history one order up. Order 1 has one
row (the empty history) and stores every word, so that there the entry number is the word id.

Never do arithmetic on these matrices: SciPy drops stored zeros, and everything aligned with the entries
would be lost. Values (counts, probabilities, backoffs) are arrays beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers

FEW = 16  # the part of an order up to which its n-grams are looked up one by one


@dataclass(frozen=True, eq=False)
class Order:
    """The n-grams of one length."""

    indptr: IndexArray  # (histories + 1,) where the row of each history begins
    indices: IndexArray  # (n-grams,) last word of each n-gram; ascending within a row

    def __len__(self) -> int:
        return len(self.indices)

    def rows_of(self, first: int, last: int) -> tuple[int, int]:
        """The range of rows that hold the entries first … last − 1, which must not be none."""
        ends = np.array([first, last - 1], self.indptr.dtype)
        low, high = (np.searchsorted(self.indptr, ends, side="right") - 1).tolist()
        return low, high + 1

    def ngrams_between(self, first: int, last: int) -> tuple[IndexArray, IndexArray]:
        """The histories (rows) and the last words of the n-grams first <= entry < last, which must not be none."""
        low, high = self.rows_of(first, last)
        return row_numbers(np.clip(self.indptr[low : high + 1], first, last)) + low, self.indices[first:last]

    def histories_of(self, entries: IndexArray) -> IndexArray:
        """The history of each of these n-grams: its entry in the order below."""
        if len(entries) > len(self) / FEW:
            return row_numbers(self.indptr).take(entries)
        rows: IndexArray = np.searchsorted(self.indptr, entries.astype(self.indptr.dtype), side="right") - 1
        return rows


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


def ngram_words(orders: Sequence[Order], length: int, first: int, last: int, whole: int = 1) -> list[IndexArray]:
    """The words of the n-grams first <= entry < last of this length: for each position an array (n-grams,) of ids.

    whole: how many words at the beginning are told by one number, their entry in their order, which ascends.
    """
    order = orders[length - 1]
    if length == whole:
        return [np.arange(first, last, dtype=order.indices.dtype)]
    if first == last:
        return [order.indices[first:last]] * (length - whole + 1)
    rows, words = order.ngrams_between(first, last)
    low = int(rows[0])
    histories = ngram_words(orders, length - 1, low, int(rows[-1]) + 1, whole)
    return [*(column.take(rows - low) for column in histories), words]


def words_of(orders: Sequence[Order], length: int, entries: IndexArray) -> list[IndexArray]:
    """The words of some n-grams of this length, in any order: for each position an array (n-grams,) of ids."""
    words: list[IndexArray] = []
    for order in reversed(orders[:length]):
        words.append(order.indices.take(entries))
        entries = order.histories_of(entries)
    return words[::-1]
