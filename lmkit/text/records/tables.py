"""Records that are rows of a table: Parquet, streamed by batches of its row groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine import progress
from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.records.block import HAS_TEXT, NO_TEXT, Added
from lmkit.text.records.lines import column_of, refuse_column
from lmkit.text.records.pieces import Found
from lmkit.text.sources.fields import missing_field, path_of
from lmkit.text.sources.names import Format, TextFile, source_name
from lmkit.text.sources.parquet.footer import Chunk, FooterError
from lmkit.text.sources.parquet.kept_once import batches_as_kept, kept_once, pieces_of, refuse_long_texts
from lmkit.text.sources.parquet.reading import (
    BATCH_ROWS,
    chunks_to_read,
    column_at,
    column_path,
    columns_of,
    damaged,
    seekable,
)

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Storing:
    """How a Parquet file was written, as far as others are to be written so."""

    schema: "pa.Schema"
    compression: str
    group_rows: int


@dataclass(frozen=True, eq=False)
class TableRecords:
    """Rows of a table, with all their columns."""

    batch: "pa.RecordBatch"
    source: str
    storing: Storing

    @property
    def format(self) -> Format:
        """That of the source."""
        return "parquet"

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def piece(self, kept: NDArray[np.bool_], added: Added | None) -> "pa.RecordBatch":
        """Those that are kept, with more columns at the end."""
        batch = self.batch if kept.all() else self.batch.filter(to_arrow(kept))
        for name, values in (added or {}).items():
            refuse_column(name, self.batch.schema.names, self.source)
            batch = batch.append_column(name, column_of(values, np.flatnonzero(kept)))
        return batch

    def part(self, start: int, stop: int) -> "TableRecords":
        """Those from one place to before another."""
        return replace(self, batch=self.batch.slice(start, stop - start))

    def rows(self, kept: NDArray[np.bool_], added: Added | None) -> "pa.RecordBatch":
        """The same."""
        return self.piece(kept, added)

    def values(self, field: str, *, required: bool = False) -> list[Any]:  # noqa: ARG002 (a column is in all records or in none)
        """(records,) what a column holds. DataError if there is none of this name."""
        name, *path = path_of(field, self.batch.schema.names)
        if name not in self.batch.schema.names:
            listed = [column for each in self.batch.schema for column in columns_of(each)]
            what, remedy = missing_field(field, listed, given=True, kind="column")
            raise DataError(f"{self.source}: {what}.", remedy)
        column = self.batch.column(name)
        try:
            found = call_arrow("struct_field", column, indices=path) if path else column
        except (KeyError, TypeError, ValueError):  # Arrow has errors of its own for each, which are these
            raise DataError(f"{self.source}: there is no column {field}.", "Name it as a.b if it is nested.") from None
        listed_values: list[Any] = found.to_pylist()
        return listed_values


def table_records(stream: IO[bytes], text: TextFile, reading: Reading) -> Iterator[Found]:
    """The rows of a Parquet file and the texts in one of their columns, batch by batch. stream: its bytes."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    name = source_name(text)
    with seekable(stream, text.source, name) as opened:
        try:
            how: dict[str, Any] = {"buffer_size": 1 << 20, "pre_buffer": False}  # a page at a time, not a row group

            def opening(as_kept: list[str]) -> Any:
                opened.seek(0)
                return pq.ParquetFile(opened, read_dictionary=as_kept, **how)

            file = opening([])
            path = column_path(file.schema_arrow, text)
            chunks = chunks_to_read(opened, text)
            storing, row = storing_of(file, chunks), 1
            growing = kept_once(chunks)
            batches = batches_as_kept(opening, growing, rows_together(file.metadata, reading.bytes_at_a_time))
            for batch in pieces_written_out(batches, reading, name, storing.schema) if growing else batches:
                values = column_at(batch, path, name)
                refuse_long_texts(values, reading, name)
                valid = to_numpy(call_arrow("is_valid", values))
                kinds = np.where(valid, HAS_TEXT, NO_TEXT).astype(np.uint8)
                texts = call_arrow("drop_null", values)
                progress.bytes_read(batch.nbytes)
                records = TableRecords(batch, name, storing)
                yield Found(records, kinds, np.arange(row, row + len(batch)), texts, np.flatnonzero(valid))
                row += len(batch)
        except (pa.ArrowException, FooterError, OSError, UnicodeDecodeError) as error:
            raise damaged(name, error) from None


def pieces_written_out(
    batches: "Iterator[pa.RecordBatch]", reading: Reading, name: str, schema: "pa.Schema"
) -> "Iterator[pa.RecordBatch]":
    """The rows of batches, about a block at a time, with texts that are kept once written out. schema: that of the file."""
    import pyarrow as pa

    for batch in batches:
        for piece in pieces_of(batch, reading, name):
            columns = [written_out(column, type_) for column, type_ in zip(piece.columns, schema.types, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def written_out(column: "pa.Array[Any]", wanted: "pa.DataType") -> "pa.Array[Any]":
    """The column in the type that it is to have, its texts as often as they are named."""
    import pyarrow as pa

    through = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}.get(wanted)
    if through is not None and column.type != wanted:  # which is made of no dictionary
        column = call_arrow("cast", column, target_type=through)
    return column if column.type == wanted else call_arrow("cast", column, target_type=wanted)


def storing_of(file: Any, chunks: Sequence[Chunk]) -> Storing:
    """How a file was written."""
    metadata = file.metadata
    rows = max((metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)), default=0)
    return Storing(file.schema_arrow, chunks[0].codec if chunks else "snappy", max(rows, 1))


def rows_together(metadata: Any, block_bytes: int) -> int:
    """So many rows that they take about as much as a block, all columns together."""
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    rows: int = block_bytes * metadata.num_rows // max(size, 1)
    return max(1, min(BATCH_ROWS, rows))
