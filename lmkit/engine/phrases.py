"""Columns of texts that are made of words, most of which come many times, and lines made of them without making each text first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import texts_to_arrow, to_numpy
from lmkit.engine.columns import as_lines, join_columns, numbers_as_text, texts_at
from lmkit.engine.kernels import row_numbers
from lmkit.engine.pool import Places, Pool
from lmkit.escaping import visible

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Phrases:
    """A column of texts, each of which is a fixed number of words with a space between two."""

    words: "pa.Array[Any]"  # (distinct,) large_string
    places: Sequence[NDArray[np.integer[Any]]]  # for each position: (rows,) which word stands there

    def texts(self) -> "pa.Array[Any]":
        """(rows,) the phrases as text."""
        columns = [texts_at(self.words, places) for places in self.places]
        return columns[0] if len(columns) == 1 else join_columns(columns, " ")


Column = Any  # texts (Arrow, maybe dictionary-encoded), phrases, or numbers (NumPy)


def lines_of(columns: Sequence[Column]) -> memoryview:
    """The rows as lines, tabs between the columns. What would begin a cell or a row of its own within a text is made visible there."""
    lines = joined(columns)
    letters, (words, positions) = np.frombuffer(lines, np.uint8), numbered(columns[0])
    rows = len(positions[0]) if positions else len(words)
    found = [int(np.count_nonzero(letters == ord(mark))) for mark in "\n\t\r"]
    return lines if found == [rows, rows * (len(columns) - 1), 0] else joined(list(map(in_cells, columns)))


def in_cells(column: Column) -> Column:
    """The column, whose texts stay within their cells."""
    import pyarrow as pa

    if isinstance(column, np.ndarray):
        return column
    if isinstance(column, Phrases):
        return Phrases(in_cells(column.words), column.places)
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, in_cells(column.dictionary))
    return texts_to_arrow([visible(text) for text in column.to_pylist()])


def joined(columns: Sequence[Column]) -> memoryview:
    """The rows as lines, whatever is in them.

    Where words are numbered, lines are not joined from texts: all their words, numbers, tabs and newlines are taken from one list of
    distinct texts in one go, and stand end to end.
    """
    cells = [numbered(column) for column in columns]
    if all(words is column for (words, _), column in zip(cells, columns, strict=True)):
        return as_lines(list(columns))
    pool = Pool()
    fields: list[Places] = []
    first = pool.add(texts_to_arrow([" ", "\t", "\n"]))
    space, tab, newline = (np.full(len(cells[0][1][0]), first + place, np.int32) for place in range(3))
    for words, positions in cells:
        first = pool.add(words)
        for places in positions:
            fields += [places.astype(np.int32) + np.int32(first), space]
        fields[-1] = tab
    fields[-1] = newline
    return pool.text(fields)


def numbered(column: Column) -> "tuple[pa.Array[Any], Sequence[NDArray[np.integer[Any]]]]":
    """Distinct texts of a column, and for each position in its phrases (rows,) the places of the texts there."""
    import pyarrow as pa

    if isinstance(column, Phrases):
        return column.words, column.places
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu" and len(column):
        # Each number once for all rows in which it stands one below the other.
        bounds = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1], [True])))
        return numbers_as_text(column[bounds[:-1]]), [row_numbers(bounds)]
    if isinstance(column, np.ndarray):
        return numbers_as_text(column), [np.arange(len(column))]
    if pa.types.is_dictionary(column.type):
        return column.dictionary, [to_numpy(column.indices)]
    return column, [np.arange(len(column))]
