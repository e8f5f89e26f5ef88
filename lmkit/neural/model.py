"""A neural model: what training gives, files hold, and scoring, predicting and everything else takes (`lmkit.scoring.protocol.Model`)."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.errors import DataError
from lmkit.neural.architectures.network import Network, Shape
from lmkit.neural.architectures.table import ARCHITECTURES, choices_of
from lmkit.neural.parameters import Parameters
from lmkit.neural.predicting.softmax import SoftmaxPredictor
from lmkit.one_line import one_line
from lmkit.scoring.protocol import LN_10, TokenScores
from lmkit.scoring.traits import Traits
from lmkit.signature import openness, signature
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import Vocabulary, predicted_in

if TYPE_CHECKING:
    from lmkit.scoring.explaining.explanation import ExplainedWord


LEAST = -1e6  # log10 of a probability: what is below is no figure that a training gives, and too large to be added up


@one_line
@dataclass(frozen=True, eq=False)
class NeuralModel:
    """A network with its parameters, and the words that it knows."""

    vocabulary: Vocabulary
    settings: TextSettings
    shape: Shape
    parameters: Parameters  # of 32 bits; never written to
    details: Mapping[str, Any] = field(default_factory=dict)  # how it was trained, for signatures; JSON values

    order = None  # it has no n-grams
    closed = False  # <unk> is a type as any other
    traits = Traits()

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.shape!r}: {len(self.vocabulary):,} types, {len(self.parameters):,} parameters"

    @property
    def method(self) -> str:
        """The architecture."""
        return self.shape.name

    def signature(self, settings: TextSettings | None = None) -> str:
        """All that shapes its figures (settings: see `NgramModel.signature`)."""
        made = {"model": self.method} | choices_of(self.shape) | openness(self.closed) | dict(self.details)
        return signature(made | (settings or self.settings).for_signature())

    def network(self) -> Network:
        """One for a thread."""
        return self.shape.network(self.parameters)

    def predictor(self) -> SoftmaxPredictor:
        """One for any number of sentences, each of which starts anew."""
        return ARCHITECTURES[self.method].predictor(self.network())

    def explain(self, sentence: str) -> "list[ExplainedWord]":
        """How the probability of each word of a sentence, and of its </s>, comes about."""
        from lmkit.neural.explaining import explain_neural

        return explain_neural(self, sentence)

    def scorer(self) -> "NeuralScorer":
        """One for texts."""
        return NeuralScorer(self)


class NeuralScorer:
    """A neural model prepared for scoring: each thread that scores has a network of its own."""

    independent_blocks = True

    def __init__(self, model: NeuralModel) -> None:
        self._model = model
        self._of_thread = threading.local()

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences, each by itself."""
        network: Network | None = getattr(self._of_thread, "network", None)
        if network is None:
            network = self._of_thread.network = self._model.network()
        with one_blas_thread():
            logs = network.log_probs(tokens) / LN_10
        if not (logs >= LEAST).all():
            raise DataError(
                f"the model gives a word a probability below 10^{LEAST:.0f}: its parameters are damaged, or its training came apart.",
                "Train it again, at a lower learning rate.",
            )
        return TokenScores.of(tokens[predicted_in(tokens)], logs)
