"""Blocks of records: the sentences of their texts, a line each, and the records themselves, as they stand in their source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Format
from lmkit.text.whitespace import NEWLINE

if TYPE_CHECKING:
    import pyarrow as pa

HAS_TEXT, NO_TEXT, BLANK, BAD = range(4)  # a text, be it empty; null in its place; a line of nothing; no record at all

Values = NDArray[Any] | Sequence[str | None]
Added = Mapping[str, Values]  # by name, what records get besides: (records,) each


@dataclass(frozen=True)
class Piece:
    """Some records as a file of their format has them."""

    data: bytes | memoryview
    header: bytes = b""  # what such a file begins with
    ended: bool = True  # whether the last one has its line end


class Records(Protocol):
    """Consecutive records of one source, as they stand there."""

    @property
    def format(self) -> Format:
        """That of the source."""

    def __len__(self) -> int:
        """How many there are."""

    def piece(self, kept: NDArray[np.bool_], added: Added | None) -> "Piece | pa.RecordBatch":
        """Those that are kept (records,), as they stand, but for what is added."""

    def rows(self, kept: NDArray[np.bool_], added: Added | None) -> "pa.RecordBatch":
        """The same as rows of a table, for another format."""

    def part(self, start: int, stop: int) -> "Records":
        """Those from one place to before another."""

    def values(self, field: str, *, required: bool = False) -> list[Any]:
        """(records,) what a field holds, None where it is null or missing. UsageError where records have no fields.

        required: DataError where it is missing.
        """


@dataclass(frozen=True, eq=False, kw_only=True)
class RecordBlock(Block):
    """Consecutive whole records of one source. As a block of text, it has the sentences of all of them."""

    records: Records
    line_records: NDArray[np.int64]  # (lines,) the record of each, by its place in the block; ascending
    kinds: NDArray[np.uint8]  # (records,) HAS_TEXT, NO_TEXT, BLANK or BAD
    numbers: NDArray[np.int64]  # (records,) the line, or row, of the source on which each begins
    other: "RecordBlock | None" = None  # the other side of a parallel text, record for record
    is_of_records: bool = True

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def is_of_fields(self) -> bool:
        """Whether the lines were taken out of fields of records."""
        return self.records.format != "text"

    def part(self, start: int, stop: int) -> "RecordBlock":
        """The records from one place to before another."""
        if (start, stop) == (0, len(self)):
            return self
        first, last = np.searchsorted(self.line_records, (start, stop)).tolist()
        ends = np.concatenate(
            (np.zeros(1, np.int64), np.flatnonzero(np.frombuffer(self.data, np.uint8) == NEWLINE) + 1)
        )
        places = self.line_records[first:last]
        return replace(
            self,
            data=self.data[int(ends[first]) : int(ends[last])],
            first_line=int(self.numbers[start]) if stop > start else self.first_line,
            record_lines=self.numbers[places],
            records=self.records.part(start, stop),
            line_records=places - start,
            kinds=self.kinds[start:stop],
            numbers=self.numbers[start:stop],
        )
