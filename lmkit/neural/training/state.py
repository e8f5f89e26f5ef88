"""All that the next step of a training depends on, beside the text and the settings."""

import math
from dataclasses import dataclass, field

from lmkit.engine.arrays import FloatArray
from lmkit.neural.optimizers.protocol import Optimizer
from lmkit.neural.parameters import Parameters
from lmkit.neural.training.progress import Check


@dataclass(eq=False)
class State:
    """Where a training is; changed in place."""

    parameters: Parameters
    optimizer: Optimizer
    step: int = 0  # steps done
    tokens: int = 0  # learnt from
    losses: float = 0.0  # the sum of −ln p since the last check,
    counted: int = 0  # of so many tokens
    high: int = 0  # steps on end with a loss far above that of guessing
    best: FloatArray | None = None  # (parameters,) the best ones so far
    best_step: int = 0
    best_loss: float = math.inf  # theirs
    stale: int = 0  # validations since
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    checks: list[Check] = field(default_factory=list)
