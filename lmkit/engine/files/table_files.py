"""Tables as files: TSV and CSV with a header line, Parquet, and lists of words, which have none."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from lmkit.engine.arrow import texts_to_arrow, to_arrow
from lmkit.engine.columns import as_texts
from lmkit.engine.kernels import call_arrow
from lmkit.engine.phrases import Column, Phrases, lines_of
from lmkit.engine.threads import map_in_order

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns, in blocks of rows."""

    names: Sequence[str]
    blocks: Iterable[Sequence[Column]]  # in each block one for each name; can be gone through once


def write_lines(table: Table, stream: BinaryIO, _suffix: str = ".txt") -> None:
    """Write a list of words: rows as lines, without a header, as --vocabulary reads them.

    A reader drops a byte order mark at the start of a file: a word that begins with that character gets another one.
    """
    for number, block in enumerate(table.blocks):
        lines = lines_of(block)
        if number == 0 and bytes(lines[: len(BOM_UTF8)]) == BOM_UTF8:
            stream.write(BOM_UTF8)
        stream.write(lines)


def write_tsv(table: Table, stream: BinaryIO, _suffix: str = ".tsv") -> None:
    """Write a header line and the rows, tabs between columns; inf and nan as such."""
    stream.write(("\t".join(table.names) + "\n").encode())
    stream.writelines(map_in_order(lines_of, table.blocks, None))


def write_csv(table: Table, stream: BinaryIO, _suffix: str = ".csv") -> None:
    """Write CSV with a header line; texts are in quotes, as RFC 4180 has them."""
    stream.write(csv_header(table.names))
    stream.writelines(csv_rows(batch) for batch in batches(table))


def csv_header(names: Sequence[str]) -> memoryview:
    """The header line of CSV."""
    import pyarrow as pa
    from pyarrow import csv

    header = pa.BufferOutputStream()
    csv.write_csv(pa.table(dict.fromkeys(names, texts_to_arrow([]))), header)
    return memoryview(header.getvalue())


def csv_rows(batch: "pa.RecordBatch") -> memoryview:
    """Rows of CSV; what is null is empty, without quotes."""
    import pyarrow as pa
    from pyarrow import csv

    rows = pa.BufferOutputStream()
    csv.write_csv(batch, rows, csv.WriteOptions(include_header=False))
    return memoryview(rows.getvalue())


def write_parquet(table: Table, stream: BinaryIO, _suffix: str = ".parquet") -> None:
    """Write Parquet: texts as strings, numbers as they are."""
    import pyarrow as pa
    from pyarrow import parquet

    blocks = batches(table)
    first = next(blocks, None) or pa.record_batch([pa.nulls(0) for _ in table.names], names=list(table.names))
    with parquet.ParquetWriter(stream, first.schema) as writer:
        for batch in (first, *blocks):
            writer.write_batch(batch)


def batches(table: Table) -> Iterator["pa.RecordBatch"]:
    """The blocks as Arrow has them."""
    import pyarrow as pa

    for block in table.blocks:
        columns = [to_arrow(column) if isinstance(column, np.ndarray) else decoded(column) for column in block]
        yield pa.record_batch(columns, names=list(table.names))


def decoded(texts: "pa.Array[Any] | Phrases") -> "pa.Array[Any]":
    """Texts one by one, also where distinct ones are numbered."""
    import pyarrow as pa

    if isinstance(texts, Phrases):
        return texts.texts()
    return as_texts(
        call_arrow("take", texts.dictionary, texts.indices) if pa.types.is_dictionary(texts.type) else texts
    )
