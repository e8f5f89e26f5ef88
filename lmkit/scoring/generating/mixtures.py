"""A mixture as a predictor: what each model predicts, and the weighted sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.mixture import Mixture, mixed
from lmkit.scoring.protocol import Predictor, most_sentences, predictor_of

MOST_SENTENCES = 1 << 14  # that are predicted side by side


@dataclass(frozen=True, eq=False)
class MixtureState:
    """Where sentences are in a mixture."""

    of_models: list[Any]  # their states
    of_buckets: Any


class MixturePredictor:
    """A mixture prepared for predicting the next words."""

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._predictors: list[Predictor] = [predictor_of(model) for model in mixture.models]
        self.batch = min(most_sentences(predictor, MOST_SENTENCES) for predictor in self._predictors)

    def start(self, ids: Sequence[int], sentences: int) -> MixtureState:
        """The state of sentences that begin with these ids."""
        parts = zip(self._predictors, self._mixture.word_maps, strict=True)
        of_models = [
            predictor.start(words.ids.take(np.array(ids, np.int64)).tolist(), sentences) for predictor, words in parts
        ]
        return MixtureState(of_models, self._mixture.buckets.start(ids, sentences))

    def log10_probs(self, state: MixtureState) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        parts = zip(self._predictors, self._mixture.word_maps, state.of_models, strict=True)
        each = [predictor.log10_probs(one)[:, words.ids] + words.log10_shares for predictor, words, one in parts]
        return mixed(np.array(each), self._mixture.weights_in(self._mixture.buckets.numbers(state.of_buckets)))

    def extend(self, state: MixtureState, kept: NDArray[np.int64], words: NDArray[np.int64]) -> MixtureState:
        """The state of the kept sentences after one more word each."""
        parts = zip(self._predictors, self._mixture.word_maps, state.of_models, strict=True)
        of_models = [predictor.extend(one, kept, own.ids.take(words).astype(np.int64)) for predictor, own, one in parts]
        return MixtureState(of_models, self._mixture.buckets.extend(state.of_buckets, kept, words))
