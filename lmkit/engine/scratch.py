"""Room for large arrays: memory, or temporary files that are mapped, and given back when they fill memory."""

import mmap
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.memory import LARGER_DISK, no_room
from lmkit.engine.system.errors import NO_ROOM, remedy_for
from lmkit.engine.system.resident import resident_bytes
from lmkit.engine.system.room import take_room
from lmkit.errors import DataError

ALIGNMENT = 64  # bytes
OTHER_FOLDER = "Name another with --tmp."


class Scratch:
    """Arrays in memory, beside which files may be mapped."""

    def __init__(self, memory: int | None = None) -> None:
        """memory: resident bytes above which `release` gives mapped files back; None: never."""
        self._memory = memory
        self._maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()

    def __reduce__(self) -> tuple[type["Scratch"], tuple[()]]:
        """In another process, arrays that come with a scratch are in memory: nothing is mapped there."""
        return Scratch, ()

    def allocate(self, size: int, dtype: Any) -> NDArray[Any]:
        """(size,) an array with anything in it. Memory that is never written to costs nothing."""
        return np.empty(size, dtype)

    def watch(self, mapped: mmap.mmap) -> None:
        """Take a mapped file among those that `release` gives back."""
        self._maps.add(mapped)

    def release(self) -> None:
        """Give back the memory of mapped files, if it is too much by now; what is needed again is read again."""
        if self._memory is not None and self._maps and resident_bytes() >= self._memory:
            for mapped in list(self._maps):
                mapped.madvise(mmap.MADV_DONTNEED)

    def watch_all(self, other: "Scratch") -> None:
        """Take all that another scratch gives back among what `release` gives back here."""
        self._maps |= other._maps  # noqa: SLF001 (of its own class)

    def on_disk(self, folder: str | Path | None, memory: int) -> "DiskScratch":
        """A scratch on disk that gives back what is mapped here, too."""
        disk = DiskScratch(folder, memory)
        disk.watch_all(self)
        return disk


class DiskScratch(Scratch):
    """Arrays in temporary files.

    The files have no name, or lose it at once, so that nothing is left of them however the program ends.
    DataError when the disk is full, with where and how much.
    """

    def __init__(
        self, folder: str | Path | None = None, memory: int = 0, larger: str = LARGER_DISK, other: str = OTHER_FOLDER
    ) -> None:
        """folder: where (default: the system's for temporary files); memory: see `Scratch`; larger, other: what to do where there is no room, or no writing."""
        super().__init__(memory if hasattr(mmap, "MADV_DONTNEED") else None)
        self._folder, self._larger, self._other = folder, larger, other

    def allocate(self, size: int, dtype: Any) -> NDArray[Any]:
        """(size,) an array of zeros in a file of its own; the room on the disk is taken at once."""
        dtype = np.dtype(dtype)
        return np.frombuffer(self.room(size * dtype.itemsize), dtype) if size else np.zeros(0, dtype)

    def room(self, needed: int) -> mmap.mmap:
        """So many bytes, one or more, all zero, in a file of their own that is mapped; the room on the disk is taken at once."""
        with self._file() as file:
            try:
                take_room(file.fileno(), needed)
            except OSError as error:
                raise self._failed(error, needed) from None
            return self._map(file)

    def keep(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Copies of the arrays in one file."""
        starts, end = [], 0
        for array in arrays:
            starts.append(end)
            end += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
        if not end:
            return list(arrays)
        try:
            with self._file() as file:  # which writes again what it could not write, where it is closed
                for array, start in zip(arrays, starts, strict=True):
                    file.seek(start)
                    file.write(np.ascontiguousarray(array).data)
                file.truncate(end)
                file.flush()
                mapped = self._map(file)
        except OSError as error:
            raise self._failed(error, end) from None
        return [
            np.frombuffer(mapped, array.dtype, len(array), start) if len(array) else array
            for array, start in zip(arrays, starts, strict=True)
        ]

    def _file(self) -> IO[bytes]:
        """A new temporary file."""
        import tempfile

        try:
            return tempfile.TemporaryFile(prefix="lmkit-", dir=self._folder)
        except OSError as error:
            raise self._failed(error, 0) from None

    def _map(self, file: IO[bytes]) -> mmap.mmap:
        """The file, mapped."""
        mapped = mmap.mmap(file.fileno(), 0)
        self.watch(mapped)
        return mapped

    def _failed(self, error: OSError, needed: int) -> DataError:
        """The error for a temporary file that could not be written."""
        import tempfile

        folder = self._folder or tempfile.gettempdir()
        if error.errno in NO_ROOM:
            return no_room(folder, needed, self._larger)
        return DataError(f"cannot write temporary files in {folder}: {error.strerror}.", remedy_for(error, self._other))
