"""Records that are those of CSV or TSV."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.records.block import BAD, BLANK, HAS_TEXT, Added, Values
from lmkit.text.records.lines import LineRecords, as_valid_text, batch_of, line_ends, refuse_column
from lmkit.text.records.pieces import Found, raw_blocks
from lmkit.text.sources.bad_lines import Refuse
from lmkit.text.sources.blocks import valid
from lmkit.text.sources.delimited import DelimitedReader, Parsed
from lmkit.text.sources.fields import missing_field
from lmkit.text.sources.names import Format, TextFile, source_name
from lmkit.text.sources.records import Dialect, is_blank, read_record

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class CellRecords(LineRecords):
    """Records of cells. What is added becomes their last cells."""

    dialect: Dialect = field(kw_only=True)
    names: tuple[str, ...] = ()  # of the columns; none where there is no header
    tabs: bool = False  # TSV

    @property
    def format(self) -> Format:
        """That of the source."""
        return "tsv" if self.tabs else "csv"

    @property
    def delimiter(self) -> str:
        """What stands between cells."""
        return self.dialect.delimiter.decode()

    def insertions(self, names: Sequence[str]) -> NDArray[np.int64]:
        """(records,) where in the data cells are added to each: before its line end. DataError if there is such a column already."""
        for name in names:
            refuse_column(name, self.names, self.source)
        return super().insertions(names)

    def additions(self, places: NDArray[np.int64], added: Added) -> "pa.Array[Any]":
        """(places,) the cells to be added to the records there."""
        return self.separated(places, added, self.delimiter)

    def header_with(self, names: Sequence[str]) -> bytes:
        """The line of column names with more of them."""
        if not self.names:
            return self.header
        body = self.header.rstrip(b"\r\n")
        added = "".join(self.delimiter + quoted(name, self.dialect, self.source) for name in names)
        return body + added.encode() + self.header[len(body) :]

    def encoded(self, values: Values) -> Values:
        """The values as cells: texts in quotes where the dialect has such and they need them. DataError for texts that no cell can hold."""
        if isinstance(values, np.ndarray):
            return values
        return [value and quoted(value, self.dialect, self.source) for value in values]

    def rows(self, kept: NDArray[np.bool_], added: Added | None) -> "pa.RecordBatch":
        """A table of texts."""
        places = np.flatnonzero(kept & (self.kinds < BLANK))
        listed = [self.cells(place) for place in places.tolist()]
        names = self.names_for(listed)
        columns = {
            name: as_valid_text(bytes_to_arrow([row[number] for row in listed])) for number, name in enumerate(names)
        }
        return batch_of(columns, places, added, self.source)

    def cells(self, place: int) -> tuple[bytes, ...]:
        """The cells of one of the records."""
        return read_record(self.record(place), 0, self.dialect).cells

    def values(self, field: str, *, required: bool = False) -> list[Any]:  # noqa: ARG002 (a column is in all records or in none)
        """(records,) the texts of a column. DataError if there is none of this name."""
        listed = [self.cells(place) if kind < BLANK else None for place, kind in enumerate(self.kinds.tolist())]
        names = self.names_for(filter(None, listed))
        if not names:  # there is no header, and no record
            return listed
        if field not in names:
            what, remedy = missing_field(field, names, given=True, kind="column")
            raise DataError(f"{self.source}: {what}.", remedy)
        number = names.index(field)
        return [cells and cells[number].decode("utf-8", "replace") for cells in listed]

    def names_for(self, rows: Iterable[tuple[bytes, ...]]) -> tuple[str, ...]:
        """The names of the columns; their numbers, from 1, where there is no header."""
        return self.names or tuple(str(number) for number in range(1, 1 + max(map(len, rows), default=0)))


def quoted(value: str, dialect: Dialect, source: str) -> str:
    """A text as a cell has it (RFC 4180). DataError where cells have no quotes and the text would need them."""
    marks = [dialect.delimiter.decode(), "\r", "\n", *(['"'] if dialect.quoted else [])]
    if not any(mark in value for mark in marks):
        return value
    if dialect.quoted:
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    raise DataError(f"{source}: {value!r} is to be added, which no cell of TSV can hold.", "Give it another name.")


def cell_records(stream: IO[bytes], text: TextFile, refuse: Refuse, reading: Reading, *, tabs: bool) -> Iterator[Found]:
    """The records of a stream and the texts in one of their columns. Bad ones are refused."""
    reader = DelimitedReader(text, refuse, tabs=tabs)
    name, header, waiting, ended = source_name(text), b"", b"", True
    for raw in raw_blocks(stream, text, reading):
        ended, header = raw.ended, header or raw.mark
        parsed = reader.parse(valid(raw.block).data, name, at_end=False)
        waiting += raw.block.data
        head, rows, waiting = taken(waiting, parsed)
        header += head
        if len(parsed.ends):
            yield found_cells(reader, parsed, header, rows, name, tabs=tabs, ended=ended or bool(waiting))
    parsed = reader.parse(b"", name, at_end=True)
    head, rows, _ = taken(waiting, parsed)
    yield found_cells(reader, parsed, header + head, rows, name, tabs=tabs, ended=ended if waiting else True)


def taken(data: bytes, parsed: Parsed) -> tuple[bytes, bytes, bytes]:
    """The data as it stands in the source, cut as what was parsed of it is: the header, the rows, the rest."""
    ends = line_ends(data)
    head = data[: end_of_lines(ends, parsed.head.count(b"\n"))]
    rows = data[len(head) : end_of_lines(ends, parsed.head.count(b"\n") + parsed.data.count(b"\n"))]
    return head, rows, data[len(head) + len(rows) :]


def end_of_lines(ends: NDArray[np.int64], number: int) -> int:
    """Where so many lines end."""
    return int(ends[number - 1]) if number else 0


def found_cells(
    reader: DelimitedReader, parsed: Parsed, header: bytes, rows: bytes, name: str, *, tabs: bool, ended: bool
) -> Found:
    """The rows as records."""
    ends = parsed.ends
    if rows != parsed.data:  # bytes were replaced
        ends = line_ends(rows)[np.searchsorted(line_ends(parsed.data), ends)]
    kinds = np.full(len(ends), BAD, np.uint8)
    kinds[parsed.places] = HAS_TEXT
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))[: len(ends)]
    for place in np.flatnonzero(kinds == BAD).tolist():
        if is_blank(rows, int(starts[place]), int(ends[place])):
            kinds[place] = BLANK
    dialect = reader.dialect or Dialect(b"\t" if tabs else b",", quoted=not tabs)
    names = reader.names
    first = int(parsed.lines[0]) if len(parsed.lines) else 1
    records = CellRecords(rows, ends, kinds, name, first, ended, header, dialect=dialect, names=names, tabs=tabs)
    texts = bytes_to_arrow([]) if parsed.texts is None else parsed.texts
    return Found(records, kinds, parsed.lines, texts, parsed.places)
