"""Parquet: tables of which one column is the text."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from lmkit.engine import progress
from lmkit.engine.kernels import call_arrow
from lmkit.engine.memory import let_go
from lmkit.engine.remote.names import is_remote
from lmkit.engine.remote.streams import PIECE_BYTES
from lmkit.engine.system.errors import remedy_for
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.fields import block_of_values, missing_field, path_of
from lmkit.text.sources.lists import joined_lists, value_type
from lmkit.text.sources.names import Place, TextFile, is_file, source_name
from lmkit.text.sources.opening import first_bytes, read_bytes
from lmkit.text.sources.parquet.footer import Chunk, FooterError, chunks_of
from lmkit.text.sources.parquet.kept_once import batches_as_kept, is_within, kept_once, pieces_of, refuse_long_texts
from lmkit.text.sources.parquet.pages import check_pages
from lmkit.text.sources.recognition import PARQUET

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 1 << 14  # at most


def parquet_blocks(
    stream: IO[bytes],
    text: TextFile,
    reading: Reading,
) -> Iterator[Block]:
    """The texts in one column, a line each; rows stand for lines. stream: the bytes of the file."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    name = source_name(text)
    with seekable(stream, text.source, name) as opened:
        try:
            at_once = PIECE_BYTES if is_remote(text.source) else 1 << 20
            how: dict[str, Any] = {"buffer_size": at_once, "pre_buffer": False}  # some pages at a time, not a row group

            def opening(as_kept: list[str]) -> Any:
                opened.seek(0)
                return pq.ParquetFile(opened, read_dictionary=as_kept, **how)

            file = opening([])
            path = column_path(file.schema_arrow, text)
            column = ".".join(path)
            chunks = chunks_to_read(opened, text, column)
            growing = kept_once(chunks, column)
            rows = rows_at_once(chunks, file.metadata.num_rows, column, reading.bytes_at_a_time)
            row = 1
            for batch in batches_as_kept(opening, growing, rows, [column]):
                for piece in pieces_of(batch, reading, name) if growing else (batch,):
                    values = column_at(piece, path, name)
                    refuse_long_texts(values, reading, name)
                    block = block_of_values(values, np.arange(row, row + len(values)), name)
                    row += len(values)
                    if block is not None:
                        progress.bytes_read(len(block.data))
                        yield checked(block, reading.encoding_errors)
        except (pa.ArrowException, FooterError, OSError, UnicodeDecodeError) as error:
            raise damaged(name, error) from None


def chunks_to_read(opened: IO[bytes], text: TextFile, column: str | None = None) -> list[Chunk]:
    """All chunks of a file. FooterError if they are damaged, or the pages of those that are read, of one column or of all.

    Pages of files elsewhere are not looked at: each would be asked for by itself.
    """
    chunks = chunks_of(opened)
    if not is_remote(text.source):
        check_pages(opened, (chunk for chunk in chunks if column is None or is_within(chunk.path, column)))
    return chunks


def damaged(name: str, error: Exception) -> DataError:
    """The error for a Parquet file that could not be read."""
    reason = str(error).partition("\n")[0]
    remedy = "Fetch or write it again."
    if isinstance(error, OSError):
        remedy = remedy_for(error, remedy)
    return DataError(f"{name}: the Parquet file is damaged or cut short ({reason}).", remedy)


@contextmanager
def seekable(stream: IO[bytes], place: Place, name: str) -> Iterator[IO[bytes]]:
    """The file itself, here or elsewhere, or a temporary copy of what comes through a pipe or is compressed as a whole."""
    if isinstance(place, str) and is_remote(place) and first_bytes(stream, name).startswith(PARQUET):
        from lmkit.engine.remote.opening import seekable_remote

        if (elsewhere := seekable_remote(place)) is not None and elsewhere.read(len(PARQUET)) == PARQUET:
            yield elsewhere
            return
    if isinstance(place, str | os.PathLike) and is_file(place):
        with Path(place).open("rb") as file:
            if file.read(len(PARQUET)) == PARQUET:
                yield file
                return
    import tempfile

    try:
        with ExitStack() as at_end:
            copy = tempfile.TemporaryFile(prefix="lmkit-")  # noqa: SIM115 (closed by the next line)
            at_end.callback(let_go, copy)
            while piece := read_bytes(stream, 1 << 20, name):
                copy.write(piece)
            copy.flush()
            at_end.pop_all()
    except OSError as error:
        raise DataError(
            f"{name}: a Parquet file that is piped or compressed is copied to {tempfile.gettempdir()} first: {error.strerror}.",
            remedy_for(error, "Name the file itself, or a folder on a larger disk in the variable TMPDIR."),
        ) from None
    with copy:
        yield copy


def column_path(schema: "pa.Schema", text: TextFile) -> tuple[str, ...]:
    """The way to the column, or to nulls in its place, which are no text.

    DataError if there is none, or it holds neither text, nor bytes, which may be text, nor lists of these.
    """
    import pyarrow as pa

    name = source_name(text)
    path = path_of(text.field_name, schema.names)
    if schema.names.count(path[0]) > 1:
        raise DataError(f"{name}: several columns are called {path[0]}.", "Give them different names.")
    found: Any = schema
    for place, part in enumerate(path, start=1):
        if not (isinstance(found, pa.Schema) or pa.types.is_struct(found)) or part not in (
            field.name for field in found
        ):
            columns = [column for field in schema for column in columns_of(field)]
            what, remedy = missing_field(text.field_name, columns, given=text.field is not None, kind="column")
            raise DataError(f"{name}: {what}.", remedy)
        found = found.field(part).type
        if pa.types.is_null(found):  # all that the writer has seen there
            return path[:place]
    inner, _ = value_type(found)
    if inner not in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.null()):
        raise DataError(
            f"{name}: the column {text.field_name} is of type {found}, not text.",
            "Name one that holds text with --field.",
        )
    return path


def columns_of(field: "pa.Field[Any]", before: str = "") -> list[str]:
    """The names of a column, or of those nested in it, as a.b."""
    import pyarrow as pa

    name = f"{before}{field.name}"
    if pa.types.is_struct(field.type):
        return [column for part in field.type for column in columns_of(part, f"{name}.")]
    return [name]


def rows_at_once(chunks: Sequence[Chunk], number: int, column: str, block_bytes: int) -> int:
    """So many rows that their texts are about as long as a block. number: how many rows there are."""
    size = sum(chunk.size for chunk in chunks if is_within(chunk.path, column))
    return max(1, min(BATCH_ROWS, block_bytes * number // max(size, 1)))


def column_at(batch: "pa.RecordBatch", path: tuple[str, ...], source: str) -> "pa.Array[Any]":
    """The texts of a batch. source: the name of the file."""
    values: pa.Array[Any] = batch.column(path[0])
    if len(path) > 1:
        values = call_arrow("struct_field", values, indices=list(path[1:]))
    return joined_lists(values, source)
