"""Word vectors that are read in pieces: the matrix grows where it lies, and of words that come again the first is kept."""

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError, VectorsWarning
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.files.rows import Rows, shown
from lmkit.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    import pyarrow as pa

GROWTH = 8  # the matrix grows by an eighth at least: pages of memory move, and are seldom copied
MOVED = 1 << 14  # rows that are moved at a time
METHOD = "unknown"  # what made the vectors of files that do not say it


def gathered(pieces: Iterable[Rows], name: str, place: str, form: str) -> tuple[WordVectors, int]:
    """The vectors of all rows, and how many rows there were, whether their words are taken or not.

    Rows whose words are empty or came before are left out, which a VectorsWarning tells. place: what tells rows apart, a line
    or a word. form: of the file, which the details have. DataError where there is no row.
    """
    matrix = np.empty((0, 0), np.float32)
    words: list[pa.Array[Any]] = []
    places: list[NDArray[np.int64]] = []
    rows = 0
    for piece in filter(lambda piece: len(piece.places), pieces):
        end, dimensions = rows + len(piece.matrix), piece.matrix.shape[1]
        if end > len(matrix):
            matrix.resize((max(end, len(matrix) + len(matrix) // GROWTH), dimensions), refcheck=False)
        matrix[rows:end] = piece.matrix
        words.append(piece.words)
        places.append(piece.places)
        rows = end
    if not rows:
        raise DataError(f"{name}: the file holds no word vectors: no word follows its first line.")
    vocabulary, kept = kept_words(words, np.concatenate(places), name, place)
    if kept is not None:
        move_rows(matrix, kept)
    matrix.resize((len(vocabulary), matrix.shape[1]), refcheck=False)
    return WordVectors(vocabulary, matrix, METHOD, {"format": form}), rows


def kept_words(
    pieces: "list[pa.Array[Any]]", places: NDArray[np.int64], name: str, place: str
) -> tuple[Vocabulary, NDArray[np.bool_] | None]:
    """The words that are taken, and which these are of all; None: all. Tells of others by a VectorsWarning."""
    import pyarrow as pa

    words = pa.concat_arrays(pieces)
    numbered = call_arrow("dictionary_encode", words)
    numbers = to_numpy(numbered.indices)
    is_first = np.diff(np.maximum.accumulate(numbers), prepend=-1) > 0  # numbers come in the order of the words
    empty = to_numpy(call_arrow("binary_length", words)) == 0
    kept = is_first & ~empty
    if kept.all():
        return vocabulary_of(words), None
    again = np.flatnonzero(~is_first & ~empty)
    told = []
    if len(again):
        word = shown(words[int(again[0])].as_py())
        many = f"{len(again):,} words come again, the first {word} on" if len(again) > 1 else f"{word} comes again on"
        told.append(f"{many} {place} {places[again[0]]:,}: the first vector of each is kept")
    if empty.any():
        number, first = int(empty.sum()), places[empty.argmax()]
        many = (
            f"{number:,} {place}s have no word, the first {place} {first:,}"
            if number > 1
            else f"{place} {first:,} has no word"
        )
        told.append(f"{many}: left out")
    warnings.warn(f"{name}: {'; '.join(told)}.", VectorsWarning, stacklevel=4)
    if not kept.any():
        raise DataError(f"{name}: the file holds no word vectors: no {place} has a word.")
    return vocabulary_of(call_arrow("filter", words, to_arrow(kept))), kept


def vocabulary_of(words: "pa.Array[Any]") -> Vocabulary:
    """Words (large_binary) as a vocabulary."""
    _, offsets, letters = words.buffers()
    bounds = np.frombuffer(offsets, np.int64)[words.offset : words.offset + len(words) + 1]
    return Vocabulary(np.frombuffer(letters or b"", np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0])


def move_rows(matrix: NDArray[np.float32], kept: NDArray[np.bool_]) -> None:
    """Move the rows that are kept to the front, in place."""
    end = 0
    for first in range(0, len(kept), MOVED):
        rows = matrix[first : first + MOVED][: len(kept) - first][kept[first : first + MOVED]]
        matrix[end : end + len(rows)] = rows
        end += len(rows)
