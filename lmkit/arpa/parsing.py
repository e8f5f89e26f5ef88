"""The columns of the n-gram lines of ARPA files: log10 probability, words, and perhaps log10 backoff."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.word_finder import WordFinder
from lmkit.arpa.writing import LOG10_ZERO
from lmkit.engine.arrow import to_arrow
from lmkit.text.whitespace import NEWLINE, SPACE

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_BACKOFF = 100.0
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

    data: bytes  # the lines
    entries: "pa.Array[Any]"  # what stands before each separator, and that separator itself
    offsets: NDArray[np.int32]  # (entries + 1,) where each begins
    marks: NDArray[np.uint8]  # (entries,) the separators
    lines: NDArray[np.int64]  # (lines,) numbers, from 0, of the lines that are not empty
    starts: NDArray[np.int64]  # (lines,) place of the first column of each among all columns
    lengths: NDArray[np.int64]  # (lines,) number of columns
    places: NDArray[np.int64]  # (columns,) the entry of each column

    def texts(self, columns: NDArray[np.int64]) -> "pa.Array[Any]":
        """The texts of some columns."""
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.ascii_trim_whitespace(self.entries.take(to_arrow(self.places.take(columns))).cast(pa.string()))

    def numbers(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """The numbers in some columns, which ascend. pyarrow.ArrowInvalid if one is none."""
        import pyarrow as pa

        entries = self.places.take(columns)
        bounds = np.empty(2 * len(columns) + 1, np.int32)
        bounds[:-1:2] = self.offsets.take(entries)
        bounds[1::2] = self.offsets.take(entries + 1) - 1  # without the separator
        bounds[-1] = self.offsets[-1]
        is_number = np.full(-(-len(bounds) // 8), 0b01010101, np.uint8)  # what stands between them is missing
        buffers = [pa.py_buffer(is_number), pa.py_buffer(bounds), self.entries.buffers()[2]]
        numbers = pa.Array.from_buffers(pa.string(), 2 * len(columns), buffers).cast(pa.float64())
        values: NDArray[np.float64] = np.frombuffer(numbers.buffers()[1], np.float64, 2 * len(columns))[::2]
        return values

    def words(self, fits: NDArray[np.bool_], k: int, finder: WordFinder | None) -> Words:
        """The k words of each line that fits.

        fits: (lines,) which have a column before their words, and at most one after them. finder: None if no words are known.
        """
        is_word = np.zeros(len(self.marks), np.bool_)
        is_word[self.places] = np.repeat(fits, self.lengths)
        is_word[self.places.take(self.starts)] = False
        is_word[self.places.take((self.starts + k + 1)[self.lengths == k + 2])] = False
        if finder is None:
            places, others = self._distinct(is_word)
            return Words(places.reshape(-1, k), (), others)
        starts, ends = np.compress(is_word, self.offsets[:-1]), np.compress(is_word, self.offsets[1:])
        places = finder.find(self.data, starts, ends - starts - 1)
        lost = np.flatnonzero(places < 0)
        others = []
        if len(lost):
            is_lost = np.zeros(len(self.marks), np.bool_)
            is_lost[np.flatnonzero(is_word).take(lost)] = True
            numbers, others = self._distinct(is_lost)
            places[lost] = numbers + np.int32(len(finder.words))
        return Words(places.reshape(-1, k), finder.words, others)

    def _distinct(self, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int32], list[bytes]]:
        """The words in some entries, as places in a list without repetitions (but for what separates them). chosen: (entries,)."""
        import pyarrow as pa

        mask = pa.py_buffer(np.packbits(chosen, bitorder="little"))
        entries = pa.Array.from_buffers(pa.binary(), len(self.marks), [mask, *self.entries.buffers()[1:]])
        found = entries.dictionary_encode()  # what is masked is not looked at
        numbers = np.frombuffer(found.indices.buffers()[1], np.int32, len(self.marks))
        return np.compress(chosen, numbers), [entry[:-1] for entry in found.dictionary.to_pylist()]


def split_columns(data: bytes) -> Columns:
    """The columns of whole lines of UTF-8."""
    import pyarrow as pa

    characters = np.frombuffer(data, np.uint8)
    separators = np.flatnonzero(characters <= SPACE)
    offsets = np.zeros(len(separators) + 1, np.int32)
    np.add(separators, 1, out=offsets[1:], casting="unsafe")
    marks = characters.take(separators)
    entries = pa.Array.from_buffers(pa.binary(), len(separators), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    return Columns(data, entries, offsets, marks, *find_columns(offsets, marks == NEWLINE))


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
        pa.scalar(text).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def wrong_columns(k: int, found: int) -> str:
    """What is wrong with a line of this many columns among the k-grams."""
    return f"expected a log10 probability, {k} words and perhaps a log10 backoff, found {found} columns"
