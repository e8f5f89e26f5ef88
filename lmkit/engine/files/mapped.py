"""Files that are mapped into memory, with what shows whether they stayed as they were.

Who replaces a file by renaming another one leaves the old one to those who have it open: that is how lmkit writes. A file that is
written over or cut in place changes under their hands, and where it ends too early, the system ends the program (SIGBUS).
"""

import mmap
import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError

Buffer = bytes | mmap.mmap
READ_WHOLE = 4 << 20  # bytes of a file up to which it is read, in a millisecond, and so cannot change any more

_in_use: "weakref.WeakSet[MappedFile]" = weakref.WeakSet()


class MappedFile(mmap.mmap):
    """The bytes of a file, mapped, for reading."""

    name: str
    _descriptor: int
    _stamp: tuple[int, int]

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> "MappedFile":
        """The bytes of a file that is not empty."""
        with Path(path).open("rb") as file:
            mapped = cls(file.fileno(), 0, access=mmap.ACCESS_READ)
            mapped._descriptor = os.dup(file.fileno())
        weakref.finalize(mapped, os.close, mapped._descriptor)
        mapped.name = str(path)
        mapped._stamp = stamp_of(mapped._descriptor)
        _in_use.add(mapped)
        return mapped

    def fill(self, room: NDArray[np.uint8], at: int) -> None:
        """Fill the room with the bytes from a place on, without mapping them. ValueError if there are too few by now."""
        if not hasattr(os, "preadv"):
            room[:] = np.frombuffer(self, np.uint8, len(room), at)
            return
        left: Any = room.data
        while left and (count := os.preadv(self._descriptor, [left], at)):
            left, at = left[count:], at + count
        if left:
            raise ValueError("it ends before its last array")

    @property
    def is_unchanged(self) -> bool:
        """Whether the file, wherever it lies by now, has the size and the time that it had."""
        return stamp_of(self._descriptor) == self._stamp


def stamp_of(descriptor: int) -> tuple[int, int]:
    """The size of an open file, and when it was last written to."""
    found = os.fstat(descriptor)
    return found.st_size, found.st_mtime_ns


def bytes_of_file(path: str | os.PathLike[str]) -> Buffer:
    """The bytes of a file, mapped unless they are few."""
    if Path(path).stat().st_size <= READ_WHOLE:
        return Path(path).read_bytes()
    return MappedFile.of(path)


def fill(data: Buffer, room: NDArray[np.uint8], at: int) -> None:
    """Fill the room with the bytes of a file from a place on. ValueError if there are too few by now."""
    if isinstance(data, MappedFile):
        data.fill(room, at)
    else:
        room[:] = np.frombuffer(data, np.uint8, len(room), at)


def refuse_changed() -> None:
    """DataError if a file that is mapped was written over or cut since: what was worked out from it may be of neither the old nor the new one."""
    for mapped in list(_in_use):
        if not mapped.is_unchanged:
            raise DataError(
                f"{mapped.name} was changed while it was in use, and nothing that was worked out from it can be relied on.",
                "Run the command again. To replace a file that may be in use, write the new one beside it, and rename it (mv).",
            )
