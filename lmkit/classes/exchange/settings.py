"""How classes are trained, and what is told of it meanwhile."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.exchange.choices import SEED, Objective
from lmkit.errors import UsageError
from lmkit.one_line import one_line

Words = NDArray[np.int64]  # (words,) ids
Classes = NDArray[np.int32]  # (words,) numbers of classes


@dataclass(frozen=True)
class Settings:
    """How classes are trained. UsageError for what makes no sense."""

    classes: int
    objective: Objective = "predictive"
    passes: int | None = None  # None: until one brings little
    starts: int = 1
    seed: int = SEED

    def __post_init__(self) -> None:
        if self.objective not in get_args(Objective):
            raise UsageError(f"the objective is {self.objective!r}; it must be {' or '.join(get_args(Objective))}.")
        if self.classes < 2:
            raise UsageError(f"{self.classes} classes are asked; it must be 2 or more.")
        for name, number in (("passes", self.passes), ("starts", self.starts)):
            if number is not None and number < 1:
                raise UsageError(f"{number} {name} are asked; it must be 1 or more.")
        if self.seed < 0:
            raise UsageError(f"the seed is {self.seed}; it must be 0 or more.")


@one_line
@dataclass(frozen=True)
class ExchangePass:
    """How far training is after a pass through all words."""

    start: int  # 1, 2, …
    number: int  # of the pass; 0: before the first
    moved: int  # words
    bits: float  # of each predicted token: the objective, which is to become small

    @property
    def perplexity(self) -> float:
        """That of the bigram model of the classes, on the text itself."""
        return float(2**self.bits)
