"""Word vectors that are read in pieces: the matrix grows where it lies, and of words that come again the first is kept."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.engine.progress import stage
from lmkit.errors import DataError, VectorsWarning
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.files.rows import Rows, shown
from lmkit.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    import pyarrow as pa

GROWTH = 8  # the matrix grows by an eighth at least: pages of memory move, and are seldom copied
MOVED = 1 << 14  # rows that are moved at a time
REPEATED = "repeated_words"  # in the details: how many words were left out because they came before
METHOD = "unknown"  # what made the vectors of files that do not say it


@dataclass(frozen=True)
class Source:
    """Where rows come from."""

    name: str
    form: str  # of the file, which the details have
    place: str  # what tells its rows apart: a line or a word
    said: int | None  # how many there are, if it says so


def gathered(pieces: Iterable[Rows], source: Source) -> WordVectors:
    """The vectors of all rows. Rows whose words are empty or came before are left out, which a VectorsWarning tells.

    DataError where there is no row, or another number of them than is said.
    """
    import pyarrow as pa

    matrix = np.empty((0, 0), np.float32)
    found: list[pa.Array[Any]] = []
    places: list[NDArray[np.int64]] = []
    rows = 0
    advance = stage("reading vectors", source.said)
    for piece in filter(lambda piece: len(piece.places), pieces):
        end, dimensions = rows + len(piece.matrix), piece.matrix.shape[1]
        if end > len(matrix):
            matrix.resize((max(end, len(matrix) + len(matrix) // GROWTH), dimensions), refcheck=False)
        matrix[rows:end] = piece.matrix
        found.append(piece.words)
        places.append(piece.places)
        rows = end
        advance(len(piece.places))
    check_number(rows, source)
    words = pa.concat_arrays(found)
    kept, repeated = kept_rows(words, np.concatenate(places), source)
    if not kept.all():
        words = call_arrow("filter", words, to_arrow(kept))
        move_rows(matrix, kept)
    matrix.resize((len(words), matrix.shape[1]), refcheck=False)
    details = {"format": source.form} | ({REPEATED: repeated} if repeated else {})
    return WordVectors(vocabulary_of(words), matrix, METHOD, details)


def check_number(rows: int, source: Source) -> None:
    """DataError where there is no row, or another number of them than is said."""
    if not rows:
        raise DataError(f"{source.name}: the file holds no word vectors: no word follows its first line.")
    if source.said not in (None, rows):
        raise DataError(
            f"{source.name}: the first line says {source.said:,} words, and {rows:,} follow.",
            "The file is cut short or damaged: fetch it again. Or take its first line out: the others tell how many values there are.",
        )


def kept_rows(words: "pa.Array[Any]", places: NDArray[np.int64], source: Source) -> tuple[NDArray[np.bool_], int]:
    """(rows,) which rows have a word (large_binary) that did not come before, and how many have one that did; of others a VectorsWarning tells.

    DataError where no row has a word.
    """
    numbers = to_numpy(call_arrow("dictionary_encode", words).indices)
    is_first = np.diff(np.maximum.accumulate(numbers), prepend=-1) > 0  # numbers come in the order of the words
    empty = to_numpy(call_arrow("binary_length", words)) == 0
    kept, again = is_first & ~empty, np.flatnonzero(~is_first & ~empty)
    told, place = [], source.place
    if len(again):
        word = shown(words[int(again[0])].as_py())
        many = f"{len(again):,} words come again, the first {word} on" if len(again) > 1 else f"{word} comes again on"
        told.append(f"{many} {place} {places[again[0]]:,}: the first vector of each is kept")
    if empty.any():
        number, first = int(empty.sum()), places[empty.argmax()]
        many = f"{number:,} {place}s have no word, the first" if number > 1 else "there is no word on"
        told.append(f"{many} {place} {first:,}: left out")
    if told:
        warnings.warn(f"{source.name}: {'; '.join(told)}.", VectorsWarning, stacklevel=4)
    if not kept.any():
        raise DataError(f"{source.name}: the file holds no word vectors: no {place} has a word.")
    return kept, len(again)


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
