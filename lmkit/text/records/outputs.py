"""Files of records: in the format of the records that come in, or in another one, compressed as the name says.

Records are rendered, and compressed, in threads, block by block; the pieces are written in order.
"""

import bz2
import gzip
import lzma
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.text.records.block import Added, Piece, RecordBlock
from lmkit.text.sources.blocks import BYTE_ORDER_MARK
from lmkit.text.sources.names import COMPRESSED, Format, TextFile, format_by_name, source_name

if TYPE_CHECKING:
    import pyarrow as pa

GZIP_LEVEL = 6  # as the program gzip has it


def as_zstd(data: bytes | memoryview) -> bytes:
    """The data as a frame of Zstandard."""
    import pyarrow as pa

    return cast(bytes, pa.compress(pa.py_buffer(data), codec="zstd", asbytes=True))


COMPRESS: dict[str, Callable[[Any], bytes | memoryview]] = {  # of each, parts end to end are one file
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, GZIP_LEVEL, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": as_zstd,
}


@dataclass(frozen=True)
class RecordFile:
    """What a file of records is to be, as its name says."""

    path: str  # "-": standard output
    format: Format  # auto: that of the records that come in
    compression: str  # a suffix of COMPRESSED, or nothing

    @classmethod
    def named(cls, path: str) -> "RecordFile":
        """The file of this name. UsageError for an empty one, and for Parquet that is compressed as a whole."""
        if not path:
            raise UsageError("the name after the option is empty.")
        name = source_name(path)  # without what follows the suffix of one elsewhere
        compression = next((suffix for suffix in COMPRESSED if name.lower().endswith(suffix)), "")
        told = format_by_name(TextFile(path))
        if told == "text" and not name.lower().removesuffix(compression).endswith(".txt"):
            told = "auto"
        if told == "parquet" and compression:
            raise UsageError(f"{name}: Parquet is compressed within, not as a whole.", "End the name in .parquet.")
        return cls(path, told, compression)

    def render(self, block: RecordBlock, kept: NDArray[np.bool_], added: Added | None) -> "Rendered":
        """The records that are kept (records,), as they are to be written; any thread may do this."""
        found = block.records.format
        target = found if self.format == "auto" else self.format
        if target == found:
            piece = block.records.piece(kept, added)
        else:
            from lmkit.text.records.conversion import converted

            piece = converted(block, kept, added, target)
        if not isinstance(piece, Piece):
            return Rendered(piece, b"", True, block, target)
        return Rendered(self.compressed(piece.data), piece.header, piece.ended, block, target)

    def compressed(self, data: bytes | memoryview) -> bytes | memoryview:
        """Some of what the file holds, as it is to be written; nothing stays nothing."""
        return COMPRESS[self.compression](data) if len(data) else b""


@dataclass(frozen=True, eq=False)
class Rendered:
    """Records as they are to be written."""

    content: "bytes | memoryview | pa.RecordBatch"  # rows, if it is another format with columns than that of the source
    header: bytes
    ended: bool  # whether the last record has its line end
    block: RecordBlock
    format: Format

    @property
    def source(self) -> str:
        """Where they come from."""
        return self.block.source


class RecordOutput(AbstractContextManager["RecordOutput"]):
    """A file of records that is being written; it is finished when its block ends well."""

    def __init__(self, file: RecordFile, stream: BinaryIO) -> None:
        self._file, self._stream = file, stream
        self._first: Rendered | None = None
        self._ended = self._is_empty = True
        self._rows: TableOutput | None = None
        self._columns: list[str] | None = None  # of rows that become cells

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.finish()
        elif self._rows is not None:
            self._rows.abandon()

    def write(self, rendered: Rendered) -> None:
        """Write the records. DataError if they do not fit those before them."""
        first = self._first
        if not isinstance(rendered.content, bytes | memoryview):
            if not rendered.content.num_columns:  # no object is kept of these: others tell what fields there are
                return
            if rendered.format != "parquet":
                rendered = self._with_cells(rendered)
        if first is None:
            self._first = first = rendered
            self._begin(rendered)
        elif rendered.format != first.format:
            raise DataError(
                f"{first.source} is {first.format}, and {rendered.source} is {rendered.format}: they do not go into one file of the same format.",
                "Read them one by one, or name the format by the end of the name after -o.",
            )
        elif rendered.header.removeprefix(BYTE_ORDER_MARK) != first.header.removeprefix(BYTE_ORDER_MARK):
            raise DataError(
                f"the columns of {rendered.source} are not those of {first.source}: they do not go into one file.",
                "Read them one by one.",
            )
        if self._rows is not None:
            self._rows.write(rendered)
        elif len(rendered.content):
            if not self._ended:
                self._put(self._file.compressed(b"\n"))
            self._put(rendered.content)
            self._ended = rendered.ended

    def _with_cells(self, rendered: Rendered) -> Rendered:
        """The same with cells in place of rows, under the columns of the first ones."""
        from lmkit.text.records.conversion import as_cells, in_columns

        rows: Any = rendered.content
        if self._columns is None:
            self._columns = rows.schema.names
        piece = as_cells(in_columns(rows, self._columns, rendered.source), rendered.format, rendered.source)
        return replace(rendered, content=self._file.compressed(piece.data), header=piece.header)

    def _begin(self, rendered: Rendered) -> None:
        """What a file begins with."""
        if rendered.format == "parquet":
            self._rows = TableOutput(self._stream)
        elif rendered.header:
            self._put(self._file.compressed(rendered.header))

    def _put(self, data: Any) -> None:
        self._stream.write(data)
        self._is_empty = False

    def finish(self) -> None:
        """Write what is left; a file without records is one of its format, too, if that is known."""
        if self._rows is not None:
            self._rows.finish()
        elif self._file.format == "parquet":
            TableOutput(self._stream).finish()
        elif self._is_empty:
            self._put(COMPRESS[self._file.compression](b""))


class TableOutput:
    """A Parquet file that is being written, in row groups about as large as those of the file that comes in."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._writer: Any = None
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self._group_rows = LARGEST_GROUP

    def write(self, rendered: Rendered) -> None:
        """Take in rows; they are written a row group at a time."""
        from lmkit.text.records.conversion import in_schema

        batch: Any = rendered.content
        if self._writer is None:
            from pyarrow import parquet

            storing = getattr(rendered.block.records, "storing", None)
            self._group_rows = storing.group_rows if storing else LARGEST_GROUP
            self._writer = parquet.ParquetWriter(
                self._stream, batch.schema, compression=storing.compression if storing else "snappy"
            )
        batch = in_schema(batch, self._writer.schema, rendered.source)
        self._waiting.append(batch)
        self._rows += len(batch)
        self._bytes += batch.nbytes
        if self._rows >= self._group_rows or self._bytes >= LARGEST_GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=self._rows)
        self._waiting, self._rows, self._bytes = [], 0, 0

    def abandon(self) -> None:
        """Write no more: left alone, the writer would end the file, or fail to, when it is forgotten."""
        if self._writer is not None:
            self._writer.is_open = False

    def finish(self) -> None:
        """Write what is left, and what ends a file."""
        if self._writer is None:  # no record has told what columns there are
            import pyarrow as pa
            from pyarrow import parquet

            self._writer = parquet.ParquetWriter(self._stream, pa.schema([]))
        self._write_group()
        self._writer.close()


LARGEST_GROUP = 1 << 20  # rows
LARGEST_GROUP_BYTES = 64 << 20
