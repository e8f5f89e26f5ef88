"""Scoring: the log10 probability of every token of encoded text under a backoff model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import CellIndex
from lmkit.ngrams.backoff.full_histories import backing_off, unseen_log10_probs
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.block import block_orders
from lmkit.scoring.protocol import TokenScores
from lmkit.text.vocabulary import BOS


class BackoffScorer:
    """A model prepared for scoring many blocks of text."""

    independent_blocks = True

    def __init__(self, model: NgramModel) -> None:
        self.model = model = backing_off(model)  # in text, all histories are full
        types = len(model.vocabulary)
        self._nested = model.nested
        self._cells = [CellIndex(order.indptr, order.indices, types) for order in model.orders[1:]]

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences. tokens: (tokens,) ids of the model's vocabulary.

        The distinct n-grams of the block are found first, as for counting. Each is looked up once, in ascending order:
        its log10 probability is the one stored, or else the backoff of its history plus that of its suffix.
        """
        model = self.model
        values = [model.log10_probs[0].astype(np.float64)]  # log10 probabilities of the distinct n-grams of each length
        matches = [np.ones(len(values[0]), np.int16)]  # lengths of the n-grams that they are stored with
        entries = np.arange(-1, len(values[0]), dtype=np.int32)  # theirs in the model, after a -1; -1: none
        place = tokens.copy()  # of the longest n-gram that ends at each position, among all distinct ones
        before = 0  # distinct n-grams of shorter lengths
        starts = [0]  # where those of each length begin among all

        def stored_at(positions: IndexArray) -> IndexArray:
            """(positions,) the entry of the n-gram of the length before that ends there; -1: none."""
            places = place.take(positions) - np.int32(before - 1)
            found: IndexArray = entries.take(places, mode="clip")  # shorter n-grams come to the -1
            return found

        def history_is_stored(ends: IndexArray) -> NDArray[np.bool_]:
            return stored_at(ends - np.int32(1)) >= 0

        blocks = block_orders(tokens, model.order, len(model.vocabulary), history_is_stored if self._nested else None)
        next(blocks)
        for k, found in enumerate(blocks, start=1):
            lasts = found.ends.take(found.bounds[:-1])
            histories, words = stored_at(lasts - np.int32(1)), tokens.take(lasts)
            log10_probs, matched = values[-1].take(found.suffixes), matches[-1].take(found.suffixes)
            before += len(values[-1])
            starts.append(before)
            entries = np.full(len(log10_probs) + 1, -1, histories.dtype)
            if self._nested:
                log10_probs += model.log10_backoffs[k - 1].take(histories)
                entries[1:] = self._cells[k - 1].lookup(histories, words)
            else:
                known = np.flatnonzero(histories >= 0)
                histories, words = histories.take(known), words.take(known)
                log10_probs[known] += model.log10_backoffs[k - 1].take(histories)
                entries[1 + known] = self._cells[k - 1].lookup(histories, words)
            hits = np.flatnonzero(entries[1:] >= 0)
            log10_probs[hits] = model.log10_probs[k].take(entries[1:].take(hits))
            matched[hits] = k + 1
            place[found.ends] = found.entries + np.int32(before)
            values.append(log10_probs)
            matches.append(matched)
        predicted = np.flatnonzero(tokens != BOS)
        known_tokens, place = tokens.take(predicted), place.take(predicted)
        token_probs, token_matches = np.concatenate(values).take(place), np.concatenate(matches).take(place)
        if model.unseen_log10_backoff:
            lengths = np.searchsorted(
                np.array(starts), place, side="right"
            )  # of the longest n-grams with a stored history
            unseen = histories_available(tokens, model.order - 1).take(predicted) - (lengths - 1)
            token_probs += model.unseen_log10_backoff * unseen
        return TokenScores.of(known_tokens, token_probs, token_matches)


def histories_available(tokens: NDArray[np.int32], longest: int) -> NDArray[np.int64]:
    """(tokens,) how many words, <s> included, stand before each in its sentence, up to `longest`."""
    places = np.arange(len(tokens))
    starts = np.maximum.accumulate(np.where(tokens == BOS, places, 0))
    return np.minimum(places - starts, longest)


def scores_after(model: NgramModel, entries: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.int16]]:
    """log10 p(w | history) of every word w by id, and the length of the n-gram that gave it: (types,) each.

    entries: of the last word of the history, of its last two words, …, at most n−1; -1 where these are not stored.
    """
    log10_probs = model.log10_probs[0].astype(np.float64)
    matched_orders = np.ones(len(log10_probs), np.int16)
    for length, entry in enumerate(entries, start=1):
        if model.full_histories_only:
            log10_probs = unseen_log10_probs(model).astype(np.float64)
        if entry < 0:
            log10_probs += model.unseen_log10_backoff
            continue
        longer = model.orders[length]
        row = slice(*longer.indptr[entry : entry + 2].tolist())
        log10_probs += model.log10_backoffs[length - 1][entry]
        log10_probs[longer.indices[row]] = model.log10_probs[length][row]
        matched_orders[longer.indices[row]] = length + 1
    return log10_probs, matched_orders
