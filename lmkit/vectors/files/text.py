"""Word vectors as text: a word and its values on each line, as word2vec, fastText (.vec) and GloVe write them.

The first two say on the first line how many words and values there are; in GloVe's files, the lines themselves tell.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Place, source_name
from lmkit.text.sources.reading import read_lines
from lmkit.text.word_lists.recognition import is_number
from lmkit.vectors.files.gathering import Source, gathered
from lmkit.vectors.files.recognition import GLOVE_TEXT, HEADER, WORD2VEC_TEXT
from lmkit.vectors.files.rows import Rows, Width, rows_of
from lmkit.vectors.word_vectors import WordVectors

BLOCK_BYTES = 4 << 20
FIRST_LINES = 1000  # of a file without a first line that tells, by which the number of values is found


def read_text_vectors(
    source: Place, encoding_errors: EncodingErrors = None, *, block_bytes: int = BLOCK_BYTES
) -> WordVectors:
    """The word vectors of a text, compressed or not; words as they stand there, normalized in no way.

    DataError, with the line, for one that is not as the others are, a value that is no finite number, words that are no UTF-8
    (unless encoding_errors is "replace"), and where the first line promises more or fewer words; a VectorsWarning for words that
    come twice, and lines without one.
    """
    name = source_name(source)
    blocks = read_lines(source, block_bytes=block_bytes, check=False)
    head = list(islice(blocks, 2))  # a last line without a newline is a block of its own
    if not head:
        raise DataError(f"{name} holds no word vectors: it is empty.")
    first = replace(head[0], data=b"".join(block.data for block in head))
    header = HEADER.match(first.data)
    if header:
        first = replace(first, data=first.data[header.end() :], first_line=2)
        width = Width(int(header[2]), "the first line says")
    else:
        width = Width(most_common_width(first.data), "most lines have")
    if not width.dimensions:
        raise DataError(f"{name}:1: vectors of 0 values are said on the first line.", "Is it a file of word vectors?")

    def rows_in(block: Block) -> Rows:
        return rows_of(block, width, encoding_errors)

    parsed: Iterator[Rows] = map_in_order(rows_in, chain([first], blocks), None)
    form, said = (WORD2VEC_TEXT, int(header[1])) if header else (GLOVE_TEXT, None)
    return gathered(parsed, Source(name, form, "line", said))


def most_common_width(data: bytes) -> int:
    """How many values stand at the end of most of the first lines, after a word; of equally many, on the first of these."""
    widths = Counter(map(width_of, data.split(b"\n", FIRST_LINES)[:FIRST_LINES]))
    del widths[0]
    return widths.most_common(1)[0][0] if widths else 1


def width_of(line: bytes) -> int:
    """How many numbers stand at the end of a line, its first field left out."""
    cells = line.split()[1:]
    return next((number for number, cell in enumerate(reversed(cells)) if not is_number(cell)), len(cells))
