"""The third step: the rows that splits have of a range are added up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lmkit.engine.resources import Resources
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.scratch import Scratch
from lmkit.vectors.assembling import add_matrices
from lmkit.vectors.supersteps.rows import matrix_in, packed_rows

SUMS = "sums"  # a kind


@dataclass(frozen=True, eq=False)
class Adding:
    """How ranges are added up."""

    types: int
    resources: Resources

    def __call__(self, number: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To the driver, the rows of a range."""
        matrices = [matrix_in(message) for message in messages]
        found = add_matrices(matrices, self.types, Scratch(), self.resources.workers)
        yield Message(DRIVER, number, SUMS, packed_rows(found, 0, len(found[0]) - 1))
