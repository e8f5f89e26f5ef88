"""How GloVe's vectors are trained, and what is told of it meanwhile."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lmkit.errors import UsageError
from lmkit.one_line import one_line

Optimizer = Literal["als", "adagrad"]
Start = Literal["svd", "random"]
SWEEPS: dict[Optimizer, int] = {"als": 3, "adagrad": 15}  # this, and what follows, if nothing is said
X_MAX = 100.0
RIDGE = 0.1  # λ
LEARNING_RATE = 0.05  # η


@dataclass(frozen=True)
class Settings:
    """How vectors are trained. UsageError for what makes no sense."""

    optimizer: Optimizer = "als"
    x_max: float = X_MAX
    ridge: float | None = None  # λ, of least squares only
    learning_rate: float | None = None  # η, of AdaGrad only
    start: Start | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for name, value, known in (("optimizer", self.optimizer, Optimizer), ("start", self.start or "svd", Start)):
            if value not in get_args(known):
                raise UsageError(f"the {name} is {value!r}; it must be {' or '.join(get_args(known))}.")
        for name, number, optimizer in (("ridge", self.ridge, "als"), ("learning rate", self.learning_rate, "adagrad")):
            if number is not None and self.optimizer != optimizer:
                raise UsageError(f"a {name} is for the optimizer {optimizer}, and not for {self.optimizer}.")
        for name, number in {"x_max": self.x_max, "ridge": self.ridge, "learning rate": self.learning_rate}.items():
            if number is not None and not 0 < number < math.inf:
                raise UsageError(f"{name} is {number:g}; it must be a number above 0.")

    @property
    def starts_from(self) -> Start:
        """The start, which is that of the published method for its optimizer, if nothing is said."""
        return self.start or ("svd" if self.optimizer == "als" else "random")

    def numbers(self) -> dict[str, float]:
        """The settings that are numbers, without those of the other optimizer."""
        own = (
            {"ridge": self.ridge or RIDGE}
            if self.optimizer == "als"
            else {"learning_rate": self.learning_rate or LEARNING_RATE}
        )
        return {"x_max": self.x_max} | own | {"seed": self.seed}

    def details(self) -> dict[str, Any]:
        """What shapes the vectors, beside where they start from."""
        return {"optimizer": self.optimizer} | self.numbers()


@one_line
@dataclass(frozen=True)
class GloveSweep:
    """How far training is after a sweep of least squares, or a pass of AdaGrad."""

    number: int
    objective: float  # J
    ridge: float  # λ times the squared length of all parameters; 0 for AdaGrad, which has none
    in_double: int = 0  # least squares that took 64 bits, as 32 did not give a solution

    @property
    def total(self) -> float:
        """What falls with each sweep of alternating least squares."""
        return self.objective + self.ridge
