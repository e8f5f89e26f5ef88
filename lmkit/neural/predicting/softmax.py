"""What the predictors of neural models have in common: their probabilities are a softmax of logits, and they show what these are made of."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.protocol import LogitPredictor


class SoftmaxPredictor(LogitPredictor, Protocol):
    """A predictor of a network."""

    def seen(self, state: Any) -> NDArray[np.int64]:
        """(sentences, tokens) what it looks at."""
