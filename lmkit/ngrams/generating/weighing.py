"""Drawing from histories at which proposals are refused again and again: each word that is stored is weighed.

These are histories after which a word that is all but certain after the shorter ones is discounted, as </s> after a full
stop in models that are not interpolated. Words that are stored neither there nor after a shorter history share what is left
in proportion to their unigram probabilities, in whose running sums they are found without looking at each.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.generating.proposals import Proposals
from lmkit.ngrams.trie.rows import Places
from lmkit.scoring.generating.choosing import NO_WORD, UNITS

KEPT = 1 << 22  # words of histories that are kept for when they come again
LEAST_REST = 2.0**32  # of UNITS; below, the difference that the other words are found by would not be exact enough


@dataclass(frozen=True, eq=False)
class Weighed:
    """The words after one history."""

    words: NDArray[np.int64]  # (words,) those weighed, ascending
    sums: NDArray[np.int64]  # (words,) of their shares, up to each of them
    unigram_sums: NDArray[np.int64]  # (words,) of their shares as unigrams, up to each of them
    rest: int  # share of all other words


class Weighing:
    """A model whose words are weighed history by history, and the last ones of these."""

    def __init__(self, model: NgramModel, histories: Histories, proposals: Proposals) -> None:
        self._model, self._histories, self._proposals = model, histories, proposals
        self._unigrams = np.diff(proposals.shares[0], prepend=0)
        self._kept: dict[int, Weighed] = {}
        self._size = 0

    def draw(
        self, states: States, numbers: NDArray[np.float64], more_numbers: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """(sentences,) a word for each state, by two random numbers each; NO_WORD where none has a weight."""
        words = np.full(states.shape[1], NO_WORD, np.int64)
        keys, firsts, rows = np.unique(self._histories.keys(states), return_index=True, return_inverse=True)
        order = np.argsort(rows, kind="stable")
        groups = np.split(order, np.searchsorted(rows[order], np.arange(1, len(keys))))
        for key, first, group in zip(keys.tolist(), firsts.tolist(), groups, strict=True):
            weighed = self._weighed(key, states[:, first])
            own = int(weighed.sums[-1]) if len(weighed.sums) else 0
            sought = np.floor(numbers[group] * (own + weighed.rest)).astype(np.int64)
            takes = sought < own
            words[group[takes]] = weighed.words[np.searchsorted(weighed.sums, sought[takes], side="right")]
            if weighed.rest:
                words[group[~takes]] = self._draw_rest(weighed, more_numbers[group[~takes]])
        return words

    def _draw_rest(self, weighed: Weighed, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """(numbers,) a word by a random number each among those that were not weighed."""
        sums = self._proposals.shares[0]
        left_out = np.concatenate((np.zeros(1, np.int64), weighed.unigram_sums))
        sought = np.floor(numbers * int(sums[-1] - left_out[-1])).astype(np.int64)
        # The place of a sum from which those of all weighed words up to there are taken away: first among the weighed
        # words, of which none is found itself, then, as so much is known to be left out, among all.
        before = np.searchsorted(sums[weighed.words] - weighed.unigram_sums, sought, side="right")
        return np.searchsorted(sums, sought + left_out[before], side="right").astype(np.int64)

    def _weighed(self, key: int, state: Places) -> Weighed:
        """The words after the history of this key."""
        if key not in self._kept:
            weighed = self._weigh(state)
            self._size += len(weighed.words)
            if self._size > KEPT:
                self._kept, self._size = {}, len(weighed.words)
            self._kept[key] = weighed
        return self._kept[key]

    def _weigh(self, state: Places) -> Weighed:
        """The words after the history of a state (order,)."""
        entries, values, backoff = [np.zeros(0, np.int64)], [np.zeros(0)], 0.0
        for length in (np.flatnonzero(state[1:] >= 0)[::-1] + 1).tolist():
            order, row = self._model.orders[length], int(state[length])
            places = np.arange(order.indptr[row], order.indptr[row + 1], dtype=np.int64)
            entries.append(order.indices[places].astype(np.int64))
            values.append(self._proposals.powers(length, places) + backoff)
            backoff += float(self._proposals.backoffs(length, state[length : length + 1])[0])
        words, firsts = np.unique(np.concatenate(entries), return_index=True)  # those of the longest history
        unigram_sums = np.cumsum(self._unigrams[words])
        rest = float(self._unigrams.sum() - self._unigrams[words].sum())
        weights = np.concatenate(values)[firsts]
        if rest < LEAST_REST and backoff > -math.inf:
            every = self._proposals.powers(0, np.arange(len(self._unigrams))) + backoff
            every[words] = weights
            words, weights, unigram_sums, rest = np.arange(len(every)), every, np.zeros(len(every), np.int64), 0.0
        log10_rest = math.log10(rest / UNITS) + self._proposals.log10_mass + backoff if rest else -math.inf
        largest = max(weights.max(initial=-math.inf), log10_rest)
        if largest == -math.inf:
            return Weighed(words[:0], unigram_sums[:0], unigram_sums[:0], 0)
        shares, rest = 10.0 ** (weights - largest), 10.0 ** (log10_rest - largest)
        unit = UNITS / (shares.sum() + rest)
        return Weighed(words, np.cumsum(np.rint(shares * unit).astype(np.int64)), unigram_sums, round(rest * unit))
