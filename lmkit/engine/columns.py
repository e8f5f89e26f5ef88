"""Columns of text as Arrow arrays (large_string), joined into lines without a Python loop over rows."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def join_columns(columns: "list[pa.Array[Any]]", separator: str) -> "pa.Array[Any]":
    """Row by row, the texts of all columns with the separator between them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    joined: pa.Array[Any] = pc.binary_join_element_wise(*columns, pa.scalar(separator, pa.large_string()))
    return joined


def as_lines(columns: "list[pa.Array[Any]]", separator: str = "\t") -> memoryview:
    """The rows as lines, columns separated by the separator."""
    import pyarrow as pa

    text = join_columns(columns, separator) if len(columns) > 1 else columns[0]
    return text_bytes(join_columns([text, pa.scalar("", pa.large_string())], "\n"))


def text_bytes(texts: "pa.Array[Any]") -> memoryview:
    """The bytes of all texts, end to end, without a copy."""
    data = texts.buffers()[2]
    if data is None or not len(texts):
        return memoryview(b"")
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    start, stop = int(offsets[0]), int(offsets[-1])
    return memoryview(data)[start:stop]


def numbers_as_text(values: NDArray[Any]) -> "pa.Array[Any]":
    """The numbers in the shortest decimals that give them back."""
    import pyarrow as pa

    return pa.array(values).cast(pa.large_string())
