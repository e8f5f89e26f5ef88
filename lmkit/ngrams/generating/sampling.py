"""Sampling the next word exactly from a backoff model, for many histories at once, unseen continuations included.

A proposed word (see `proposals`) is found in the sums along the row of the longest history, or in that of a shorter one. It
is accepted with probability p(w|h)^β / m(w|h): always in interpolated models, mostly in others, such as those of Katz or
pruned ones. After so many refusals the words that are stored are weighed, one by one (see `weighing`).
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.sparse import row_sums
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.generating.proposals import Proposals
from lmkit.ngrams.generating.weighing import Weighing
from lmkit.ngrams.trie.rows import Places, first_places, running_sums
from lmkit.scoring.generating.choosing import NO_WORD, UNITS
from lmkit.scoring.generating.draws import WordDraws

ATTEMPTS = 8  # proposals, before words are weighed


def draw_rows(order: int) -> int:
    """How many rows of random numbers belong to a word: for each attempt one a history length, and one to accept."""
    return (ATTEMPTS + 1) * (order + 1)


class Sampler:
    """Draws words from a model at one temperature."""

    def __init__(
        self, model: NgramModel, histories: Histories, excluded: NDArray[np.bool_], temperature: float = 1.0
    ) -> None:
        """excluded: (types,) words that are never drawn; temperature: above 0."""
        self._model = model
        self._proposals = Proposals(model, histories, excluded, temperature)
        self._weighing = Weighing(model, histories, self._proposals)

    def draw(self, states: States, draws: WordDraws) -> NDArray[np.int64]:
        """(sentences,) a word for each state; NO_WORD where no word has a probability above 0."""
        self._proposals.prepare(states)
        words = np.full(states.shape[1], NO_WORD, np.int64)
        left = np.arange(len(words))
        slots = self._model.order + 1
        for first_row in range(0, ATTEMPTS * slots, slots):
            here = states[:, left]
            proposed = self._propose(here, draws, first_row, left)
            if not self._proposals.exceed:
                return proposed
            are_words = proposed != NO_WORD
            left, here, proposed = left[are_words], here[:, are_words], proposed[are_words]
            accepted = draws.take(first_row + slots - 1, left) < self._proposals.acceptance(here, proposed)
            words[left[accepted]] = proposed[accepted]
            left = left[~accepted]
            if not len(left):
                return words
        numbers = [draws.take(ATTEMPTS * slots + row, left) for row in (0, 1)]
        words[left] = self._weighing.draw(states[:, left], *numbers)
        return words

    def _propose(self, states: States, draws: WordDraws, first_row: int, places: Places) -> NDArray[np.int64]:
        """(sentences,) a word from m(w|h) for each state. places: of the sentences among those of the draws."""
        words = np.full(states.shape[1], NO_WORD, np.int64)
        left = np.arange(len(words))
        for length in range(self._model.order - 1, -1, -1):
            is_stored = states[length, left] >= 0
            here = left[is_stored]
            if not len(here):
                continue
            order, shares, rows = self._model.orders[length], self._proposals.shares[length], states[length, here]
            starts, ends = order.indptr[rows].astype(np.int64), order.indptr[rows + 1].astype(np.int64)
            own = np.where(ends > starts, shares.take(ends - 1, mode="clip"), 0)
            mass = own + self._proposals.tails[length][rows]
            sought = np.floor(draws.take(first_row + length, places[here]) * mass).astype(np.int64)
            takes = np.flatnonzero(sought < own)
            found = sums_above(shares, starts[takes], ends[takes], sought[takes])
            words[here[takes]] = order.indices[found]
            is_left = ~is_stored
            is_left[is_stored] = mass > 0  # 0, which only the longest history can find: no word has a weight
            left = left[is_left & (words[left] == NO_WORD)]
        return words


def cumulative_shares(log10_weights: NDArray[np.float64], bounds: Places) -> NDArray[np.int64]:
    """(words,) the shares of the words of a row up to each of them, in units of 1 / UNITS.

    bounds: (rows + 1,) where the rows begin. A row that is not empty must have a weight above 0.
    """
    lengths = np.diff(bounds)
    filled = np.flatnonzero(lengths)
    largest, units = np.zeros(len(lengths)), np.zeros(len(lengths))
    if len(filled):
        largest[filled] = np.maximum.reduceat(log10_weights, bounds[filled])
    weights = 10.0 ** (log10_weights - np.repeat(largest, lengths))
    np.divide(UNITS, row_sums(bounds, weights), out=units, where=lengths > 0)
    return running_sums(np.rint(weights * np.repeat(units, lengths)).astype(np.int64), bounds)


def sums_above(sums: NDArray[np.int64], starts: Places, ends: Places, sought: NDArray[np.int64]) -> Places:
    """(rows,) the first place of each row whose sum is above what is sought there."""
    return first_places(starts, ends, lambda places, rows: sums[places] > sought[rows])
