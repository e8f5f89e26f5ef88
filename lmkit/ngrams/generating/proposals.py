"""The weights with which words are proposed when a backoff model is sampled.

A temperature T makes of each probability its power β = 1/T, which is renormalised. A word is proposed with a weight that
is never below p(w|h)^β, nor below what backing off gives:

    m(w|h) = max(p(w|h)^β, γ(h)^β m(w|h'))  if hw is stored, else γ(h)^β m(w|h')

so that the weights of a history are those of the shorter one, scaled, with something on top for words that are stored:

    Σ_w m(w|h) = Σ_stored (m(w|h) − γ(h)^β m(w|h')) + γ(h)^β Σ_w m(w|h')

In interpolated models m is p^β itself. Nothing has to sum to 1 for this; words that are excluded have weight 0.

What a row needs is worked out when it is first used. There is room for all rows, but memory that is never written to costs
nothing.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.sparse import row_sums
from lmkit.ngrams.backoff.full_histories import for_drawing
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.trie.rows import Places, row_places, running_sums
from lmkit.ngrams.values.protocol import log10
from lmkit.scoring.generating.choosing import UNITS

PIECE = 1 << 20  # n-grams worked out at a time, about


class Proposals:
    """A model at one temperature, and what its rows needed so far. Arrays by length of the history, 0 … n−1."""

    def __init__(
        self, model: NgramModel, histories: Histories, excluded: NDArray[np.bool_], temperature: float = 1.0
    ) -> None:
        """excluded: (types,) words that are never drawn; temperature: above 0."""
        model = for_drawing(model)
        self._model, self._histories, self._excluded = model, histories, excluded
        self._power = 1.0 / temperature
        rows = [len(order.indptr) - 1 for order in model.orders]
        self._is_ready = [np.zeros(size, bool) for size in rows]
        self._log10_masses = [np.empty(size) for size in rows]  # of Σ_w m(w|h)
        self.log10_weights = [np.empty(len(order)) for order in model.orders]  # (n-grams,) of m(w|h)
        self.shares = [
            np.empty(len(order), np.int64) for order in model.orders
        ]  # on top, summed up along rows, in UNITS
        self.tails = [np.empty(size, np.int64) for size in rows]  # (histories,) what falls to the shorter one, in UNITS
        self.exceed = False  # whether there is an m(w|h) above p(w|h)^β
        self._work_out(0, np.zeros(1, np.int64), np.zeros((model.order, 1), np.int64))

    @property
    def log10_mass(self) -> float:
        """log10 of Σ_w m(w) of the empty history."""
        return float(self._log10_masses[0][0])

    def powers(self, length: int, entries: Places) -> NDArray[np.float64]:
        """(entries,) log10 of p(w|h)^β of stored n-grams with histories of this length, -inf for excluded words."""
        values = self._model.values.log10_probs_of(length + 1, entries) * np.float64(self._power)
        values[self._excluded[self._model.orders[length].indices[entries]]] = -np.inf
        return values

    def backoffs(self, length: int, entries: Places) -> NDArray[np.float64]:
        """(entries,) log10 of γ(h)^β of histories of this length, which are stored or -1: 0 then."""
        values = self._model.values.log10_backoffs_of(length, np.maximum(entries, 0)) * np.float64(self._power)
        return np.where(entries >= 0, values, 0.0)

    def acceptance(self, states: States, words: NDArray[np.int64]) -> NDArray[np.float64]:
        """(sentences,) p(w|h)^β / m(w|h) of proposed words: that of the longest n-gram of the word that is stored."""
        log10_ratios, left = np.zeros(len(words)), np.arange(len(words))
        for length in range(self._model.order - 1, -1, -1):
            entries = self._histories.find(length, states[length, left], words[left])
            hits = entries >= 0
            entries = entries[hits]
            log10_ratios[left[hits]] = self.powers(length, entries) - self.log10_weights[length][entries]
            left = left[~hits]
        return 10.0**log10_ratios

    def prepare(self, states: States) -> None:
        """Work out what the rows of these states need, those of shorter histories first."""
        for length in range(1, self._model.order):
            rows = states[length]
            new = np.flatnonzero(rows >= 0)
            new = new[~self._is_ready[length][rows[new]]]
            if not len(new):
                continue
            distinct, places = np.unique(rows[new], return_index=True)
            chains = states[:, new[places]]
            sizes = np.cumsum(self._lengths(length, distinct))
            cuts = np.searchsorted(sizes, np.arange(PIECE, int(sizes[-1]), PIECE)) + 1
            bounds = np.unique([0, *cuts.tolist(), len(distinct)]).tolist()
            for first, last in pairwise(bounds):
                self._work_out(length, distinct[first:last], chains[:, first:last])

    def _lengths(self, length: int, rows: Places) -> Places:
        """(rows,) how many words are stored after histories of this length."""
        indptr = self._model.orders[length].indptr
        return indptr[rows + 1].astype(np.int64) - indptr[rows]

    def _work_out(self, length: int, rows: Places, chains: States) -> None:
        """Work out rows of one order. chains: (order, rows) their states; those of shorter histories are ready."""
        order = self._model.orders[length]
        lengths = self._lengths(length, rows)
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        places, row_of = row_places(order.indptr[rows].astype(np.int64), lengths)
        below = np.full(len(places), -np.inf)
        tails = np.full(len(rows), -np.inf)
        if length:
            backoffs = self.backoffs(length, rows)
            below = self._weights_below(length, chains, row_of, order.indices[places]) + backoffs[row_of]
            tails = self._masses_below(length, chains) + backoffs
        powers = self.powers(length, places)
        weights = np.maximum(powers, below)
        self.exceed = self.exceed or bool((weights > powers).any())
        largest = tails.copy()
        filled = np.flatnonzero(lengths)
        largest[filled] = (
            np.maximum(largest[filled], np.maximum.reduceat(weights, bounds[filled])) if len(filled) else 0
        )
        largest[np.isneginf(largest)] = 0.0
        own = 10.0 ** (weights - largest[row_of]) - 10.0 ** (below - largest[row_of])
        tail = 10.0 ** (tails - largest)
        masses = row_sums(bounds, own) + tail
        units = np.divide(UNITS, masses, out=np.zeros(len(rows)), where=masses > 0)
        self.log10_weights[length][places] = weights
        self.shares[length][places] = running_sums(np.rint(own * units[row_of]).astype(np.int64), bounds)
        self.tails[length][rows] = np.rint(tail * units).astype(np.int64)
        self._log10_masses[length][rows] = log10(masses) + largest
        self._is_ready[length][rows] = True

    def _weights_below(
        self, length: int, chains: States, row_of: Places, words: NDArray[np.signedinteger]
    ) -> NDArray[np.float64]:
        """(n-grams,) log10 m(w|h') of the n-grams of some histories of this length: found where it is stored, or else scaled."""
        values, left = np.zeros(len(words)), np.arange(len(words))
        for shorter in range(length - 1, -1, -1):
            histories = chains[shorter, row_of[left]]
            entries = self._histories.find(shorter, histories, words[left])
            hits = entries >= 0
            values[left[hits]] += self.log10_weights[shorter][entries[hits]]
            if shorter:
                left, histories = left[~hits], histories[~hits]
                values[left] += self.backoffs(shorter, histories)
        return values

    def _masses_below(self, length: int, chains: States) -> NDArray[np.float64]:
        """(histories,) log10 of Σ_w m(w|h') for histories of this length; h' is the longest shorter one that is stored."""
        masses = np.empty(chains.shape[1])
        left = np.arange(len(masses))
        for shorter in range(length - 1, -1, -1):
            is_stored = chains[shorter, left] >= 0
            masses[left[is_stored]] = self._log10_masses[shorter][chains[shorter, left[is_stored]]]
            left = left[~is_stored]
        return masses
