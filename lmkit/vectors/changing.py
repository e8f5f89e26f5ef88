"""Some of the words of vectors, and vectors of length 1."""

import warnings
from collections.abc import Container
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, VectorsWarning
from lmkit.vectors.files.rows import shown
from lmkit.vectors.word_vectors import WordVectors


def first_words(vectors: WordVectors, number: int) -> WordVectors:
    """The vectors of the first words, which are the most frequent ones in the files of most tools."""
    return vectors if number >= len(vectors) else taken(vectors, slice(number))


def listed_words(vectors: WordVectors, words: Container[bytes]) -> WordVectors:
    """The vectors of these words, in the order in which they are. DataError if there is none."""
    rows = [row for row, word in enumerate(vectors.words.words) if word in words]
    if not rows:
        raise DataError(
            f"none of the {len(vectors):,} words with vectors is in the list.",
            "Are they written alike: in lower case, with accents composed?",
        )
    return vectors if len(rows) == len(vectors) else taken(vectors, np.array(rows))


def taken(vectors: WordVectors, rows: slice | NDArray[np.int64]) -> WordVectors:
    """The vectors of some rows, without what training would go on from."""
    return replace(
        vectors,
        words=vectors.words.taken(np.arange(len(vectors))[rows]),
        matrix=vectors.matrix[rows],
        state={},
        known_norms=vectors.norms[rows],
    )


def normalized(vectors: WordVectors) -> WordVectors:
    """The vectors divided by their lengths, without what training would go on from. Of zero vectors, which stay so, a VectorsWarning tells."""
    zeros = np.flatnonzero(vectors.norms == 0)
    if len(zeros):
        word = shown(vectors.words.words[zeros[0]])
        told = (
            f"the zero vector of {word} has no direction, and stays as it is."
            if len(zeros) == 1
            else f"{len(zeros):,} zero vectors, the first that of {word}, have no direction, and stay as they are."
        )
        warnings.warn(told, VectorsWarning, stacklevel=2)
    lengths = np.where(vectors.norms == 0, np.float32(1), vectors.norms)
    matrix: NDArray[np.float32] = np.divide(vectors.matrix, lengths[:, np.newaxis], dtype=np.float32)
    return replace(vectors, matrix=matrix, details=vectors.details | {"normalized": True}, state={}, known_norms=None)
