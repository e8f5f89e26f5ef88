"""Records of one format as records of another: rows of a table are between."""

import csv
import json
import math
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.text.records.block import Added, Piece, RecordBlock
from lmkit.text.sources.names import Format

if TYPE_CHECKING:
    import pyarrow as pa


def converted(
    block: RecordBlock, kept: NDArray[np.bool_], added: Added | None, target: Format
) -> "Piece | pa.RecordBatch":
    """The records that are kept for another format than theirs: rows, where that has columns. DataError for plain text, which has no fields."""
    if target == "text":
        raise DataError(
            f"{block.source}: the records have fields, which plain text would lose.",
            "Write them in their own format, or as .jsonl, .csv, .tsv or .parquet.",
        )
    rows = block.records.rows(kept, added)
    if target != "jsonl":
        return rows
    lines = (json_of(row) + "\n" for row in rows.to_pylist())
    return Piece("".join(lines).encode("utf-8", "replace"))


def as_text(value: Any) -> str:
    """What JSON has no form for, such as a date, as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def json_of(value: Any) -> str:
    """A value as JSON has it; null in place of numbers that are not finite, as JSON has none. DataError for a value that is nested too deeply."""
    try:
        return json.dumps(finite(value), ensure_ascii=False, default=as_text)
    except RecursionError:
        raise too_deep("a value in a field") from None


def too_deep(what: str) -> DataError:
    """The error for what is nested deeper than Python reads or writes."""
    return DataError(f"{what} is nested some hundred levels deep.", "Use another field, or flatten it first.")


def finite(value: Any) -> Any:
    """A value without numbers that are not finite, however deep they are in it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    return [finite(each) for each in value] if isinstance(value, list | tuple) else value


def as_cells(rows: "pa.RecordBatch", target: Format, source: str) -> Piece:
    """The rows as CSV, or as TSV, where no cell can hold a tab or a line end."""
    names = rows.schema.names
    listed = [[cell_of(value) for value in row.values()] for row in rows.to_pylist()]
    if target == "tsv":
        if any(mark in cell for row in [names, *listed] for cell in row for mark in "\t\r\n"):
            raise DataError(
                f"{source}: a cell holds a tab or a line end, which TSV cannot have.", "Write CSV or JSON lines."
            )
        return Piece(as_tsv(listed), as_tsv([names]))
    return Piece(as_csv(listed), as_csv([names]))


def as_tsv(rows: list[list[str]]) -> bytes:
    """The rows as TSV."""
    return "".join("\t".join(row) + "\n" for row in rows).encode("utf-8", "replace")


def as_csv(rows: list[list[str]]) -> bytes:
    """The rows as CSV (RFC 4180, but for the line ends, which are newlines)."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def cell_of(value: Any) -> str:
    """A value as a cell has it: nothing for null, JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        return json_of(value)
    return as_text(value)


def in_columns(batch: "pa.RecordBatch", names: Sequence[str], source: str) -> "pa.RecordBatch":
    """The rows with these columns, which are null where they are missing. DataError for other columns."""
    import pyarrow as pa

    if batch.schema.names == names:
        return batch
    for name in batch.schema.names:
        if name not in names:
            raise DataError(
                f"{source}: a record has a field {name}, which the first records of the table have not.",
                "Write JSON lines, whose records may differ.",
            )
    nothing = pa.nulls(len(batch))
    columns = [batch.column(name) if name in batch.schema.names else nothing for name in names]
    return pa.record_batch(columns, names=list(names))


def in_schema(batch: "pa.RecordBatch", schema: "pa.Schema", source: str) -> "pa.RecordBatch":
    """The rows with the columns of the first ones, and their types; missing columns are null. DataError for what has others."""
    import pyarrow as pa

    if batch.schema.equals(schema):
        return batch
    columns = []
    for field, column in zip(schema, in_columns(batch, schema.names, source).columns, strict=True):
        try:
            columns.append(column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise DataError(
                f"{source}: the field {field.name} is {column.type} in one record, and {field.type} in others.",
                "Write JSON lines, whose records may differ.",
            ) from None
    return pa.record_batch(columns, schema=schema)
