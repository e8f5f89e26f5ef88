"""What an optimizer is, and what all have in common: pieces that fit the caches, and states that are stored and come back."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.errors import DataError
from lmkit.neural.optimizers.names import OptimizerName

PIECE = 1 << 15  # parameters worked on at a time: with what an optimizer knows of them, they stay in the cache
State = dict[str, NDArray[Any] | int]


class Optimizer(Protocol):
    """Steps of a vector of parameters. Made as `OPTIMIZERS[name](size, dtype, **options)`."""

    name: ClassVar[OptimizerName]
    title: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]  # authors and year
    on_samples: ClassVar[bool]  # whether its name says that gradients are those of samples

    def step(self, theta: FloatArray, gradient: FloatArray, rate: float) -> None:
        """Change the parameters (size,) in place, by their gradient and a learning rate; the gradient stays as it is."""

    def state(self) -> State:
        """Copies of all that the next step depends on, beside the parameters."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state: the next steps have the same bits. DataError if it is that of another optimizer or another size."""


def pieces(size: int) -> Iterator[slice]:
    """The places of the parameters, a piece at a time; every number is computed by itself, so pieces change none."""
    return (slice(first, min(first + PIECE, size)) for first in range(0, size, PIECE))


def restored(state: Mapping[str, Any], own: State) -> State:
    """A stored state with the names, shapes and dtypes of one's own. DataError for any other."""
    if state.keys() != own.keys():
        raise DataError(
            f"the state has {listed(state)}, and this optimizer {listed(own)}.",
            "It was stored by another optimizer: go on with that one, or begin anew.",
        )
    found: State = {}
    for name, mine in own.items():
        stored = np.asarray(state[name])
        wanted = np.asarray(mine)
        if stored.shape != wanted.shape or (wanted.ndim and stored.dtype != wanted.dtype):
            raise DataError(
                f"{name} of the state is {stored.shape} of {stored.dtype}, and these parameters need {wanted.shape} of {wanted.dtype}.",
                "It was stored for a model of another size: go on with that one, or begin anew.",
            )
        found[name] = stored.copy() if wanted.ndim else int(stored)
    return found


def listed(state: Mapping[str, Any]) -> str:
    """The names in a state, for messages."""
    return ", ".join(sorted(state)) or "nothing"
