"""Predicting the next word by what a sentence has said."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.caching import CacheModel
from lmkit.text.vocabulary import BOS, UNK

EMPTY = BOS  # in the place of a word of a sentence that has said less: <s> is never in a cache


class CachePredictor:
    """A cache prepared for predicting: a state is what each sentence has said, (sentences, words), its last word last, EMPTY before its first."""

    def __init__(self, model: CacheModel) -> None:
        self._model = model

    def start(self, ids: Sequence[int], sentences: int) -> NDArray[np.int32]:
        """The state of sentences that begin with these ids."""
        said = np.array([word for word in ids if word not in (BOS, UNK)][-self._model.size :], np.int32)
        return np.tile(said, (sentences, 1))

    def log10_probs(self, state: NDArray[np.int32]) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        model, (sentences, words) = self._model, state.shape
        rows, columns = np.nonzero(state != EMPTY)
        places = rows * len(model.vocabulary) + state[rows, columns]
        weights = model.weights.take(words - 1 - columns)
        sums = np.bincount(places, weights, sentences * len(model.vocabulary)).reshape(sentences, -1)
        lengths = np.count_nonzero(state != EMPTY, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: NDArray[np.float64] = np.log10(sums / model.totals.take(lengths)[:, None])
        found[lengths == 0] = model.empty_log10_probs
        return found

    def extend(self, state: NDArray[np.int32], kept: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int32]:
        """The state of the kept sentences after one more word each."""
        before, added = state[kept], words[:, None].astype(np.int32)
        said = np.concatenate((before, added), axis=1)
        unknown = words == UNK
        said[unknown, 1:], said[unknown, 0] = before[unknown], EMPTY
        return said[:, -self._model.size :]
