"""The model that knows nothing: whatever can be predicted is equally probable.

In a mixture, it gives something to words that no other model expects.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lmkit.one_line import one_line
from lmkit.scoring.protocol import TokenScores
from lmkit.scoring.traits import Traits
from lmkit.signature import openness, signature
from lmkit.text.settings import TextSettings, has_marks
from lmkit.text.vocabulary import Vocabulary, events_mask, predicted_in

if TYPE_CHECKING:
    from lmkit.scoring.explaining.explanation import ExplainedWord, Step


@one_line
@dataclass(frozen=True, eq=False)
class UniformModel:
    """Equal probabilities of all words that can be predicted."""

    vocabulary: Vocabulary
    settings: TextSettings | None = None
    closed: bool = False

    order = None
    method = "uniform"
    traits = Traits()

    def signature(self, settings: TextSettings | None = None) -> str:
        """All that shapes its figures (settings: see `NgramModel.signature`)."""
        used = settings or self.settings
        made = {"model": self.method, "types": len(self.vocabulary)} | openness(self.closed)
        return signature(made | ({} if used is None else used.for_signature()))

    @cached_property
    def log10_probs(self) -> NDArray[np.float64]:
        """(types,) of each word; -inf for what is never predicted."""
        return equal_log10_probs(self.vocabulary, self.settings, closed=self.closed)

    def scorer(self) -> "UniformScorer":
        """One for texts."""
        return UniformScorer(self)

    def predictor(self) -> "UniformPredictor":
        """One for sentences."""
        return UniformPredictor(self)

    def explain(self, sentence: str) -> "list[ExplainedWord]":
        """How the probability of each word of a sentence comes about."""
        from lmkit.scoring.explaining.caches import explain_uniform

        return explain_uniform(self, sentence)

    def steps(self, tokens: NDArray[np.int32]) -> "list[Step]":
        """How those of the predicted tokens of whole padded sentences come about (see `OneStep`)."""
        from lmkit.scoring.explaining.caches import uniform_step

        return [uniform_step(self.log10_probs, word) for word in tokens[predicted_in(tokens)].tolist()]


class UniformScorer:
    """The model prepared for scoring."""

    independent_blocks = True

    def __init__(self, model: UniformModel) -> None:
        self._log10_probs = model.log10_probs

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences."""
        return TokenScores.in_text(tokens, self._log10_probs.take(tokens[predicted_in(tokens)]))


class UniformPredictor:
    """The model prepared for predicting: a state is the number of sentences."""

    def __init__(self, model: UniformModel) -> None:
        self._log10_probs = model.log10_probs

    def start(self, ids: object, sentences: int) -> int:  # noqa: ARG002 (how they begin does not matter)
        """The state of so many sentences."""
        return sentences

    def log10_probs(self, state: int) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        return np.tile(self._log10_probs, (state, 1))

    def extend(self, state: int, kept: NDArray[np.int64], words: NDArray[np.int64]) -> int:  # noqa: ARG002
        """The state of the kept sentences."""
        return len(kept)


def equal_log10_probs(vocabulary: Vocabulary, settings: TextSettings | None, *, closed: bool) -> NDArray[np.float64]:
    """(types,) the same for each word that can be predicted; -inf for the others."""
    events = events_mask(len(vocabulary), closed=closed, marks=has_marks(settings))
    found: NDArray[np.float64] = np.where(events, -math.log10(max(int(np.count_nonzero(events)), 1)), -np.inf)
    return found
