"""CSV and TSV: a header line of column names, or none, then records, one column of which is the text.

Arrow reads block by block. Where quotes stand in odd places, the records of a block are read one by one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.errors import DataError
from lmkit.text.sources.bad_lines import Refuse
from lmkit.text.sources.blocks import CR_ENDS, Block
from lmkit.text.sources.fields import block_of_values, missing_field
from lmkit.text.sources.headerless import columns_without_names
from lmkit.text.sources.names import TextFile, is_column_number, source_name
from lmkit.text.sources.records import QUOTING, Dialect, Record, ends_with_returns, is_blank, records_in, regular_ends
from lmkit.text.whitespace import NEWLINE

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_BLOCK = 2**31 - 1  # that Arrow takes
DELIMITERS = (b",", b";", b"\t", b"|")  # of CSV: the first one that gives the header the column that is asked for
SEPARATOR = re.compile(
    rb'"?sep=([^\r\n])"?\r?\n', re.IGNORECASE
)  # the first line, by which Excel is told the delimiter
CELLS = "A cell with a delimiter in it stands in quotes."
TABS = "A cell holds no TAB; quotes mean nothing in TSV (if they do, use --format csv)."


@dataclass(frozen=True, eq=False)
class Parsed:
    """The rows of some data, which are its records, its blank lines, and lines that are no records; and the texts of the records."""

    head: bytes  # what stands before them: the header, at the start of a file
    data: bytes  # all rows, end to end
    ends: NDArray[np.int64]  # (rows,) in the data, past the line end of each
    lines: NDArray[np.int64]  # (rows,) the line on which each begins
    texts: Any  # in the column, of the rows that are records
    places: NDArray[np.int64]  # (texts,) the row of each


NOTHING = np.zeros(0, np.int64)
NO_ROWS = Parsed(b"", b"", NOTHING, NOTHING, None, NOTHING)


def delimited_blocks(blocks: Iterable[Block], text: TextFile, refuse: Refuse, *, tabs: bool) -> Iterator[Block]:
    """The texts in one column, a line each, from blocks of lines. tabs: TSV, where quotes are characters like any other."""
    reader = DelimitedReader(text, refuse, tabs=tabs)
    for block in blocks:
        yield from reader.read(block, at_end=False)
    yield from reader.finish()


class DelimitedReader:
    """Reads the column out of blocks of one file; what is left of a block begins the next."""

    def __init__(self, text: TextFile, refuse: Refuse, *, tabs: bool) -> None:
        self._text, self._refuse = text, refuse
        self._dialects = [Dialect(b"\t", quoted=False)] if tabs else [Dialect(mark, quoted=True) for mark in DELIMITERS]
        self._dialect: Dialect | None = None  # known once the header is, or the first records are where there is none
        self._columns = self._column = 0  # number of columns, and the one that is read
        self._pending = b""
        self._line = 1  # where it begins
        self.names: tuple[str, ...] = ()  # of the columns, once the header is known; none where there is no header

    def read(self, block: Block, *, at_end: bool) -> Iterator[Block]:
        """The texts of all records that end in this block."""
        parsed = self.parse(block.data, block.source, at_end=at_end)
        found = parsed.texts is not None and block_of_values(parsed.texts, parsed.lines[parsed.places], block.source)
        if found:
            yield found

    def finish(self) -> Iterator[Block]:
        """The texts of what is left at the end of the file."""
        if self._pending:
            yield from self.read(Block(b"", source_name(self._text), self._line, 0), at_end=True)

    def parse(self, data: bytes, source: str, *, at_end: bool) -> Parsed:
        """All rows that end in this data, which follows what came before; at_end: nothing follows."""
        data = self._pending + data
        used = 0 if self._dialect else self._read_header(data, source, at_end=at_end)
        head, rest = data[:used], data[used:]
        self._line += head.count(b"\n")
        parsed = NO_ROWS
        if self._dialect is not None and rest:
            parsed = self._parse(rest, self._dialect, at_end=at_end)
            self._line += parsed.data.count(b"\n")
        self._pending = rest[len(parsed.data) :]
        return replace(parsed, head=head)

    def _read_header(self, data: bytes, source: str, *, at_end: bool) -> int:
        """Find the column in the first record; the bytes up to its end, 0 if there is no record yet."""
        told = SEPARATOR.match(data) if self._line == 1 else None
        dialects = [Dialect(told[1], quoted=True)] if told else self._dialects
        headers = [first_header(data, dialect, told.end() if told else 0, at_end=at_end) for dialect in dialects]
        complete = [(header, dialect) for header, dialect in headers if header is not None]
        if len(complete) < len(headers):
            return len(data) if is_blank(data, 0, len(data)) else 0
        if not self._text.header:
            layout = columns_without_names(data, complete, self._text, (source, self._line), at_end=at_end)
            if layout is None:
                return 0
            self._dialect, self._columns, self._column, start = layout
            return start
        name = self._text.field_name
        found = ((header, dialect) for header, dialect in complete if name in column_names(header))
        header, dialect = next(found, max(complete, key=lambda pair: len(pair[0].cells) > 1))
        names, line = column_names(header), self._line + data.count(b"\n", 0, header.start)
        if ends_with_returns(data, header):
            raise DataError(f"{source}:{line}: {CR_ENDS[0]}.", CR_ENDS[1])
        if header.fault:
            raise DataError(f"{source}:{line}: {header.fault}, in the line of column names.", QUOTING)
        if name not in names:
            what, remedy = missing_field(name, names, given=self._text.field is not None, kind="column")
            number = " With --no-header, columns have numbers." if is_column_number(name) else ""
            raise DataError(f"{source}:{line}: {what}.", f"The first line has the names. {remedy}{number}")
        if names.count(name) > 1:
            raise DataError(f"{source}:{line}: several columns are called {name}.", "Give them different names.")
        self._dialect, self._columns, self._column = dialect, len(names), names.index(name)
        self.names = tuple(names)
        return header.end

    def _parse(self, data: bytes, dialect: Dialect, *, at_end: bool) -> Parsed:
        """The rows that are complete."""
        ends = regular_ends(data, dialect)
        used = int(ends[-1]) + 1 if ends is not None and len(ends) else 0
        if ends is not None and (used == len(data) or (used and not at_end)):
            found = self._parse_block(data[:used], ends + 1, dialect)
            if found is not None:
                return found
        return self._parse_slowly(data, dialect, at_end=at_end)

    def _parse_block(self, data: bytes, ends: NDArray[np.int64], dialect: Dialect) -> Parsed | None:
        """The rows that end at these places, read by Arrow; None if it sees other records."""
        read = read_column(data, self._columns, self._column, dialect)
        if read is None:
            return None
        values, bad = read
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
        places = np.arange(len(starts))
        if len(values) + len(bad) != len(starts):  # some are blank
            places = places[[not is_blank(data, start, end) for start, end in zip(starts, ends, strict=True)]]
            if len(values) + len(bad) != len(places):
                return None
        one_line_each = data.count(b"\n") == len(starts)
        lines = self._line + (np.arange(len(starts)) if one_line_each else lines_before(data, starts))
        for number, cells in bad:
            self._refuse_cells(int(lines[places[number]]), cells, dialect)
        return Parsed(b"", data, ends, lines, values, np.delete(places, [number for number, _ in bad]))

    def _parse_slowly(self, data: bytes, dialect: Dialect, *, at_end: bool) -> Parsed:
        """The same row by row."""
        values, places, ends, lines, line = [], [], [], [], self._line
        for row, record in enumerate(records_in(data, dialect, at_end=at_end)):
            if record.fault:
                self._refuse(line, record.fault, QUOTING)
            elif is_blank(data, record.start, record.end):
                pass
            elif len(record.cells) == self._columns:
                values.append(record.cells[self._column])
                places.append(row)
            else:
                self._refuse_cells(line, len(record.cells), dialect)
            ends.append(record.end)
            lines.append(line)
            line += data.count(b"\n", record.start, record.end)
        bounds, numbers, rows = (np.array(each, np.int64) for each in (ends, lines, places))
        return Parsed(b"", data[: ends[-1] if ends else 0], bounds, numbers, bytes_to_arrow(values), rows)

    @property
    def dialect(self) -> Dialect | None:
        """How cells are told apart, once that is known."""
        return self._dialect

    def _refuse_cells(self, line: int, cells: int, dialect: Dialect) -> None:
        """Refuse a record with another number of cells than the header has."""
        number = "1 cell" if cells == 1 else f"{cells} cells"
        others = "the header has" if self._text.header else "most records have"
        self._refuse(line, f"{number}, where {others} {self._columns}", CELLS if dialect.quoted else TABS)


def first_header(data: bytes, dialect: Dialect, start: int, *, at_end: bool) -> tuple[Record | None, Dialect]:
    """The first record that is not blank, None if it is not complete; and the dialect, with spaces if they stand after all its delimiters."""
    header = first_record(data, dialect, start, at_end=at_end)
    after_delimiters = [cell for cell in header.cells[1:] if cell] if header is not None and dialect.quoted else []
    if after_delimiters and all(cell.startswith(b" ") for cell in after_delimiters):
        spaced = replace(dialect, spaced=True)
        again = first_record(data, spaced, start, at_end=at_end)
        if again is None or not again.fault:
            return again, spaced
    return header, dialect


def first_record(data: bytes, dialect: Dialect, start: int, *, at_end: bool) -> Record | None:
    """The first record from `start` on that is not blank; None if it is not complete."""
    records = records_in(data, dialect, at_end=at_end, start=start)
    return next((record for record in records if not is_blank(data, record.start, record.end)), None)


def column_names(header: Record) -> list[str]:
    """The names in a header."""
    return [cell.decode().strip() for cell in header.cells]


def lines_before(data: bytes, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """(places,) how many lines end before each."""
    newlines: NDArray[np.int64] = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
    return np.searchsorted(newlines, places)


def read_column(
    data: bytes, columns: int, column: int, dialect: Dialect
) -> "tuple[pa.Array[Any], list[tuple[int, int]]] | None":
    """The texts of one column, and the number (from 0) and the cells of each record that has not so many columns.

    None if Arrow finds a fault.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    bad = []

    def leave_out(row: Any) -> str:
        bad.append((row.number - 1, row.actual_columns))
        return "skip"

    names = list(map(str, range(columns)))
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(use_threads=False, block_size=min(len(data) + 1, LARGEST_BLOCK), column_names=names),
            arrow_csv.ParseOptions(
                delimiter=dialect.delimiter.decode(),
                quote_char='"' if dialect.quoted else False,
                newlines_in_values=dialect.quoted,
                invalid_row_handler=leave_out,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types={names[column]: pa.string()},
                include_columns=[names[column]],
                null_values=[],
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.column(0).combine_chunks() if len(table) else pa.nulls(0, pa.string()), bad
