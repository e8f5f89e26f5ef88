"""Adam and AdamW: each parameter has a rate of its own, by how large its gradients have been."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.neural.optimizers.names import OptimizerName
from lmkit.neural.optimizers.protocol import PIECE, State, pieces, restored


class Adam:
    """m ← β₁ m + (1−β₁) g; v ← β₂ v + (1−β₂) g²; θ ← θ − η m̂ / (√v̂ + ε), m̂ = m / (1−β₁ᵗ), v̂ = v / (1−β₂ᵗ) (Kingma & Ba, 2015).

    m and v begin at 0, which makes them too small at first; what they are divided by mends that.
    """

    name: ClassVar[OptimizerName] = "adam"
    title: ClassVar[str] = "Adam"
    formula: ClassVar[str] = "m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;  θ ← θ − η m̂ / (√v̂ + ε)"
    source: ClassVar[str] = "Kingma & Ba 2015"
    on_samples: ClassVar[bool] = False

    def __init__(
        self, size: int, dtype: Any = np.float32, *, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        # Python's numbers: those of NumPy would make 64 bits of 32.
        self.beta1, self.beta2, self.epsilon = float(beta1), float(beta2), float(epsilon)
        self._steps = 0
        self._mean, self._square = np.zeros(size, dtype), np.zeros(size, dtype)
        self._room = np.empty(min(size, PIECE), dtype)

    def step(self, theta: FloatArray, gradient: FloatArray, rate: float) -> None:
        """One step. It does not depend on the scale of the gradients, but for ε: at first it is as long as the rate."""
        rate = float(rate)
        self._steps += 1
        mean_rate = rate / (1 - self.beta1**self._steps)  # of m, which makes m̂ of it
        root_scale = 1 / math.sqrt(1 - self.beta2**self._steps)  # of √v, which makes √v̂ of it
        for piece in pieces(len(theta)):
            parameters, slope = theta[piece], gradient[piece]
            mean, square, room = self._mean[piece], self._square[piece], self._room[: piece.stop - piece.start]
            np.multiply(slope, 1 - self.beta1, out=room)
            mean *= self.beta1
            mean += room
            np.multiply(slope, slope, out=room)
            room *= 1 - self.beta2
            square *= self.beta2
            square += room
            self._shrink(parameters, piece, rate, room)
            np.sqrt(square, out=room)
            room *= root_scale
            room += self.epsilon
            np.divide(mean, room, out=room)
            room *= mean_rate
            parameters -= room

    def _shrink(self, parameters: FloatArray, piece: slice, rate: float, room: FloatArray) -> None:
        """What happens to the parameters of a piece whatever their gradient is: nothing."""

    def state(self) -> State:
        """The running means m and v, and the number of steps t."""
        return {"mean": self._mean.copy(), "square": self._square.copy(), "steps": self._steps}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state. DataError if it is another's."""
        found = restored(state, {"mean": self._mean, "square": self._square, "steps": self._steps})
        self._mean[...], self._square[...] = found["mean"], found["square"]
        self._steps = int(found["steps"])


class AdamW(Adam):
    """Adam, after θ ← θ − η λ θ: weights decay by themselves, not by way of the gradient (Loshchilov & Hutter, 2019).

    decay: λ. decayed: (size,) 1 where parameters decay, 0 where they do not, as biases and gains; None: all do.
    """

    name: ClassVar[OptimizerName] = "adamw"
    title: ClassVar[str] = "AdamW"
    formula: ClassVar[str] = "θ ← θ − η λ θ;  then as Adam"
    source: ClassVar[str] = "Loshchilov & Hutter 2019"

    def __init__(
        self,
        size: int,
        dtype: Any = np.float32,
        *,
        decay: float = 0.01,
        decayed: FloatArray | None = None,
        **adam: float,
    ) -> None:
        super().__init__(size, dtype, **adam)
        self.decay = float(decay)
        self._decayed = None if decayed is None else np.asarray(decayed, dtype)

    def _shrink(self, parameters: FloatArray, piece: slice, rate: float, room: FloatArray) -> None:
        """θ ← θ − η λ θ, where parameters decay."""
        if not self.decay:
            return
        np.multiply(parameters, rate * self.decay, out=room)
        if self._decayed is not None:
            room *= self._decayed[piece]
        parameters -= room
