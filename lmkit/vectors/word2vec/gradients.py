"""What a loss says of one pair of words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Gradients:
    """The loss of a pair of words, how it comes about, and its derivatives, at once for all context words that it looks at."""

    loss: float  # natural logarithms
    products: NDArray[np.float64]  # (context words,) u · v
    probabilities: NDArray[np.float64]  # (context words,) what is made of them: σ, or the softmax
    center: NDArray[np.float64]  # (dimensions,) ∂loss/∂v
    contexts: NDArray[np.float64]  # (context words, dimensions) ∂loss/∂u
