"""Choosing words of predicted distributions: by temperature, among the most probable ones, with random numbers that have places.

Shares are whole numbers, whose sums are the same on any machine; of equally probable words the first by code point wins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.scoring.generating.draws import WordDraws
from lmkit.scoring.protocol import LN_10, LogitPredictor, Model, Predictor, most_sentences, predictor_of
from lmkit.text.settings import has_marks
from lmkit.text.vocabulary import events_mask

UNITS = 2.0**52  # shares of a history are multiples of 1 / UNITS: sums of whole numbers up to 2**53 are exact
NO_WORD = -1  # where a history has no continuation
GREEDY_BELOW = 1e-9  # a temperature at which rounding would choose among the most probable words
BATCH = 1 << 14  # sentences side by side, at most
CELLS = 1 << 22  # probabilities of whole distributions held at a time, about
CACHED = 1 << 15  # of them that are worked on at a time: they stay in the cache
SEARCHED = 1 << 7  # shares that are added up together, among which a word is then looked for


@dataclass(frozen=True)
class Choice:
    """How words are chosen."""

    temperature: float = 1.0  # T: from p^(1/T), renormalised; 0: always the most probable word
    top: int | None = None  # from that many most probable words only
    unknown: bool = False  # whether <unk> may be drawn

    @property
    def is_greedy(self) -> bool:
        """Whether nothing is left to chance."""
        return self.temperature < GREEDY_BELOW

    def excluded(self, model: Model) -> NDArray[np.bool_]:
        """(types,) words that are never drawn."""
        closed, marks = model.closed or not self.unknown, has_marks(model.settings)
        return ~events_mask(len(model.vocabulary), closed=closed, marks=marks)


class Chooser(Protocol):
    """What draws the next words of sentences, whose states are those of a predictor."""

    rows: int  # of random numbers that belong to a word
    batch: int  # sentences side by side, at most

    def draw(self, state: Any, draws: WordDraws) -> NDArray[np.int64]:
        """(sentences,) a word for each; NO_WORD where no word has a probability above 0."""


@runtime_checkable
class ChoosingPredictor(Predictor, Protocol):
    """A predictor that draws words without making the whole distribution."""

    def chooser(self, choice: Choice) -> Chooser:
        """What draws them."""


def prepared(model: Model, choice: Choice) -> tuple[Predictor, Chooser]:
    """The predictor of a model and what chooses words of its predictions. DataError for a model that has none."""
    predictor = predictor_of(model)
    if isinstance(predictor, ChoosingPredictor):
        return predictor, predictor.chooser(choice)
    return predictor, DenseChooser(model, predictor, choice)


class DenseChooser:
    """Draws words of whole distributions."""

    rows = 1

    def __init__(self, model: Model, predictor: Predictor, choice: Choice) -> None:
        types = len(model.vocabulary)
        self.batch = most_sentences(predictor, min(BATCH, max(CELLS // types, 1)))
        by_rank = np.argsort(model.vocabulary.code_point_ranks())
        self._words = by_rank[~choice.excluded(model)[by_rank]]  # that can be drawn, by code point
        self._top = 1 if choice.is_greedy else choice.top
        self._logs: Callable[[Any], FloatArray] = predictor.log10_probs
        unit = LN_10
        if isinstance(predictor, LogitPredictor):  # of which words are drawn without making them probabilities first
            self._logs, unit = predictor.logits, 1.0
        self._power = unit if choice.is_greedy else unit / choice.temperature

    def draw(self, state: Any, draws: WordDraws) -> NDArray[np.int64]:
        """(sentences,) a word for each; NO_WORD where no word has a probability above 0."""
        logs = self._logs(state)
        numbers = draws.take(0, np.arange(len(logs)))
        found, step = np.empty(len(logs), np.int64), max(CACHED // logs.shape[1], 1)
        for at in range(0, len(found), step):
            found[at : at + step] = self._drawn(logs[at : at + step], numbers[at : at + step])
        return found

    def _drawn(self, logs: FloatArray, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """(rows,) the words that these numbers (rows,) choose. logs: (rows, types) of weights."""
        values, words = logs.take(self._words, axis=1), self._words[None]
        if self._top is not None and self._top < values.shape[1]:
            kept = most_probable(values, self._top)
            values = values[kept].reshape(-1, self._top)
            words = np.broadcast_to(words, kept.shape)[kept].reshape(-1, self._top)
        found = shares(values, self._power)
        totals = found.sum(axis=1)
        places = place_in(found, np.minimum(np.floor(numbers * totals), totals - 1))  # the product may round up
        drawn = np.broadcast_to(words, found.shape)[np.arange(len(found)), places]
        return np.where(totals > 0, drawn, NO_WORD)


def shares(logs: FloatArray, power: float) -> NDArray[np.float64]:
    """(rows, words) the shares of the words of each row, e^(power · logs), in units of 1 / UNITS: whole numbers.

    They are as exact as the logs (rows, words). All are 0 where no word has a weight.
    """
    largest = logs.max(axis=1, keepdims=True)
    weights = logs - np.where(np.isneginf(largest), logs.dtype.type(0), largest)
    weights *= power
    np.exp(weights, out=weights)
    masses = weights.sum(axis=1, keepdims=True).astype(np.float64)  # about: the shares are summed up again
    found: NDArray[np.float64] = weights * (UNITS / np.where(masses > 0, masses, 1.0))
    return np.rint(found, out=found)


def place_in(shares: NDArray[np.float64], sought: NDArray[np.float64]) -> NDArray[np.int64]:
    """(rows,) the first place of each row up to which its shares (rows, words) sum to more than is sought (rows,); 0 for what is below 0.

    Sought is less than the sum of the row. Sums of whole numbers are exact: those of SEARCHED shares say among which the place is.
    """
    starts = np.arange(0, shares.shape[1], SEARCHED)
    sums = np.add.reduceat(shares, starts, axis=1)
    after = np.cumsum(sums, axis=1)
    part = (after <= sought[:, None]).sum(axis=1)
    rows = np.arange(len(shares))
    left = sought - (after[rows, part] - sums[rows, part])
    near = np.minimum(starts[part][:, None] + np.arange(SEARCHED), shares.shape[1] - 1)  # the last again: never reached
    here = np.cumsum(shares[rows[:, None], near], axis=1)
    found: NDArray[np.int64] = starts[part] + (here <= left[:, None]).sum(axis=1)
    return found


def most_probable(values: FloatArray, number: int) -> NDArray[np.bool_]:
    """(rows, words) which words of each row are its so many largest values; of equal ones the first."""
    least = np.partition(values, values.shape[1] - number, axis=1)[:, -number, None]
    kept: NDArray[np.bool_] = values >= least
    for row in np.flatnonzero(np.count_nonzero(kept, axis=1) > number):
        ties = np.flatnonzero(values[row] == least[row])
        kept[row, ties[number - np.count_nonzero(kept[row]) :]] = False
    return kept
