"""A backoff model as a predictor: histories are places in the model, and words are drawn without looking at all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.scorer import scores_after
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.generating.sampling import Sampler, draw_rows
from lmkit.ngrams.generating.top_words import TopWords
from lmkit.scoring.generating.choosing import BATCH, Choice, Chooser, DenseChooser
from lmkit.scoring.generating.draws import WordDraws
from lmkit.text.settings import has_marks


@dataclass(frozen=True, eq=False)
class BackoffState:
    """Where sentences of the same length are in a model."""

    entries: States  # (order, sentences) of the last words of each
    words: int  # that each has so far, <s> included


class BackoffPredictor:
    """A model prepared for predicting the next words of many sentences at once."""

    def __init__(self, model: NgramModel) -> None:
        self._model, self._histories = model, Histories(model)

    def start(self, ids: Sequence[int], sentences: int) -> BackoffState:
        """The state of sentences that begin with these ids."""
        return BackoffState(np.repeat(self._histories.state_after(ids), sentences, axis=1), len(ids))

    def log10_probs(self, state: BackoffState) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        return np.array([log10_probs for log10_probs, _ in self._scores(state)])

    def matched_orders(self, state: BackoffState) -> NDArray[np.int16]:
        """(sentences, types) the length of the n-gram that gives each probability."""
        return np.array([orders for _, orders in self._scores(state)])

    def extend(self, state: BackoffState, kept: NDArray[np.int64], words: NDArray[np.int64]) -> BackoffState:
        """The state of the kept sentences after one more word each."""
        return BackoffState(self._histories.extend(state.entries[:, kept], words), state.words + 1)

    def chooser(self, choice: Choice) -> Chooser:
        """What draws words: from all of them, or some of the most probable ones."""
        if self._model.traits.full_histories_only and not has_marks(self._model.settings):
            return DenseChooser(self._model, self, choice)  # places in the model do not show which histories are full
        model, histories, excluded = self._model, self._histories, choice.excluded(self._model)
        if choice.is_greedy:
            return BackoffChooser(model, TopWords(model, histories, excluded, 1))
        if choice.top is not None and choice.top < len(model.vocabulary) - np.count_nonzero(excluded):
            return BackoffChooser(model, TopWords(model, histories, excluded, choice.top, choice.temperature))
        return BackoffChooser(model, Sampler(model, histories, excluded, choice.temperature))

    def _scores(self, state: BackoffState) -> list[tuple[NDArray[np.float64], NDArray[np.int16]]]:
        """The log10 probabilities of each sentence, and the lengths of the n-grams that give them: (types,) each."""
        lengths = min(state.words, self._model.order - 1)
        return [scores_after(self._model, entries) for entries in state.entries[1 : lengths + 1].T.tolist()]


class BackoffChooser:
    """Draws words from a backoff model."""

    batch = BATCH

    def __init__(self, model: NgramModel, drawing: Sampler | TopWords) -> None:
        self.rows = draw_rows(model.order)
        self._drawing = drawing

    def draw(self, state: BackoffState, draws: WordDraws) -> NDArray[np.int64]:
        """(sentences,) a word for each; NO_WORD where no word has a probability above 0."""
        return self._drawing.draw(state.entries, draws)
