"""Down the gradient: as it is, of a sample, and with momentum."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.neural.optimizers.names import OptimizerName
from lmkit.neural.optimizers.protocol import PIECE, State, pieces, restored


class GradientDescent:
    """θ ← θ − η g, g the gradient on all the data (Cauchy, 1847)."""

    name: ClassVar[OptimizerName] = "gradient-descent"
    title: ClassVar[str] = "Gradient descent"
    formula: ClassVar[str] = "θ ← θ − η g"
    source: ClassVar[str] = "Cauchy 1847"
    on_samples: ClassVar[bool] = False

    def __init__(self, size: int, dtype: Any = np.float32) -> None:
        self._room = np.empty(min(size, PIECE), dtype)

    def step(self, theta: FloatArray, gradient: FloatArray, rate: float) -> None:
        """One step: θ ← θ − η g."""
        for piece in pieces(len(theta)):
            change = self._room[: piece.stop - piece.start]
            np.multiply(gradient[piece], float(rate), out=change)
            theta[piece] -= change

    def state(self) -> State:
        """Nothing: a step depends on the gradient alone."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """DataError for a state that holds anything."""
        restored(state, {})


class StochasticGradientDescent(GradientDescent):
    """θ ← θ − η g, g the gradient on a sample of the data: the same step as gradient descent's, many more of them (Robbins & Monro, 1951).

    What makes it stochastic is the batch that the caller computes the gradient on.
    """

    name: ClassVar[OptimizerName] = "sgd"
    title: ClassVar[str] = "Stochastic gradient descent"
    formula: ClassVar[str] = "θ ← θ − η g, g of a sample"
    source: ClassVar[str] = "Robbins & Monro 1951"
    on_samples: ClassVar[bool] = True


class Momentum:
    """v ← β v + (1−β) g; θ ← θ − η v: a running mean of gradients (Polyak, 1964).

    As courses have it. PyTorch's SGD with `momentum=β` leaves out the 1−β: it takes the same steps at a rate of η (1−β). Its `dampening=β` is not
    this, either: it takes the whole of the first gradient.
    """

    name: ClassVar[OptimizerName] = "momentum"
    title: ClassVar[str] = "Momentum"
    formula: ClassVar[str] = "v ← β v + (1−β) g;  θ ← θ − η v"
    source: ClassVar[str] = "Polyak 1964"
    on_samples: ClassVar[bool] = False

    def __init__(self, size: int, dtype: Any = np.float32, *, beta: float = 0.9) -> None:
        self.beta = float(beta)
        self._mean = np.zeros(size, dtype)
        self._room = np.empty(min(size, PIECE), dtype)

    def step(self, theta: FloatArray, gradient: FloatArray, rate: float) -> None:
        """One step: v ← β v + (1−β) g; θ ← θ − η v."""
        for piece in pieces(len(theta)):
            mean, change = self._mean[piece], self._room[: piece.stop - piece.start]
            mean *= self.beta
            np.multiply(gradient[piece], 1 - self.beta, out=change)
            mean += change
            np.multiply(mean, float(rate), out=change)
            theta[piece] -= change

    def state(self) -> State:
        """The running mean v."""
        return {"mean": self._mean.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state. DataError if it is another's."""
        found = restored(state, {"mean": self._mean})
        self._mean[...] = found["mean"]
