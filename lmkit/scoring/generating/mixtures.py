"""A mixture as a predictor: what each model predicts, and the weighted sum."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.mixture import Mixture, mixed
from lmkit.scoring.protocol import Predictor, most_sentences, predictor_of

MOST_SENTENCES = 1 << 14  # that are predicted side by side


class MixturePredictor:
    """A mixture prepared for predicting the next words: a state is a list of the states of its models."""

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._predictors: list[Predictor] = [predictor_of(model) for model in mixture.models]
        self.batch = min(most_sentences(predictor, MOST_SENTENCES) for predictor in self._predictors)

    def start(self, ids: Sequence[int], sentences: int) -> list[Any]:
        """The state of sentences that begin with these ids."""
        return [
            predictor.start(words.ids.take(np.array(ids, np.int64)).tolist(), sentences)
            for predictor, words in zip(self._predictors, self._mixture.word_maps, strict=True)
        ]

    def log10_probs(self, state: list[Any]) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        parts = zip(self._predictors, self._mixture.word_maps, state, strict=True)
        each = [predictor.log10_probs(one)[:, words.ids] + words.log10_shares for predictor, words, one in parts]
        return mixed(np.array(each), self._mixture.weights)

    def extend(self, state: list[Any], kept: NDArray[np.int64], words: NDArray[np.int64]) -> list[Any]:
        """The state of the kept sentences after one more word each."""
        parts = zip(self._predictors, self._mixture.word_maps, state, strict=True)
        return [predictor.extend(one, kept, own.ids.take(words).astype(np.int64)) for predictor, own, one in parts]
