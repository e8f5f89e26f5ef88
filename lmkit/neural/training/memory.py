"""What training needs of memory, told before it begins; and what would fit, where it is too much."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any, cast

from lmkit.engine.memory import megabytes
from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.neural.architectures.network import Shape
from lmkit.neural.sentence_windows import ROWS
from lmkit.neural.training.batches import lanes_of, part_of
from lmkit.neural.training.settings import ADAMS, TrainingSettings
from lmkit.text.vocabulary import FIRST_WORD

NUMBER = 4  # bytes
HALVED = ("dimensions", "hidden", "context")  # choices of shapes that are told smaller
COPIES = 3  # of the parameters: those that are changed, the best ones, and better ones that take their place
SIDES = (
    4  # numbers for each one that goes into a matrix or comes out: there and back, with what is dropped and normalized
)


@dataclass(frozen=True)
class Need:
    """What a training is of."""

    shape: Shape
    types: int
    batch: int
    settings: TrainingSettings

    @property
    def bytes(self) -> int:
        """About how much memory it needs."""
        shapes = self.shape.shapes(self.types)
        parameters = sum(map(prod, shapes.values()))
        moments = 2 if self.settings.optimizer in ADAMS else 1
        lanes, of_lane = 1, parameters
        if self.shape.time:
            matrices = [shape for shape in shapes.values() if len(shape) == 2]
            tables = [shape for shape in matrices if self.types in shape]
            rows = min(part_of(self.shape.time), self.batch) * self.shape.time
            layers = SIDES * (sum(map(sum, matrices)) - sum(map(sum, tables)))
            attention = getattr(self.shape, "layers", 0) * getattr(self.shape, "heads", 0) * self.shape.time * 3
            lanes = lanes_of(self.batch, self.shape.time)
            of_lane += max(map(prod, tables)) + max(rows, ROWS) * self.types + rows * (layers + attention)
        return NUMBER * (
            (COPIES + 2 * moments) * parameters + lanes * of_lane
        )  # what optimizers know is copied to be written

    def with_types(self, types: int) -> "Need":
        """The same with so many types."""
        return replace(self, types=types)


def check_memory(shape: Shape, types: int, settings: TrainingSettings, resources: Resources) -> None:
    """DataError if training takes more memory than there is to keep to, with what would fit."""
    need, limit = Need(shape, types, settings.batch, settings), resources.memory_limit
    if need.bytes <= limit:
        return
    sizes = (size_that_fits(need, limit, name) for name in HALVED)
    fits = [text for text in (batch_that_fits(need, limit), types_that_fit(need, limit), *sizes) if text]
    parameters = sum(map(prod, shape.shapes(types).values()))
    raise DataError(
        f"training would take {megabytes(need.bytes)}, and the memory to keep to is {megabytes(limit)}: "
        f"there are {types:,} types and {parameters:,} parameters.",
        f"What fits: {'; or '.join(fits)}." if fits else "Allow more --memory, or choose another architecture.",
    )


def largest(fits: Callable[[int], bool], most: int) -> int:
    """The largest number from 1 to `most` that fits, as all below it do; 0: none."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def batch_that_fits(need: Need, limit: int) -> str:
    """A smaller batch that fits, in words; "": none does."""
    if not need.shape.time:
        return ""
    found = largest(lambda batch: replace(need, batch=batch).bytes <= limit, need.batch)
    return f"--batch {found}" if found else ""


def types_that_fit(need: Need, limit: int) -> str:
    """How many words fit."""
    found = largest(lambda types: need.with_types(types).bytes <= limit, need.types) - FIRST_WORD
    return f"a vocabulary of {found:,} words (--vocabulary-size {found})" if found > 0 else ""


def size_that_fits(need: Need, limit: int, name: str) -> str:
    """How large this choice of the shape may be, halved until it fits; "": it does not, or there is no such choice."""
    size = getattr(need.shape, name, 0)
    shared_by = getattr(need.shape, "heads", 1) if name == "dimensions" else 1
    while (size := size // 2 // shared_by * shared_by) > 0:
        if replace(need, shape=replace(cast(Any, need.shape), **{name: size})).bytes <= limit:
            return f"--{name} {size}"
    return ""
