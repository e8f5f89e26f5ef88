"""Files that are mapped into memory; small ones are read."""

import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmkit.engine.files.in_use import OpenFile, watch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Buffer = bytes | mmap.mmap
READ_WHOLE = 4 << 20  # bytes of a file up to which it is read, in a millisecond, and so cannot change any more


class MappedFile(mmap.mmap):
    """The bytes of a file, mapped, for reading."""

    file: OpenFile

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> "MappedFile":
        """The bytes of a file that is not empty."""
        with Path(path).open("rb") as file:
            mapped = cls(file.fileno(), 0, access=mmap.ACCESS_READ)
            mapped.file = OpenFile.of(str(path), file.fileno())
        watch(mapped.file, mapped)
        return mapped

    def fill(self, room: "NDArray[np.uint8]", at: int) -> None:
        """Fill the room with the bytes from a place on, without mapping them. ValueError if there are too few by now."""
        left: Any = room.data
        if not hasattr(os, "preadv"):
            left[:] = self[at : at + len(left)]
            return
        while left and (count := os.preadv(self.file.descriptor, [left], at)):
            left, at = left[count:], at + count
        if left:
            raise ValueError("it ends before its last array")


def bytes_of_file(path: str | os.PathLike[str]) -> Buffer:
    """The bytes of a file, mapped unless they are few."""
    if Path(path).stat().st_size <= READ_WHOLE:
        return Path(path).read_bytes()
    return MappedFile.of(path)


def fill(data: Buffer, room: "NDArray[np.uint8]", at: int) -> None:
    """Fill the room with the bytes of a file from a place on. ValueError if there are too few by now."""
    if isinstance(data, MappedFile):
        data.fill(room, at)
    else:
        room.data[:] = memoryview(data)[at : at + len(room)]
