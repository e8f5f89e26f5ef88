"""Words as vectors: what every method gives, every file of vectors holds, and everything that uses vectors takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.signature import signature
from lmkit.text.vocabulary import Vocabulary

ROWS_AT_A_TIME = 1 << 14  # whose squares are added up together


@one_line
@dataclass(frozen=True, eq=False)
class WordVectors(Tabular):
    """A vector for each word."""

    words: Vocabulary  # of the rows, each once; no marks stand in front
    matrix: NDArray[np.float32]  # (words, dimensions), in memory or mapped
    method: str  # what made them: svd, glove, word2vec, …
    details: dict[str, Any]  # the settings that made them; JSON values
    # Arrays that training goes on from, beside those that are used, by their names: context vectors, biases.
    state: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    known_norms: NDArray[np.float32] | None = None  # (words,) as they stand in a file
    scratch: Scratch | None = None  # where the arrays are, if that gives memory back

    def columns(self, first: int | None = None) -> Columns:
        """The words, and a column for each coordinate."""
        from lmkit.engine.columns import as_texts

        words = as_texts(self.words.arrow_words()[:first])
        return {"word": words} | {str(number): column[:first] for number, column in enumerate(self.matrix.T)}

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{len(self):,} words × {self.dimensions} dimensions: {self.method}"

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        """Whether a word has a vector."""
        return word in self.words

    def __getitem__(self, word: str) -> NDArray[np.float32]:
        """(dimensions,) the vector of a word. KeyError for one without."""
        found: NDArray[np.float32] = self.matrix[self.words[word]]
        return found

    def __iter__(self) -> Iterator[str]:
        """The words, in the order of the rows."""
        return iter(self.words)

    @property
    def dimensions(self) -> int:
        """The number of coordinates of each vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        """(words,) the Euclidean length of each vector. DataError for one that 32 bits do not hold."""
        if self.known_norms is not None:
            return self.known_norms
        squares = np.empty(len(self.matrix))
        for first in range(0, len(squares), ROWS_AT_A_TIME):
            rows = self.matrix[first : first + ROWS_AT_A_TIME].astype(np.float64)
            squares[first : first + ROWS_AT_A_TIME] = np.einsum("ij,ij->i", rows, rows)
        return lengths(squares, self.words)

    def vectors_at(self, places: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(places, dimensions) the vectors of these rows. DataError for one with a coordinate that is no finite number."""
        found = self.matrix[np.asarray(places, np.int64)].astype(np.float64)
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            word = self.words.words[int(places[int(np.argmin(finite))])].decode(errors="replace")
            raise DataError(
                f"the vector of {word} has coordinates that are no finite numbers.",
                "The file is damaged, or what made the vectors failed: make them again.",
            )
        return found

    def products(self, first: int, last: int, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(vectors, last − first) the product of each of the vectors (vectors, dimensions) with each row first <= row < last.

        By one thread of BLAS, if the caller sees to that: the same bits wherever it is called.
        """
        return vectors @ self.matrix[first:last].T

    def signature(self, beside: Mapping[str, Any] | None = None) -> str:
        """The settings that made the vectors, and what was made of them (beside), as key:value pairs."""
        return signature({"method": self.method, "dimensions": self.dimensions} | self.details | dict(beside or {}))


def lengths(squares: NDArray[np.float64], words: Vocabulary) -> NDArray[np.float32]:
    """(words,) the lengths whose squares these are. DataError for one that 32 bits do not hold."""
    with np.errstate(over="ignore"):
        norms: NDArray[np.float32] = np.sqrt(squares).astype(np.float32)
    if (np.isinf(norms) & np.isfinite(squares)).any():
        word = words.words[int(np.argmax(np.isinf(norms) & np.isfinite(squares)))].decode(errors="replace")
        raise DataError(
            f"the vector of {word} is longer than any number of 32 bits.",
            "The program that made the vectors failed, perhaps: make them again.",
        )
    return norms
