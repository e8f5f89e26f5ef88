"""The text that stands in one field of each record, as blocks of lines."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import text_to_arrow, to_numpy
from lmkit.engine.columns import join_columns, text_bytes
from lmkit.engine.kernels import call_arrow
from lmkit.text.sources.blocks import Block
from lmkit.text.whitespace import NEWLINE

if TYPE_CHECKING:
    import pyarrow as pa

LISTED_AT_MOST = 20  # fields in a message
NAMED_LEVELS = 9


def block_of_values(values: "pa.Array[Any]", lines: NDArray[np.int64], source: str) -> Block | None:
    """The texts (values,), each on lines of its own, as a block; None if there are none.

    lines: (values,) where each stands. What is null is no text. A newline at the end of a text ends its last line.
    """
    import pyarrow as pa

    values = call_arrow("cast", values, target_type=pa.large_binary()).view(
        pa.large_string()
    )  # without looking for invalid UTF-8
    if values.null_count:
        lines = lines[to_numpy(call_arrow("is_valid", values))]
        values = call_arrow("drop_null", values)
    if not len(values):
        return None
    joined = join_columns([values, text_to_arrow("")], "\n")
    data = bytes(text_bytes(joined))
    if data.count(b"\n") == len(values):
        return Block(data, source, int(lines[0]), 0, lines, is_of_records=True)
    ends = np.frombuffer(joined.buffers()[1], np.int64)[joined.offset + 1 : joined.offset + len(joined) + 1]
    return block_of_paragraphs(data, ends - (ends[-1] - len(data)), lines, source)


def block_of_paragraphs(data: bytes, ends: NDArray[np.int64], lines: NDArray[np.int64], source: str) -> Block:
    """The block of texts that may have several lines, with a newline added to each.

    ends: (texts,) where each ends in the data.
    """
    characters = np.frombuffer(data, np.uint8)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    doubled = (ends - starts > 1) & (characters[ends - 2] == NEWLINE)  # it had its own newline at the end
    kept = np.ones(len(characters), bool)
    kept[ends[doubled] - 1] = False
    line_ends = np.flatnonzero((characters == NEWLINE) & kept)
    record_lines = lines[np.searchsorted(ends, line_ends, side="right")]
    return Block(characters[kept].tobytes(), source, int(lines[0]), 0, record_lines, is_of_records=True)


def missing_field(field: str, there: Iterable[str], *, given: bool, kind: str = "field") -> tuple[str, str]:
    """What is wrong, and what to do, where other fields are there than the one asked for (given: not by default)."""
    names = list(there)
    near = get_close_matches(field, names, 1)
    listed = ", ".join(names[:LISTED_AT_MOST]) + (", …" if len(names) > LISTED_AT_MOST else "")
    advice = [
        "" if given else f"Where --field names none, {field} is taken.",
        f"Did you mean {near[0]}?" if near else "",
        (f"The columns are: {listed}." if kind == "column" else f"The fields are: {listed}.") if names else "",
        "" if names else "There is no column at all." if kind == "column" else "There is no field at all.",
    ]
    missing = f"there is no column {field}" if kind == "column" else f"there is no field {field}"
    return missing, " ".join(filter(None, advice))


def paths_of(record: dict[str, Any], before: str = "") -> list[str]:
    """The names of the fields of a record, nested ones as a.b, some levels deep."""
    paths: list[str] = []
    for name, value in record.items():
        path = f"{before}{name}"
        deeper = isinstance(value, dict) and path.count(".") < NAMED_LEVELS
        paths += (paths_of(value, f"{path}.") if deeper else []) or [path]
    return paths


def path_of(field: str, names: Collection[str]) -> tuple[str, ...]:
    """The way to a field: its name if there is one of this name, else the names between the dots."""
    return (field,) if field in names else tuple(field.split("."))
