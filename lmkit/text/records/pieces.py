"""The bytes of a source in blocks of whole lines, as they stand, and what is found in each block."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine import progress
from lmkit.text.reading import Reading
from lmkit.text.records.block import Records
from lmkit.text.sources.blocks import BYTE_ORDER_MARK, Block, line_blocks, whole_lines
from lmkit.text.sources.names import TextFile, source_name

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Found:
    """Consecutive records of one source, and their texts."""

    records: Records
    kinds: NDArray[np.uint8]  # (records,)
    numbers: NDArray[np.int64]  # (records,) the line, or row, on which each begins
    texts: "pa.Array[Any]"  # of those that have one
    places: NDArray[np.int64]  # (texts,) the record of each


class Remembering:
    """A stream that knows the last byte that was read of it, and whether there are no more."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._last, self._at_end = stream, b"\n", False

    def read(self, size: int) -> bytes:
        """Up to so many bytes."""
        data = self._stream.read(size)
        self._last, self._at_end = data[-1:] or self._last, not data
        return data

    @property
    def is_ended(self) -> bool:
        """Whether the last line read has a line end."""
        return not self._at_end or self._last == b"\n"


@dataclass(frozen=True)
class Raw:
    """Whole lines as they stand in a file."""

    block: Block  # not checked yet
    ended: bool  # whether the last line has its own line end
    mark: bytes  # the byte order mark that the file begins with, or nothing


def raw_blocks(stream: IO[bytes], text: TextFile, reading: Reading) -> Iterator[Raw]:
    """The lines of a stream in blocks."""
    name = source_name(text)
    remembering: Any = Remembering(stream)
    pieces = progress.told_as_read(whole_lines(remembering, name, reading))
    mark = b""
    for block in line_blocks(pieces, name, encoding_errors=reading.encoding_errors, check=False):
        if block.first_line == 1 and block.offset:
            mark = BYTE_ORDER_MARK
        yield Raw(block, remembering.is_ended, mark)
