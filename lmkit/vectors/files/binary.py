"""Word vectors in the binary format of word2vec: a line with two numbers, then a word, a blank, and the values in single precision.

word2vec itself ends each vector with a newline; gensim and the files that Google published do not. Both are read.
"""

from collections.abc import Iterator
from typing import IO, BinaryIO

import numpy as np

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.errors import DataError
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.names import Place, source_name
from lmkit.text.sources.opening import open_source, read_bytes
from lmkit.vectors.files.gathering import Source, gathered
from lmkit.vectors.files.recognition import HEADER, WORD2VEC_BINARY
from lmkit.vectors.files.rows import LATIN_1, Rows, is_utf8, not_finite, shown
from lmkit.vectors.files.writable import check_finite, check_without_blanks
from lmkit.vectors.word_vectors import WordVectors

BLOCK_BYTES = 4 << 20
LONGEST_HEAD, LONGEST_WORD = 64, 1 << 16  # bytes
DAMAGED = "The file is damaged or cut short: fetch it again."
ROWS = 1 << 12  # written at a time
VALUE = np.dtype("<f4")


def read_binary_vectors(
    source: Place, encoding_errors: EncodingErrors = None, *, block_bytes: int = BLOCK_BYTES
) -> WordVectors:
    """The word vectors of a binary file, compressed or not; words as they stand there, normalized in no way.

    DataError, with the number of the word, for a file that is cut short, values that are no finite numbers, and words that are no
    UTF-8 (unless encoding_errors is "replace"); a VectorsWarning for words that come twice, or are empty.
    """
    name = source_name(source)
    with open_source(source) as stream:
        head = stream.readline(LONGEST_HEAD)
        header = HEADER.fullmatch(head)
        if header is None or not int(header[1]) or not int(header[2]):
            raise DataError(f"{name}: the first line does not say how many words and values there are.", DAMAGED)
        words, dimensions = map(int, header.groups())
        records = BinaryRecords(stream, name, words, dimensions, block_bytes)
        valid = (valid_rows(rows, name, encoding_errors) for rows in records)
        return gathered(valid, Source(name, WORD2VEC_BINARY, "word", words))


class BinaryRecords:
    """The words of a binary file and their vectors, block by block."""

    def __init__(self, stream: IO[bytes], name: str, words: int, dimensions: int, block_bytes: int) -> None:
        self._stream, self._name, self._words, self._dimensions = stream, name, words, dimensions
        self._block_bytes = max(block_bytes, VALUE.itemsize * dimensions)

    def __iter__(self) -> Iterator[tuple[list[bytes], Rows]]:
        data, done = b"", 0
        while done < self._words:
            more = read_bytes(self._stream, self._block_bytes, self._name)
            if not more:
                raise self._cut_short(data, done)
            data += more
            words, vectors, end = self._taken_from(data, self._words - done)
            if words:
                matrix = np.frombuffer(b"".join(vectors), VALUE).astype(np.float32, copy=False)
                places = np.arange(done + 1, done + len(words) + 1)
                yield words, Rows(bytes_to_arrow(words), matrix.reshape(len(words), self._dimensions), places)
            data, done = data[end:], done + len(words)
            if len(data) > LONGEST_WORD + VALUE.itemsize * self._dimensions:
                raise DataError(f"{self._name}: word {done + 1:,} is longer than {LONGEST_WORD:,} bytes.", DAMAGED)
        if data.strip() or read_bytes(self._stream, self._block_bytes, self._name).strip():
            raise DataError(f"{self._name}: the first line says {self._words:,} words, and more follow.", DAMAGED)

    def _taken_from(self, data: bytes, number: int) -> tuple[list[bytes], list[bytes], int]:
        """Up to so many whole records at the start of the data: their words, the bytes of their values, and where they end."""
        words: list[bytes] = []
        vectors: list[bytes] = []
        size, end = VALUE.itemsize * self._dimensions, 0
        while len(words) < number:
            blank = data.find(b" ", end)
            if blank < 0 or blank + 1 + size > len(data):
                break
            words.append(data[end:blank].lstrip(b"\n"))
            end = blank + 1 + size
            vectors.append(data[blank + 1 : end])
        return words, vectors, end

    def _cut_short(self, data: bytes, done: int) -> DataError:
        """The error for a file that ends within a record, or before one."""
        word, blank, values = data.lstrip(b"\n").partition(b" ")
        where = (
            f"within the vector of {shown(word)}, after {len(values)} of {VALUE.itemsize * self._dimensions} bytes"
            if blank
            else f"within the word that begins with {shown(word)}"
            if word
            else "there"
        )
        return DataError(
            f"{self._name}: the first line says {self._words:,} words, and after {done:,} the file ends {where}.",
            DAMAGED,
        )


def valid_rows(found: tuple[list[bytes], Rows], name: str, encoding_errors: EncodingErrors) -> Rows:
    """The rows, with U+FFFD in the place of what is no UTF-8, if so asked. DataError for words that are none, and for values that are no finite numbers."""
    words, rows = found
    for at in np.flatnonzero(~np.isfinite(rows.matrix).all(axis=1)):
        column = int(np.flatnonzero(~np.isfinite(rows.matrix[at]))[0])
        where = f"{name}: word {rows.places[at]:,}"
        raise not_finite(where, f"value {column + 1}", words[at], rows.matrix[at, column])
    if is_utf8(rows.words):
        return rows
    if encoding_errors == "replace":
        words = [word.decode("utf-8", "replace").encode() for word in words]
        return Rows(bytes_to_arrow(words), rows.matrix, rows.places)
    for word, place in zip(words, rows.places, strict=True):
        try:
            word.decode()
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}: word {place:,}: invalid UTF-8 (byte 0x{word[error.start]:02x}) in {shown(word)}.", LATIN_1
            ) from None
    return rows


def write_binary_vectors(vectors: WordVectors, stream: BinaryIO, _suffix: str = ".bin") -> None:
    """Write word vectors as gensim writes them, without newlines. DataError for words with a blank in them."""
    check_finite(vectors)
    check_without_blanks(vectors.words)
    stream.write(b"%d %d\n" % vectors.matrix.shape)
    row_bytes = VALUE.itemsize * vectors.dimensions
    for first in range(0, len(vectors), ROWS):
        some = slice(first, first + ROWS)
        data = vectors.matrix[some].astype(VALUE, copy=False).tobytes()
        rows = zip(vectors.words.words[some], range(0, len(data), row_bytes), strict=True)
        stream.write(b"".join(word + b" " + data[at : at + row_bytes] for word, at in rows))
