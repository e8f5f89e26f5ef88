"""The columns of the n-gram lines of ARPA files: log10 probability, words, and perhaps log10 backoff."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.word_finder import WordFinder
from lmkit.engine.arrow import text_to_arrow
from lmkit.engine.kernels import call_arrow
from lmkit.ngrams.backoff.listed import LOG10_ZERO
from lmkit.text.whitespace import NEWLINE, SPACE

if TYPE_CHECKING:
    import pyarrow as pa

ROUNDING = 1e-5  # log10 probabilities above 0 by less than this are rounding errors of other tools


@dataclass(frozen=True, eq=False)
class Words:
    """The words of n-gram lines."""

    places: NDArray[np.int32]  # (lines, k) in `known`, and after these in `others`
    known: Sequence[bytes]  # the words that were looked up, by id
    others: list[bytes]  # what was not found among them, without repetitions

    def of_line(self, line: int) -> list[bytes]:
        """The words of one line."""
        end = len(self.known)
        return [self.known[word] if word < end else self.others[word - end] for word in self.places[line].tolist()]

    def in_order(self) -> list[bytes]:
        """All words, line by line."""
        words = [*self.known, *self.others]
        return [words[word] for word in self.places.ravel().tolist()]

    def choose(self, lines: NDArray[np.int64]) -> "Words":
        """Those of some lines."""
        return replace(self, places=self.places[lines])


@dataclass(frozen=True, eq=False)
class NgramLines:
    """The n-gram lines of a piece of a section."""

    lines: NDArray[np.int64]  # (n-grams,) line numbers
    words: Words
    log10_probs: NDArray[np.float64]
    log10_backoffs: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of lines of text, which white space separates."""

    text: bytes  # the lines
    starts: NDArray[np.int32]  # (columns,) where each begins in the text
    ends: NDArray[np.int32]  # (columns,) where what separates it from the next one is
    separators: int  # how many bytes of white space there are
    lines: NDArray[np.int64]  # (lines,) numbers, from 0, of the lines that are not empty
    firsts: NDArray[np.int64]  # (lines,) the first column of each
    lengths: NDArray[np.int64]  # (lines,) number of columns

    def text_of(self, column: int) -> bytes:
        """The text of one column."""
        return self.text[self.starts[column] : self.ends[column]]

    def numbers(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """The numbers in some columns, which ascend. pyarrow.ArrowInvalid if one is none."""
        import pyarrow as pa

        numbers = call_arrow("cast", self._with_gaps(columns, pa.string()), target_type=pa.float64())
        values: NDArray[np.float64] = np.frombuffer(numbers.buffers()[1], np.float64, 2 * len(columns))[::2]
        return values

    def distinct(self, columns: NDArray[np.int64]) -> tuple[NDArray[np.int32], list[bytes]]:
        """The texts of some columns, which ascend, as places in a list without repetitions."""
        import pyarrow as pa

        found = call_arrow("dictionary_encode", self._with_gaps(columns, pa.binary()))
        return np.frombuffer(found.indices.buffers()[1], np.int32, 2 * len(columns))[::2], found.dictionary.to_pylist()

    def words(self, fits: NDArray[np.bool_], k: int, finder: WordFinder | None) -> Words:
        """The k words of each line that fits.

        fits: (lines,) which have a column before their words. finder: None if no words are known.
        """
        columns = (self.firsts[fits][:, None] + np.arange(1, k + 1)).ravel()
        if finder is None:
            places, others = self.distinct(columns)
            return Words(places.reshape(-1, k), (), others)
        starts = self.starts.take(columns)
        places = finder.find(self.text, starts, self.ends.take(columns) - starts)
        lost = np.flatnonzero(places < 0)
        numbers, others = self.distinct(columns.take(lost))
        places[lost] = numbers + np.int32(len(finder.words))
        return Words(places.reshape(-1, k), finder.words, others)

    def _with_gaps(self, columns: NDArray[np.int64], kind: "pa.DataType") -> "pa.Array[Any]":
        """The texts of some columns, which ascend, without a copy; after each one that is missing: what stands between them."""
        import pyarrow as pa

        bounds = np.empty(2 * len(columns) + 1, np.int32)
        bounds[:-1:2] = self.starts.take(columns)
        bounds[1::2] = self.ends.take(columns)
        bounds[-1] = len(self.text)
        is_there = np.full(len(bounds) // 8 + 1, 0b01010101, np.uint8)
        buffers = [pa.py_buffer(part) for part in (is_there, bounds, self.text)]
        return pa.Array.from_buffers(kind, 2 * len(columns), buffers)


def split_columns(text: bytes) -> Columns:
    """The columns of whole lines of UTF-8."""
    characters = np.frombuffer(text, np.uint8)
    separators = np.flatnonzero(characters <= SPACE)
    ends = separators.astype(np.int32)
    starts = np.zeros(len(ends), np.int32)
    np.add(ends[:-1], 1, out=starts[1:])
    newlines = np.flatnonzero(characters.take(separators) == NEWLINE)
    stops = newlines + 1  # the end of each line among all columns
    is_column = starts < ends
    if not is_column.all():
        columns = np.flatnonzero(is_column)
        starts, ends = starts.take(columns), ends.take(columns)
        stops = np.searchsorted(columns, newlines, side="right")
    lengths = np.diff(stops, prepend=0)
    lines = np.flatnonzero(lengths)
    lengths = lengths.take(lines)
    return Columns(text, starts, ends, len(separators), lines, stops.take(lines) - lengths, lengths)


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
