"""Records that are lines, or groups of lines, of a text: they are written as the bytes that they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import text_to_arrow, texts_to_arrow, to_arrow
from lmkit.engine.columns import join_columns, numbers_as_text, text_bytes
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError, UsageError
from lmkit.text.records.block import BLANK, Added, Piece, Values
from lmkit.text.sources.names import Format
from lmkit.text.whitespace import NEWLINE, RETURN

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class LineRecords:
    """Lines of plain text. Other formats of lines differ in how something is added to a record."""

    data: bytes  # all records end to end, and what stands before and between them
    ends: NDArray[np.int64]  # (records,) past the line end of each
    kinds: NDArray[np.uint8]
    source: str
    first_line: int
    ended: bool = True  # whether the last line end is that of the source
    header: bytes = b""

    @property
    def format(self) -> Format:
        """That of the source."""
        return "text"

    def __len__(self) -> int:
        return len(self.ends)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(records,) where each begins: where the one before ends."""
        return np.concatenate((np.zeros(1, np.int64), self.ends[:-1]))

    def record(self, place: int) -> bytes:
        """One of the records."""
        return self.data[int(self.starts[place]) : int(self.ends[place])]

    def part(self, start: int, stop: int) -> "LineRecords":
        """Those from one place to before another."""
        first, last = (int(self.ends[place - 1]) if place else 0 for place in (start, stop))
        return replace(
            self,
            data=self.data[first:last],
            ends=self.ends[start:stop] - first,
            kinds=self.kinds[start:stop],
            first_line=self.first_line + self.data.count(b"\n", 0, first),
            ended=self.ended or stop < len(self),
        )

    def piece(self, kept: NDArray[np.bool_], added: Added | None) -> Piece:
        """Those that are kept, and what a file of them begins with."""
        header = self.header if added is None else self.header_with(list(added))
        ended = self.ended or not len(kept) or not kept[-1]
        data = self.chosen(kept) if added is None else self.extended(np.flatnonzero(kept), added)
        return Piece(data if ended else data[:-1], header, ended)

    def chosen(self, kept: NDArray[np.bool_]) -> bytes | memoryview:
        """The bytes of those that are kept."""
        if kept.all():
            return self.data
        return text_bytes(
            call_arrow("filter", self.slices(np.concatenate((np.zeros(1, np.int64), self.ends))), to_arrow(kept))
        )

    def extended(self, places: NDArray[np.int64], added: Added) -> memoryview:
        """The bytes of the records at these places, with what is added; what is no record stays as it is."""
        insertions = self.insertions(list(added))
        bounds = np.zeros(2 * len(self) + 1, np.int64)
        bounds[1::2], bounds[2::2] = insertions, self.ends
        halves = self.slices(bounds)
        heads, tails = (call_arrow("take", halves, to_arrow(2 * places + half)) for half in (0, 1))
        there = to_arrow(self.kinds[places] < BLANK)
        between = call_arrow("if_else", there, self.additions(places, added), text_to_arrow(""))
        return text_bytes(join_columns([heads, between, tails], ""))

    def slices(self, bounds: NDArray[np.int64]) -> "pa.Array[Any]":
        """The data cut at these places, as texts that need not be valid."""
        import pyarrow as pa

        return pa.Array.from_buffers(
            pa.large_string(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(self.data)], 0
        )

    def insertions(self, _names: Sequence[str]) -> NDArray[np.int64]:
        """(records,) where in the data something is added to each: before its line end."""
        characters = np.frombuffer(self.data, np.uint8)
        places = self.ends - 1
        returns: NDArray[np.int64] = places - ((places > self.starts) & (characters[places - 1] == RETURN))
        return returns

    def additions(self, places: NDArray[np.int64], added: Added) -> "pa.Array[Any]":
        """(places,) what is added to the records there: after a tab each."""
        return self.separated(places, added, "\t")

    def separated(self, places: NDArray[np.int64], added: Added, separator: str) -> "pa.Array[Any]":
        """(places,) the values, each after the separator; what is not a number is nothing."""
        columns: list[Any] = []
        for values in added.values():
            columns += [text_to_arrow(separator), as_cells(self.encoded(values), places)]
        return join_columns(columns, "")

    def encoded(self, values: Values) -> Values:
        """The values as they stand among others in a record."""
        return values

    def header_with(self, _names: Sequence[str]) -> bytes:
        """What a file begins with whose records have something added."""
        return self.header

    def rows(self, kept: NDArray[np.bool_], added: Added | None) -> "pa.RecordBatch":
        """A table of the column text; a blank line is a row, too."""
        places = np.flatnonzero(kept)
        texts = call_arrow("take", self.slices(self.text_bounds()), to_arrow(2 * places))
        return batch_of({"text": as_valid_text(texts)}, places, added, self.source)

    def text_bounds(self) -> NDArray[np.int64]:
        """(2 records + 1,) where each text, and the line end behind it, begins, and the end."""
        bounds = np.zeros(2 * len(self) + 1, np.int64)
        bounds[1::2], bounds[2::2] = LineRecords.insertions(self, []), self.ends
        return bounds

    def values(self, field: str, *, required: bool = False) -> list[Any]:  # noqa: ARG002 (for others)
        """UsageError: lines have no fields."""
        raise UsageError(
            f"the field {field} was asked for, but {self.source} is plain text, which has no fields.",
            "Say what it is with --format jsonl, csv, tsv or parquet.",
        )


def as_cells(values: Values, places: NDArray[np.int64], undefined: str = "") -> "pa.Array[Any]":
    """(places,) the values there as text, with all their digits; what is not a number, or None, is `undefined`."""
    if not isinstance(values, np.ndarray):
        return texts_to_arrow([undefined if (value := values[place]) is None else value for place in places.tolist()])
    texts = numbers_as_text(values[places])
    if values.dtype.kind != "f":
        return texts
    return call_arrow("if_else", to_arrow(np.isnan(values[places])), text_to_arrow(undefined), texts)


def refuse_column(name: str, names: Collection[str], source: str) -> None:
    """DataError if there is such a column already."""
    if name in names:
        raise there_already(f"{source}: there is a column {name} already, which is to be added.")


def there_already(message: str) -> DataError:
    """The error for records that have what is to be added."""
    return DataError(message, "Take it out first, or give what is added another name with --prefix.")


def batch_of(
    columns: "dict[str, pa.Array[Any]]", places: NDArray[np.int64], added: Added | None, source: str
) -> "pa.RecordBatch":
    """The columns (places,) as a table, with what is added to these records. DataError if it is there already."""
    import pyarrow as pa

    found = dict(columns)
    for name, values in (added or {}).items():
        refuse_column(name, columns, source)
        found[name] = column_of(values, places)
    return pa.record_batch(list(found.values()), names=list(found))


def column_of(values: Values, places: NDArray[np.int64]) -> "pa.Array[Any]":
    """(places,) the values there as a column; what is not a number, or None, is null."""
    if not isinstance(values, np.ndarray):
        import pyarrow as pa

        listed = [values[place] for place in places.tolist()]
        is_null = to_arrow(np.array([value is None for value in listed], bool))
        nothing = pa.nulls(1, pa.large_string())[0]
        return call_arrow("if_else", is_null, nothing, texts_to_arrow([value or "" for value in listed]))
    chosen = values[places]
    column = to_arrow(chosen)
    if chosen.dtype.kind == "f" and np.isnan(chosen).any():
        import pyarrow as pa

        column = call_arrow("if_else", to_arrow(~np.isnan(chosen)), column, pa.nulls(1, pa.float64())[0])
    return column


def as_valid_text(column: "pa.Array[Any]") -> "pa.Array[Any]":
    """Bytes, or texts that were not looked at, as text: U+FFFD stands for what is not valid UTF-8."""
    import pyarrow as pa

    octets = call_arrow("cast", column, target_type=pa.large_binary())
    try:
        return call_arrow("cast", octets, target_type=pa.large_string())
    except pa.ArrowInvalid:
        return texts_to_arrow([each.decode("utf-8", "replace") for each in octets.to_pylist()])


def line_ends(data: bytes) -> NDArray[np.int64]:
    """(lines,) past the end of each line."""
    ends: NDArray[np.int64] = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
    return ends + 1
