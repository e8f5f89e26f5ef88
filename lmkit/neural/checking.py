"""Is backpropagation right? Gradients by formula beside differences of the loss, array by array, of a small network with random numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.neural.architectures.bigram import Bigrams
from lmkit.neural.architectures.network import Shape
from lmkit.neural.lanes import Lanes
from lmkit.neural.parameters import Parameters
from lmkit.neural.small_shapes import DIRECTIONS, TYPES
from lmkit.neural.windows import inputs_of, windows_at
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, UNK

STEP = 1e-6  # from the parameters, along a direction of length 1: rounding shows below it, and bends of the loss above
WINDOWS, PART = 7, 3  # of the batch; of what is worked on at a time, so that several parts add up
DEVIATION = 0.3  # of the random parameters: large enough for no function to be nearly straight


@dataclass(frozen=True)
class GradientCheck:
    """Derivatives of the loss by the numbers of one array."""

    name: str
    numbers: int  # in the array
    gradient: float  # its length, by formula
    difference: (
        float  # the largest, of the derivative along a random direction, between formula and difference quotient
    )

    @property
    def relative(self) -> float:
        """The difference as a share of the gradient; 0 where both are 0."""
        return self.difference / self.gradient if self.gradient else self.difference and np.inf


def check_gradients(
    shape: Shape, types: int = TYPES, *, dropout: float = 0.0, directions: int = DIRECTIONS, seed: int = 1
) -> list[GradientCheck]:
    """For each array of parameters, how far the gradient by formula is from what small steps change, in double precision.

    (loss(θ + εu) − loss(θ − εu)) / 2ε is held against gradient · u, for random directions u of length 1 within the array; single numbers
    would say little where a derivative is 0 or nearly so. UsageError for fewer than 4 types, or no direction.
    """
    for what, number, least in (("types", types, FIRST_WORD + 1), ("directions", directions, 1)):
        if number < least:
            raise UsageError(f"{what} is {number}; it must be {least} or more.")
    generator = np.random.default_rng(seed)
    parameters = shape.initial(types, seed, None, np.float64)
    parameters.vector += generator.normal(0, DEVIATION, len(parameters))
    batch = random_batch(shape, types, generator)
    with Lanes(lambda: shape.network(parameters, dropout), workers=1, part=PART) as lanes:
        gradients = parameters.like()
        gradients.vector[...] = loss_and_gradients(lanes, batch)[1].vector
        return [
            GradientCheck(
                name,
                view.size,
                float(np.linalg.norm(gradients[name])),
                max(differences(lanes, batch, view, gradients[name], random_directions(view, directions, generator))),
            )
            for name, view in parameters.views.items()
            if name not in shape.given
        ]


def loss_and_gradients(lanes: Lanes, batch: Any) -> tuple[float, Parameters]:
    """The mean loss and its gradients; dropout draws the same each time."""
    lanes.seed(1)
    return lanes.gradients(batch)


def differences(
    lanes: Lanes, batch: Any, view: NDArray[Any], gradient: NDArray[Any], directions: Sequence[NDArray[Any]]
) -> Iterator[float]:
    """How far the derivative along each direction is from what steps there and back change. The parameters (view) are as before then."""
    before = view.copy()
    for direction in directions:
        losses = []
        for step in (STEP, -STEP):
            view[...] = before + step * direction
            losses.append(loss_and_gradients(lanes, batch)[0])
        view[...] = before
        yield abs((losses[0] - losses[1]) / (2 * STEP) - float((gradient * direction).sum()))


def random_directions(view: NDArray[Any], number: int, generator: np.random.Generator) -> list[NDArray[Any]]:
    """Directions of length 1, of the shape of an array."""
    drawn = (generator.normal(size=view.shape) for _ in range(number))
    return [direction / np.linalg.norm(direction) for direction in drawn]


def random_batch(shape: Shape, types: int, generator: np.random.Generator) -> Any:
    """Windows of a text of random words, or the bigrams of it; sentences begin and end within windows."""
    lengths = generator.integers(0, 9, 20)
    sentences = [[BOS, *generator.integers(UNK, types, length), EOS] for length in lengths]
    inputs = inputs_of(np.concatenate(sentences).astype(np.int32))
    if not shape.time:
        return Bigrams.of(inputs, types)
    return windows_at(inputs, generator.integers(0, len(inputs), WINDOWS), shape.time, shape.before)
