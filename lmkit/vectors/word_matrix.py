"""A matrix with words on its axes, and what made it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.kernels import product, row_numbers
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.signature import signature
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.word_vectors import lengths

COUNTS = "counts"  # what cells are called that no association has weighted
LARGEST = 2.0**53  # of cells: whole numbers beyond are not exact; sums of squares of those below fit 32 bits


@one_line
@dataclass(frozen=True, eq=False)
class WordMatrix(Tabular):
    """A CSR matrix whose columns are words, as its rows are unless these are running words."""

    matrix: Any  # (rows, words) csr_array
    words: Vocabulary  # of the columns
    cells: str = COUNTS  # what the cells are: counts, or what an association made of them
    details: dict[str, Any] = field(default_factory=dict)  # the settings that made it; JSON values
    scratch: Scratch | None = None  # where the matrix is, if that gives memory back

    def columns(self, first: int | None = None) -> Columns:
        """The cells that are stored, row by row."""
        from lmkit.engine.columns import as_texts, texts_at

        data, contexts = self.matrix.data[:first], self.matrix.indices[:first]
        rows = np.searchsorted(self.matrix.indptr, np.arange(len(data)), side="right") - 1
        texts = as_texts(self.words.arrow_words())
        words = texts_at(texts, rows) if self.is_square else rows
        return {"word" if self.is_square else "row": words, "context": texts_at(texts, contexts), "value": data}

    def in_brief(self) -> str:
        """What it is, in a line."""
        rows, columns = self.matrix.shape
        return f"{rows:,} × {columns:,}: {self.cells}, {self.matrix.nnz:,} cells stored"

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
        """(rows,) the Euclidean length of each row, if rows are words. DataError for one that 32 bits do not hold."""
        cells = np.asarray(self.matrix.data, np.float64)
        squares = product(self.matrix.indptr, np.zeros_like(self.matrix.indices), cells * cells, np.ones(1))
        return lengths(squares, self.words)

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

    def most_frequent_first(self) -> "WordMatrix":
        """A copy of the square matrix, rows and columns in descending order of the sums of rows, ties by code point; cells in order, each once."""
        sums = np.bincount(row_numbers(self.matrix.indptr), weights=self.matrix.data, minlength=len(self.words))
        # To six decimals: 1/3 and its like are rounded, and the order of adding them decides no tie.
        order = np.lexsort((self.words.code_point_ranks(), -sums.round(6)))
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        rows = self.matrix[order]
        matrix = csr_array((rows.data, places[rows.indices].astype(rows.indices.dtype), rows.indptr), shape=rows.shape)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return replace(self, matrix=matrix, words=self.words.taken(order), scratch=None)


def check_cells(named: WordMatrix, use: str) -> None:
    """DataError unless the matrix is one of words beside words whose cells are numbers that can be squared. use: what needs that, for messages."""
    matrix = named.matrix
    if not named.is_square or len(named.words) != matrix.shape[1]:
        raise DataError(
            f"the matrix has {matrix.shape[0]} rows and {matrix.shape[1]} columns, of {len(named.words)} words, and {use} from words beside words.",
            "`lmkit cooc` makes such a matrix.",
        )
    if not len(named.words):
        raise DataError(f"the matrix has no words, and {use} from words.", "Is the text empty, or the cutoff too high?")
    refuse_cells(named, ~np.isfinite(matrix.data), "are no numbers", use)
    refuse_cells(named, np.abs(matrix.data) > LARGEST, f"are beyond {LARGEST:.2g}", use)


def check_counts(named: WordMatrix, use: str) -> None:
    """DataError unless the matrix is one of words beside words and holds counts, none of them negative, some above 0."""
    if named.cells != COUNTS:
        raise DataError(
            f"the cells of the matrix are {named.cells}, and {use} from counts.",
            "Give the matrix as `lmkit cooc` writes it without further weights.",
        )
    check_cells(named, use)
    refuse_cells(named, named.matrix.data < 0, "are negative", use)
    too_small = (named.matrix.data > 0) & (named.matrix.data < 1 / LARGEST)  # products of their sums would be 0
    refuse_cells(named, too_small, f"are above 0 and below {1 / LARGEST:.2g}", use)
    if not named.matrix.data.any():
        raise DataError(
            f"no two words stand beside each other in the matrix, and {use} from such pairs.",
            "Is the text empty, or the cutoff too high?",
        )


def refuse_cells(named: WordMatrix, wrong: NDArray[np.bool_], what: str, use: str) -> None:
    """DataError if there are wrong cells, with the first of them."""
    places = np.flatnonzero(wrong)
    if len(places):
        matrix, words = named.matrix, named.words.words
        row = int(np.searchsorted(matrix.indptr, places[0], side="right")) - 1
        pair = " ".join(words[place].decode() for place in (row, matrix.indices[places[0]]))
        raise DataError(
            f"{len(places):,} of {matrix.nnz:,} cells of the matrix {what}, the first of them {matrix.data[places[0]]:g} (of {pair}), and {use} from {named.cells}.",
            "Write the matrix again with `lmkit cooc`.",
        )
