"""A backoff model as an automaton: its states are the stored histories, and words lead from one to the next.

After any words, the model is in the state of the longest stored history that they end with. The link of a stored n-gram is its
longest stored proper suffix (the failure function of Aho & Corasick 1975). In what lmkit estimates that is the n-gram without its first
word; pruned models and those of other tools may lack it, and then it is shorter.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray, index_dtype
from lmkit.engine.pieces import PIECE
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.trie.tracing import cells_of

EMPTY = -1  # the state after nothing: the empty history


class HistoryStates:
    """The states of a chain of orders; what n-grams there are is looked at, and no probabilities.

    States are numbered through: EMPTY, then the words by id, then the n-grams of order 2 by entry, and so on. N-grams of the highest order
    are no states, because no history is so long.
    """

    def __init__(self, orders: Sequence[Order], types: int, workers: int | None = None) -> None:
        """types: number of words; workers: threads (default: the number of cores)."""
        self.orders, self._workers = orders, workers
        sizes = [0, *(len(order) for order in orders)]
        self.starts = np.cumsum(sizes)  # number of the first n-gram of each order, and one beyond
        self.dtype = index_dtype(int(self.starts[-1]))
        self._cells = cells_of(orders, types)
        self.links: list[IndexArray] = [
            np.full(types, EMPTY, self.dtype)
        ]  # (n-grams,) of each order, the state of each
        for length in range(2, len(orders) + 1):
            self.links.append(self._link(length))

    def of_entries(self, length: int, entries: IndexArray) -> IndexArray:
        """The state after n-grams of a length, given by their entries."""
        if length == len(self.orders):
            return self.links[length - 1].take(entries)
        states: IndexArray = (entries + self.starts[length - 1]).astype(self.dtype)
        return states

    def step(
        self,
        states: IndexArray,
        words: IndexArray,
        log10_probs: Sequence[FloatArray],
        log10_backoffs: Sequence[FloatArray],
    ) -> tuple[NDArray[np.float64], IndexArray]:
        """log10 p(word | state) of each pair, and the states that the words lead to.

        states, words: (pairs,); log10_probs, log10_backoffs: (n-grams,) of each order.
        """
        found, lengths, passed = self._find(states, words, log10_backoffs)
        following: IndexArray = np.empty(len(states), self.dtype)
        for length in np.unique(lengths).tolist():
            here = np.flatnonzero(lengths == length)
            entries = found.take(here)
            passed[here] += log10_probs[length - 1].take(entries)
            following[here] = self.of_entries(length, entries)
        return passed, following

    def _find(
        self, states: IndexArray, words: IndexArray, log10_backoffs: Sequence[FloatArray]
    ) -> tuple[IndexArray, NDArray[np.int8], NDArray[np.float64]]:
        """For each state and word, the entry and the length of the longest stored n-gram, and the backoffs on the way to it."""
        found = words.astype(self.dtype)  # at last, the word alone
        lengths = np.ones(len(states), np.int8)
        passed = np.zeros(len(states))
        states = states.copy()
        left = np.arange(len(states))
        for length in range(min(len(self.orders) - 1, self._length(states)), 0, -1):  # of the history
            start = self.starts[length - 1]
            here = left[states.take(left) >= start]  # longer ones have been followed down
            entries = states.take(here) - start
            next_entries = self._cells[length - 1].lookup(entries, words.take(here))
            hits = next_entries >= 0
            found[here[hits]] = next_entries[hits]
            lengths[here[hits]] = length + 1
            misses = here[~hits]
            if len(log10_backoffs):
                passed[misses] += log10_backoffs[length - 1].take(entries[~hits])
            states[misses] = self.links[length - 1].take(entries[~hits])
            left = left[(lengths.take(left) == 1)]
        return found, lengths, passed

    def _length(self, states: IndexArray) -> int:
        """The length of the longest history among these states."""
        return int(np.searchsorted(self.starts, states.max(initial=EMPTY), side="right"))

    def _link(self, length: int) -> IndexArray:
        """The links of the n-grams of this length; those of shorter ones must be there."""
        order = self.orders[length - 1]
        links = np.empty(len(order), self.dtype)

        def link_piece(piece: tuple[int, int]) -> None:
            first, last = piece
            histories, words = order.ngrams_between(first, last)
            found, lengths, _ = self._find(self.links[length - 2].take(histories), words, ())
            links[first:last] = found + self.starts.take(lengths - 1)

        pieces = ((first, min(first + PIECE, len(order))) for first in range(0, len(order), PIECE))
        for _ in map_in_order(link_piece, pieces, self._workers):
            pass
        return links
