"""Columns of text as Arrow arrays (large_string), joined into lines without a Python loop over rows."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import text_to_arrow, to_arrow
from lmkit.engine.kernels import call_arrow

if TYPE_CHECKING:
    import pyarrow as pa


def join_columns(columns: "list[pa.Array[Any]]", separator: str) -> "pa.Array[Any]":
    """Row by row, the texts of all columns with the separator between them."""
    joined: pa.Array[Any] = call_arrow("binary_join_element_wise", *columns, text_to_arrow(separator))
    return joined


def as_lines(columns: "list[pa.Array[Any]]", separator: str = "\t") -> memoryview:
    """The rows as lines, columns separated by the separator."""
    text = join_columns(columns, separator) if len(columns) > 1 else columns[0]
    return text_bytes(join_columns([text, text_to_arrow("")], "\n"))


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
    return as_texts(to_arrow(values))


def as_texts(values: "pa.Array[Any]") -> "pa.Array[Any]":
    """The numbers in the shortest decimals that give them back; the bytes as text, which they must be."""
    import pyarrow as pa

    texts: pa.Array[Any] = call_arrow("cast", values, target_type=pa.large_string())
    return texts


def texts_at(texts: "pa.Array[Any]", places: NDArray[Any]) -> "pa.Array[Any]":
    """(places,) the texts at these places."""
    taken: pa.Array[Any] = call_arrow("take", texts, to_arrow(places))
    return taken
