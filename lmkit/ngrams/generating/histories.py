"""Histories as places in a model: which of the last words' n-grams are stored, for many sentences at once.

A state (order, sentences) says it: line k is the entry of the last k words among the n-grams of length k, -1 where that is
not stored; line 0, the empty history, is 0. Entry k is the row of order k + 1 that holds what follows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.rows import Places
from lmkit.ngrams.trie.tracing import cells_of

States = NDArray[np.int64]  # (order, sentences)


class Histories:
    """A model prepared for following many sentences word by word."""

    def __init__(self, model: NgramModel) -> None:
        self._order = model.order
        self._first_keys = np.cumsum([0, *(len(order.indptr) - 1 for order in model.orders)])
        self._cells = cells_of(model.orders, len(model.vocabulary))

    def state_after(self, words: Sequence[int]) -> States:
        """(order, 1) the state after these word ids."""
        state = np.full((self._order, 1), -1, np.int64)
        state[0] = 0
        for word in words:
            state = self.extend(state, np.array([word], np.int64))
        return state

    def extend(self, states: States, words: IndexArray) -> States:
        """(order, sentences) the states after one more word (sentences,) each."""
        extended = np.empty_like(states)
        extended[0] = 0
        for length in range(self._order - 1):
            extended[length + 1] = self.find(length, states[length], words)
        return extended

    @property
    def key_count(self) -> int:
        """How many keys there can be."""
        return int(self._first_keys[-1])

    def keys(self, states: States) -> Places:
        """(sentences,) a number for each history: that of the longest one that is stored, on which what follows depends."""
        keys: Places = states[0].copy()
        for length in range(1, self._order):
            keys = np.where(states[length] >= 0, self._first_keys[length] + states[length], keys)
        return keys

    def find(self, length: int, histories: Places, words: IndexArray) -> Places:
        """(cells,) the entries of the n-grams of a history of this length, -1 if it is not stored, and a word; -1: not stored."""
        if length == 0:
            return words.astype(np.int64)
        return self._cells[length - 1].find(histories, words).astype(np.int64, copy=False)
