"""The columns of the n-gram lines of ARPA files: log10 probability, words, and perhaps log10 backoff."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.writing import LOG10_ZERO
from lmkit.engine.arrow import text_to_arrow, to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.text.whitespace import NEWLINE, SPACE

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_BACKOFF = 100.0
ROUNDING = 1e-5  # log10 probabilities above 0 by less than this are rounding errors of other tools


@dataclass(frozen=True, eq=False)
class NgramLines:
    """The n-gram lines of a piece of a section."""

    lines: NDArray[np.int64]  # (n-grams,) line numbers
    words: NDArray[np.int32]  # (n-grams, k) place in `distinct`
    distinct: list[bytes]  # distinct words
    log10_probs: NDArray[np.float64]
    log10_backoffs: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of lines of text, which white space separates."""

    entries: "pa.Array[Any]"  # what stands before each separator, and that separator itself
    marks: NDArray[np.uint8]  # (entries,) the separators
    lines: NDArray[np.int64]  # (lines,) numbers, from 0, of the lines that are not empty
    starts: NDArray[np.int64]  # (lines,) place of the first column of each among all columns
    lengths: NDArray[np.int64]  # (lines,) number of columns
    places: NDArray[np.int64]  # (columns,) the entry of each column

    def texts(self, columns: NDArray[np.int64]) -> "pa.Array[Any]":
        """The texts of some columns."""
        import pyarrow as pa

        entries = call_arrow("take", self.entries, to_arrow(self.places.take(columns)))
        texts: pa.Array[Any] = call_arrow("ascii_trim_whitespace", call_arrow("cast", entries, target_type=pa.string()))
        return texts

    def words(self, starts: NDArray[np.int64], k: int) -> tuple[NDArray[np.int32], list[bytes]]:
        """The k words of each line, (lines, k), as places in a list of distinct ones. starts: of the lines."""
        places = self.places.take((starts[:, None] + np.arange(1, k + 1)).ravel())
        words = call_arrow("dictionary_encode", call_arrow("take", self.entries, to_arrow(places)))
        return to_numpy(words.indices).reshape(-1, k), [entry[:-1] for entry in words.dictionary.to_pylist()]


def split_columns(data: bytes) -> Columns:
    """The columns of whole lines of UTF-8."""
    import pyarrow as pa

    characters = np.frombuffer(data, np.uint8)
    separators = np.flatnonzero(characters <= SPACE)
    offsets = np.zeros(len(separators) + 1, np.int32)
    np.add(separators, 1, out=offsets[1:], casting="unsafe")
    marks = characters.take(separators)
    entries = pa.Array.from_buffers(pa.binary(), len(separators), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    return Columns(entries, marks, *find_columns(offsets, marks == NEWLINE))


def find_columns(
    offsets: NDArray[np.int32], is_newline: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where the columns of the lines are.

    offsets: (entries + 1,) where each entry begins, its separator included; is_newline: (entries,) whether that ends a
    line. Returns, of each line that is not empty, its number, the place of its first column among the columns and how
    many there are; and (columns,) the entry of each column.
    """
    newlines = np.flatnonzero(is_newline)
    columns = np.flatnonzero(np.diff(offsets) > 1)
    ends = np.searchsorted(columns, newlines, side="right") if len(columns) < len(is_newline) else newlines + 1
    lengths = np.diff(ends, prepend=0)
    lines = np.flatnonzero(lengths)
    lengths = lengths.take(lines)
    return lines, ends.take(lines) - lengths, lengths, columns


def without_zeros(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values with -inf where they stand for log10 of 0."""
    return np.where(values <= LOG10_ZERO, -np.inf, values)


def is_number(text: str) -> bool:
    """Whether a text is a decimal number."""
    import pyarrow as pa

    try:
        call_arrow("cast", text_to_arrow(text), target_type=pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def wrong_columns(k: int, found: int) -> str:
    """What is wrong with a line of this many columns among the k-grams."""
    return f"expected a log10 probability, {k} words and perhaps a log10 backoff, found {found} columns"
