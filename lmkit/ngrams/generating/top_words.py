"""The most probable next words of many histories at once, without looking at all words.

Candidates are the words stored after the longest history, then those after the shorter ones, most probable first, as far as
they can still be among the best: what a word gets by backing off is known before it is looked at. All comparisons are of sums
of stored figures, so that they come out alike on any machine; of equally probable words the first by code point wins.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.backoff.full_histories import for_drawing
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.generating.ranking import Best, RankedWords
from lmkit.ngrams.generating.sampling import cumulative_shares, sums_above
from lmkit.ngrams.trie.rows import Places, row_places
from lmkit.scoring.generating.choosing import NO_WORD
from lmkit.scoring.generating.draws import WordDraws

KEPT = 1 << 22  # words of histories that are kept for when they come again
SLACK = 1e-9  # log10; sums of the same figures in another order differ by less


class TopWords:
    """Draws words among the most probable ones of each history."""

    def __init__(
        self,
        model: NgramModel,
        histories: Histories,
        excluded: NDArray[np.bool_],
        top: int,
        temperature: float = 1.0,
    ) -> None:
        """excluded: (types,) words that are never drawn; top: how many, 1 or more; temperature: above 0."""
        model = for_drawing(model)
        self._model, self._histories, self._ranked = model, histories, RankedWords(model, excluded)
        self._top, self._power = min(top, len(model.vocabulary)), 1.0 / temperature
        self._numbers = np.zeros(histories.key_count, np.int32)  # (keys,) of kept histories, from 1 on; 0: not kept
        self._kept_keys = [np.zeros(0, np.int64)]
        self._bounds = np.zeros(1, np.int64)  # where the words of each kept history begin
        self._room = max(KEPT, self._top)
        self._words = np.empty(self._room, np.int64)
        self._shares = np.empty(self._room, np.int64)  # summed up along the words of a history

    def draw(self, states: States, draws: WordDraws) -> NDArray[np.int64]:
        """(sentences,) a word for each state; NO_WORD where no word has a probability above 0."""
        numbers = draws.take(0, np.arange(states.shape[1]))
        size = self._room // self._top
        pieces = [
            self._draw(states[:, first : first + size], numbers[first : first + size])
            for first in range(0, states.shape[1], size)
        ]
        return np.concatenate(pieces)

    def _draw(self, states: States, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """(sentences,) a word for each state, by a random number each; so few that the words of all can be kept."""
        keys = self._histories.keys(states)
        distinct, places = np.unique(keys, return_index=True)
        if self._bounds[-1] + np.count_nonzero(self._numbers[distinct] == 0) * self._top > self._room:
            self._forget()
        new = self._numbers[distinct] == 0
        if new.any():
            self._keep(distinct[new], states[:, places[new]])
        rows = self._numbers[keys] - 1
        starts, ends = self._bounds[rows], self._bounds[rows + 1]
        words = np.full(len(rows), NO_WORD, np.int64)
        filled = np.flatnonzero(ends > starts)
        sought = np.floor(numbers[filled] * self._shares[ends[filled] - 1]).astype(np.int64)
        words[filled] = self._words[sums_above(self._shares, starts[filled], ends[filled], sought)]
        return words

    def _forget(self) -> None:
        """Keep nothing any more."""
        self._numbers[np.concatenate(self._kept_keys)] = 0
        self._kept_keys, self._bounds = [np.zeros(0, np.int64)], np.zeros(1, np.int64)

    def _keep(self, keys: Places, states: States) -> None:
        """Find the best words of histories, and keep them."""
        best = self.find(states)
        powers = best.log10_probs * self._power
        self._numbers[keys] = len(self._bounds) + np.arange(len(keys), dtype=np.int32)
        self._kept_keys.append(keys)
        here = slice(int(self._bounds[-1]), int(self._bounds[-1]) + len(best.words))
        self._words[here], self._shares[here] = best.words, cumulative_shares(powers, best.bounds)
        self._bounds = np.concatenate((self._bounds, best.bounds[1:] + here.start))

    def find(self, states: States) -> Best:
        """The most probable words of histories, given by distinct states (order, histories)."""
        model, ranked = self._model, self._ranked
        best = Best(states.shape[1], self._top, ranked.ranks)
        backoffs = np.zeros(states.shape)  # log10 of those of the histories of each length
        for length in range(1, len(states)):
            stored = states[length] >= 0  # of an order without any n-gram, none is
            backoffs[length, stored] = model.values.log10_backoffs_of(length, states[length, stored])
        stored_above = np.zeros(states.shape[1], np.int64)
        for length in range(len(states) - 1, -1, -1):
            ranked.sort(length, states[length])
            starts, ends = ranked.rows(length, states[length])
            scale = backoffs[length + 1 :].sum(axis=0)
            possible = scale > -np.inf
            least = np.subtract(best.least, scale, out=np.full(len(scale), np.inf), where=possible) - SLACK
            last = np.minimum(ranked.until(length, starts, ends, least), starts + self._top + stored_above)
            places, owners = row_places(starts, last - starts)
            entries = ranked.entries(length, places)
            words = model.orders[length].indices[entries]
            is_new = np.ones(len(words), bool)
            values = ranked.log10_probs(length, entries)
            for longer in range(length + 1, len(states)):
                is_new[is_new] = self._histories.find(longer, states[longer, owners[is_new]], words[is_new]) < 0
                values += backoffs[longer, owners]
            best.add(owners[is_new], words[is_new], values[is_new])
            stored_above += ends - starts
        return best
