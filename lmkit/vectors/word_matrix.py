"""A matrix with words on its axes, and what made it."""

from dataclasses import dataclass, field
from typing import Any

from lmkit.engine.scratch import Scratch
from lmkit.signature import signature
from lmkit.text.vocabulary import Vocabulary

COUNTS = "counts"  # what cells are called that no association has weighted


@dataclass(frozen=True, eq=False)
class WordMatrix:
    """A CSR matrix whose columns are words, as its rows are unless these are running words."""

    matrix: Any  # (rows, words) csr_array
    words: Vocabulary  # of the columns
    cells: str = COUNTS  # what the cells are: counts, or what an association made of them
    details: dict[str, Any] = field(default_factory=dict)  # the settings that made it; JSON values
    scratch: Scratch | None = None  # where the matrix is, if that gives memory back

    @property
    def is_square(self) -> bool:
        """Whether rows can be the same words as columns."""
        rows, columns = self.matrix.shape
        return bool(rows == columns)

    def signature(self) -> str:
        """The settings that made the matrix, as key:value pairs."""
        return signature({"cells": self.cells} | self.details)
