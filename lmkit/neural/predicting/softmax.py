"""What the predictors of neural models have in common: their probabilities are a softmax of logits, which they show."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.protocol import Predictor


class SoftmaxPredictor(Predictor, Protocol):
    """A predictor that shows what its probabilities are made of."""

    def logits(self, state: Any) -> NDArray[np.float64]:
        """(sentences, types) z of the next word, of which the probabilities are e^z / Σ e^z; -inf of <s>."""

    def seen(self, state: Any) -> NDArray[np.int64]:
        """(sentences, tokens) what it looks at."""
