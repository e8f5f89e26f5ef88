"""Writing word vectors as text that other tools read: word2vec's and fastText's, with a first line, or GloVe's, without one."""

import gzip
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from lmkit.engine.arrow import text_to_arrow, to_arrow
from lmkit.engine.columns import as_lines, as_texts, numbers_as_text
from lmkit.engine.kernels import call_arrow
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.vectors.files.writable import check_finite, check_lines
from lmkit.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    import pyarrow as pa

GZIP, GLOVE = ".gz", ".glove.txt"  # in suffixes
VALUES = 1 << 18  # that a thread turns into text at a time


def write_text_vectors(
    vectors: WordVectors, stream: BinaryIO, suffix: str = ".txt", *, decimals: int | None = None
) -> None:
    """Write a word and its values on each line, as the suffix says: after a line with the numbers of words and values, and compressed with gzip.

    Values are the shortest decimals that give back the same 32 bits, or rounded to `decimals`. DataError for a word
    with a line end in it; a VectorsWarning for words with blanks, which not all tools read.
    """
    check_finite(vectors)
    check_lines(vectors.words)
    words: pa.Array[Any] = as_texts(vectors.words.arrow_words())
    rows = max(1, VALUES // vectors.dimensions)
    parts = [slice(first, first + rows) for first in range(0, len(vectors), rows)]

    def lines_of(part: slice) -> bytes | memoryview:
        values = vectors.matrix[part]
        lines = rows_as_lines(words[part], values if decimals is None else np.round(values, decimals) + np.float32(0))
        return gzip.compress(lines, 6, mtime=0) if suffix.endswith(GZIP) else lines

    if GLOVE not in suffix:
        head = b"%d %d\n" % vectors.matrix.shape
        stream.write(gzip.compress(head, 6, mtime=0) if suffix.endswith(GZIP) else head)
    advance = stage("writing vectors", len(parts))
    for lines in map_in_order(lines_of, parts, None):
        stream.write(lines)
        advance(1)


def rows_as_lines(words: "pa.Array[Any]", values: "np.ndarray[Any, np.dtype[np.float32]]") -> memoryview:
    """Lines of words (rows,) and their values (rows, dimensions)."""
    import pyarrow as pa

    rows, dimensions = values.shape
    bounds = to_arrow(np.arange(0, rows * dimensions + 1, dimensions, dtype=np.int32))
    lists = pa.ListArray.from_arrays(bounds, numbers_as_text(values.ravel()))
    return as_lines([words, call_arrow("binary_join", lists, text_to_arrow(" "))], separator=" ")
