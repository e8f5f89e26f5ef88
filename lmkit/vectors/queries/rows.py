"""Whatever has a row of numbers for each word: dense vectors, or the counts of what stands beside it."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.word_matrix import WordMatrix, refuse_cells

NUMBERS_AT_A_TIME = 1 << 21  # coordinates of rows that are looked at together


class Rows(Protocol):
    """Rows that can be asked for their products with vectors: `WordVectors`, and square matrices as `WordMatrix`."""

    @property
    def words(self) -> Vocabulary:
        """Those of the rows."""

    @property
    def dimensions(self) -> int:
        """The number of coordinates."""

    @property
    def norms(self) -> NDArray[np.float32]:
        """(rows,) the Euclidean length of each."""

    def __len__(self) -> int: ...

    def vectors_at(self, places: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(places, dimensions) these rows."""

    def products(self, first: int, last: int, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(vectors, last − first) the products of vectors with the rows first <= row < last."""

    def signature(self) -> str:
        """What made the rows."""


def in_pieces(rows: Rows, number: int) -> Iterator[slice]:
    """Slices of so many items, each of which takes vectors of rows: as many at a time as memory has room for."""
    at_once = max(1, NUMBERS_AT_A_TIME // rows.dimensions)
    return (slice(first, first + at_once) for first in range(0, number, at_once))


def typed_vectors(texts: Sequence[str], dimensions: int | None = None) -> NDArray[np.float64]:
    """(texts, dimensions) vectors that are written as 1,2.5,-3. UsageError for other texts, and for vectors of different sizes.

    dimensions: how many each must have, if they are to be compared with others.
    """
    found = []
    for text in texts:
        try:
            vector = [float(number) for number in text.split("," if "," in text else None)]
        except ValueError:
            vector = []
        if not vector or not fit_32_bits(vector):
            raise UsageError(
                f"the vector {text!r} is not a list of numbers, or one of them is too large or too small for 32 bits.",
                "Write it as 1,2.5,-3.",
            )
        found.append(vector)
    sizes = [*([] if dimensions is None else [dimensions]), *map(len, found)]
    for text, vector in zip(texts, found, strict=True):
        if len(vector) != sizes[0]:
            other = f"the others have {sizes[0]}" if dimensions is None else f"those of the words have {sizes[0]}"
            raise UsageError(
                f"the vector {text!r} has {len(vector)} numbers, and {other}.",
                "Vectors can be compared if they have as many numbers.",
            )
    return np.array(found, np.float64).reshape(len(found), sizes[0] if sizes else 0)


def fit_32_bits(numbers: Sequence[float]) -> bool:
    """Whether all numbers are finite, and stay so and apart from 0 in 32 bits: their squares can be added up in 64."""
    with np.errstate(over="ignore", under="ignore"):
        single = np.array(numbers).astype(np.float32)
    return bool(np.isfinite(single).all() and np.array_equal(single == 0, np.array(numbers) == 0))


def rows_of_matrix(matrix: WordMatrix, name: str) -> Rows:
    """The matrix as rows of words. DataError if its rows are not the words of its columns, or its cells no numbers of 32 bits."""
    if not matrix.is_square or len(matrix) != len(matrix.words):
        rows, columns = matrix.matrix.shape
        raise DataError(
            f"{name} is a matrix of {rows:,} × {columns:,}, and its rows are not the {len(matrix.words):,} words.",
            "Give vectors, or a matrix of words × words, as `lmkit cooc` makes it.",
        )
    if not len(matrix):
        raise DataError(f"{name} is a matrix without words.", "Is the text empty, or the cutoff too high?")
    with np.errstate(over="ignore"):
        refuse_cells(
            matrix, ~np.isfinite(matrix.matrix.data.astype(np.float32)), "are no numbers of 32 bits", "vectors are made"
        )
    return matrix
