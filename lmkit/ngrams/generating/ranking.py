"""Words in the order of their probabilities: those stored after a history, and the best of several candidates.

Words that are equally probable stand in the order of their code points.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.rows import Places, first_places, row_places


class RankedWords:
    """The words stored after each history, most probable first, sorted when they are first asked for."""

    def __init__(self, model: NgramModel, excluded: NDArray[np.bool_]) -> None:
        """excluded: (types,) words that come last, with probability 0."""
        self._model, self._excluded = model, excluded
        self.ranks = model.vocabulary.code_point_ranks()
        self._entries = [np.empty(len(order), np.int64) for order in model.orders]
        self._is_sorted = [np.zeros(len(order.indptr) - 1, bool) for order in model.orders]

    def log10_probs(self, length: int, entries: Places) -> NDArray[np.float64]:
        """(entries,) of stored n-grams with histories of this length; -inf for excluded words."""
        values = self._model.values.log10_probs_of(length + 1, entries).astype(np.float64)
        values[self._excluded[self._model.orders[length].indices[entries]]] = -np.inf
        return values

    def rows(self, length: int, histories: Places) -> tuple[Places, Places]:
        """(histories,) where the words stored after histories of this length begin and end; -1 is one without any."""
        indptr = self._model.orders[length].indptr
        rows = np.maximum(histories, 0)
        starts = indptr.take(rows, mode="clip").astype(np.int64)  # there may be no history of this length at all
        return starts, np.where(histories >= 0, indptr.take(rows + 1, mode="clip"), starts)

    def sort(self, length: int, histories: Places) -> None:
        """Sort the words after these histories, which all have the same length."""
        new = np.unique(histories[histories >= 0])
        new = new[~self._is_sorted[length][new]]
        if not len(new):
            return
        starts, ends = self.rows(length, new)
        places, row_of = row_places(starts, ends - starts)
        ranks = self.ranks[self._model.orders[length].indices[places]]
        order = np.lexsort((ranks, -self.log10_probs(length, places), row_of))
        self._entries[length][places] = places[order]
        self._is_sorted[length][new] = True

    def entries(self, length: int, places: Places) -> Places:
        """(places,) the n-grams at places of sorted rows."""
        found: Places = self._entries[length][places]
        return found

    def until(self, length: int, starts: Places, ends: Places, least: NDArray[np.float64]) -> Places:
        """(rows,) where in sorted rows the log10 probabilities fall below the least that is asked for."""
        return first_places(
            starts, ends, lambda places, rows: self.log10_probs(length, self._entries[length][places]) < least[rows]
        )


class Best:
    """The best words of some histories so far, those of a history side by side."""

    def __init__(self, histories: int, top: int, ranks: NDArray[np.int32]) -> None:
        self._top, self._ranks = top, ranks
        self.owners = np.zeros(0, np.int64)  # (words,) ascending
        self.words = np.zeros(0, np.int64)  # (words,) best first
        self.log10_probs = np.zeros(0)  # (words,)
        self.bounds = np.zeros(histories + 1, np.int64)  # where the words of each history begin

    @property
    def least(self) -> NDArray[np.float64]:
        """(histories,) what a word must have to be among the best; -inf as long as there are too few."""
        ends = self.bounds[1:]
        values = np.append(self.log10_probs, -np.inf).take(ends - 1, mode="clip")
        return np.where(np.diff(self.bounds) == self._top, values, -np.inf)

    def add(self, owners: Places, words: IndexArray, log10_probs: NDArray[np.float64]) -> None:
        """Take in words (words,) of histories, and keep the best. Those of probability 0 are none."""
        owners, words = np.concatenate((self.owners, owners)), np.concatenate((self.words, words), dtype=np.int64)
        log10_probs = np.concatenate((self.log10_probs, log10_probs))
        order = np.lexsort((self._ranks[words], -log10_probs, owners))
        order = order[log10_probs[order] > -np.inf]
        sorted_owners = owners[order]
        starts = np.searchsorted(sorted_owners, np.arange(len(self.bounds)))
        order = order[np.arange(len(order)) - starts[sorted_owners] < self._top]
        self.owners, self.words, self.log10_probs = owners[order], words[order], log10_probs[order]
        self.bounds = np.searchsorted(self.owners, np.arange(len(self.bounds)))
