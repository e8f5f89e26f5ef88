"""Where the records of CSV begin and end, and what is in them (RFC 4180), for what is too odd for Arrow.

A field that begins with a quote ends with one, and holds delimiters, newlines and doubled quotes in between; elsewhere a
quote is a character like any other. A newline outside of quotes ends a record, and nothing else does. Where a dialect has spaces
after delimiters, these are no part of fields.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lmkit.text.whitespace import NEWLINE, RETURN, SPACE

QUOTE = 34
LONGEST_RECORD = 16 << 20  # bytes of a record of several lines: a missing quote is found before all is read


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart."""

    delimiter: bytes
    quoted: bool  # whether quotes mean anything
    spaced: bool = False  # whether spaces before a cell are left out; only if quoted


@dataclass(frozen=True)
class Record:
    """One record, or a line that is none."""

    start: int  # in the data
    end: int  # past its newline
    cells: tuple[bytes, ...]
    fault: str = ""  # why it is none


IN_QUOTES = re.compile(rb'"[^"]*"')
QUOTING = "A cell with quotes, delimiters or newlines stands in quotes, and quotes in it are doubled."
UNCLOSED = "a quote is opened in this record and not closed"
AFTER_QUOTE = "something follows a closing quote"


def records_in(data: bytes, dialect: Dialect, *, at_end: bool, start: int = 0) -> Iterator[Record]:
    """The records of data that has one at `start` and ends with a newline; a last one that is cut off is left out.

    at_end: no more data follows, so that a quote that is not closed is a fault. After a faulty record, the next line begins one.
    """
    while start < len(data):
        record = read_record(data, start, dialect)
        if record.fault == UNCLOSED and not at_end and len(data) - start <= LONGEST_RECORD:
            return
        yield record
        start = record.end


def read_record(data: bytes, start: int, dialect: Dialect) -> Record:
    """The record that begins at `start`."""
    line_end = data.index(b"\n", start) + 1
    if not dialect.quoted:
        return Record(start, line_end, tuple(without_return(data[start : line_end - 1]).split(dialect.delimiter)))
    cells: list[bytes] = []
    quoted, plain = cell_patterns(dialect.delimiter)
    at = start
    while True:
        while dialect.spaced and data[at] == SPACE:
            at += 1
        in_quotes = data[at] == QUOTE
        match = quoted.match(data, at) if in_quotes else plain.match(data, at)
        if match is None:
            return Record(start, line_end, (), UNCLOSED)
        if in_quotes:
            cells.append(match[1].replace(b'""', b'"'))
        else:
            cells.append(without_return(match[1]) if data[match.end()] == NEWLINE else match[1])
        at = match.end()
        if data[at] == NEWLINE or data[at : at + 2] == b"\r\n":
            return Record(start, at + (1 if data[at] == NEWLINE else 2), tuple(cells))
        if data[at : at + 1] != dialect.delimiter:
            return Record(start, line_end, (), AFTER_QUOTE)
        at += 1


def is_blank(data: bytes, start: int, end: int) -> bool:
    """Whether there is nothing from one place in the data to another but the end of a line."""
    return not data[start:end].strip(b"\r\n")


def ends_with_returns(data: bytes, record: Record) -> bool:
    """Whether a record that was found is many, whose lines end with CR alone."""
    return b"\r" in IN_QUOTES.sub(b"", data[record.start : record.end].rstrip(b"\r\n"))


@lru_cache
def cell_patterns(delimiter: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What a quoted cell looks like, and another."""
    return re.compile(rb'"((?:[^"]++|"")*+)"'), re.compile(rb"([^" + re.escape(delimiter) + rb"\n]*+)")


def without_return(cell: bytes) -> bytes:
    """The cell without the carriage return of a line that ends with CR LF."""
    return cell[:-1] if cell.endswith(b"\r") else cell


def regular_ends(data: bytes, dialect: Dialect) -> NDArray[np.int64] | None:
    """(records,) where the newline of each record is; of one that is cut off there is none. None where Arrow may see other
    records: if quotes stand in odd places before the last of these newlines, there is a CR that Arrow takes for a newline, or spaces
    are no part of cells.

    A quote in an even place (0, 2, …) opens a cell, or is the second one of a doubled quote; the others close, or are the first of two.
    """
    if dialect.spaced or data.count(b"\r") != data.count(b"\r\n"):
        return None
    characters = np.frombuffer(data, np.uint8)
    newlines: NDArray[np.int64] = np.flatnonzero(characters == NEWLINE)
    if not dialect.quoted or b'"' not in data:
        return newlines
    quotes = np.flatnonzero(characters == QUOTE)
    newlines = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
    if not len(newlines):
        return newlines
    quotes = quotes[: np.searchsorted(quotes, newlines[-1])]
    delimiter = dialect.delimiter[0]
    openers, closers = quotes[0::2], quotes[1::2]
    before = np.where(openers > 0, characters[openers - 1], NEWLINE)
    opens = (before == delimiter) | (before == NEWLINE)
    opens[1:] |= openers[1:] == closers[:-1] + 1
    after = characters[closers + 1]
    closes = (after == delimiter) | (after == NEWLINE) | (after == RETURN)
    closes[:-1] |= openers[1:] == closers[:-1] + 1
    return newlines if bool(opens.all()) and bool(closes.all()) else None
