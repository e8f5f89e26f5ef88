"""A matrix with words on its axes, and what made it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import product
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

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def dimensions(self) -> int:
        """The number of columns."""
        return int(self.matrix.shape[1])

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """(rows,) the Euclidean length of each row."""
        cells = np.asarray(self.matrix.data, np.float64)
        squares = product(self.matrix.indptr, np.zeros_like(self.matrix.indices), cells * cells, np.ones(1))
        norms: NDArray[np.float32] = np.sqrt(squares).astype(np.float32)
        return norms

    def vectors_at(self, places: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(places, columns) these rows, zeros included."""
        found: NDArray[np.float64] = self.matrix[np.asarray(places, np.int64)].toarray().astype(np.float64)
        return found

    def products(self, first: int, last: int, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(vectors, last − first) the product of each of the vectors (vectors, columns) with each row first <= row < last."""
        found: NDArray[np.float32] = (self.matrix[first:last].astype(np.float32) @ vectors.T).T
        return found

    def signature(self) -> str:
        """The settings that made the matrix, as key:value pairs."""
        return signature({"cells": self.cells} | self.details)
