"""The optimizers by name."""

from typing import Any

from lmkit.neural.optimizers.adam import Adam, AdamW
from lmkit.neural.optimizers.descent import GradientDescent, Momentum, StochasticGradientDescent
from lmkit.neural.optimizers.protocol import Optimizer

OPTIMIZERS: dict[str, Any] = {
    maker.name: maker for maker in (GradientDescent, StochasticGradientDescent, Momentum, Adam, AdamW)
}


def make_optimizer(name: str, size: int, dtype: Any, **options: Any) -> Optimizer:
    """An optimizer of so many parameters."""
    made: Optimizer = OPTIMIZERS[name](size, dtype, **options)
    return made
