"""Lines put together in one go: texts are pooled, each field of a line is the place of a text, and Arrow gathers them all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow
from lmkit.engine.columns import text_bytes
from lmkit.engine.kernels import call_arrow

if TYPE_CHECKING:
    import pyarrow as pa

Places = NDArray[np.int32]  # of texts in a pool


class Pool:
    """Texts that lines are made of, by place."""

    def __init__(self) -> None:
        self._parts: list[pa.Array[Any]] = []
        self._size = 0

    def add(self, texts: "pa.Array[Any]") -> int:
        """Take in texts (large_string); returns the place of the first."""
        first = self._size
        self._parts.append(texts)
        self._size += len(texts)
        return first

    def add_padded(self, texts: NDArray[np.uint8], lengths: NDArray[np.uint8]) -> Places:
        """Take in texts (texts, width) of these lengths, as they are; returns their places."""
        number, width = texts.shape
        offsets = np.empty(2 * number + 1, np.int64)
        offsets[::2] = np.arange(0, (number + 1) * width, width)
        np.add(offsets[:-1:2], lengths, out=offsets[1::2])  # what fills the width is a text of its own
        start = self.add(texts_between(offsets, texts))
        return np.arange(start, start + 2 * number, 2, dtype=np.int32)

    def text(self, fields: Sequence[Places], end: bytes = b"") -> memoryview:
        """Row by row, the texts at the places of all fields (rows,), and `end` after them all, without anything between."""
        import pyarrow as pa

        places = np.empty(len(fields) * len(fields[0]) + 1, np.int32)
        np.stack(fields, axis=1, out=places[:-1].reshape(-1, len(fields)))
        places[-1] = self.add(texts_between(np.array([0, len(end)]), end))
        return text_bytes(gathered(pa.concat_arrays(self._parts), places))


def joined(texts: "pa.Array[Any]", fields: Sequence[Places]) -> "pa.Array[Any]":
    """(rows,) for each row, the texts at the places of all fields (rows,) as one."""
    found = gathered(texts, np.stack(fields, axis=1).ravel())
    _, offsets, text = found.buffers()
    return texts_between(np.frombuffer(offsets, np.int64, len(found) + 1)[:: len(fields)].copy(), text)


def gathered(texts: "pa.Array[Any]", places: Places) -> "pa.Array[Any]":
    """The texts at these places, which are not checked."""
    found: pa.Array[Any] = call_arrow("take", texts, to_arrow(places), boundscheck=False)
    return found


def texts_between(offsets: NDArray[np.int64], text: Any) -> "pa.Array[Any]":
    """The texts that begin and end at these places of a buffer."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
