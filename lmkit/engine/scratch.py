"""Room for large arrays: memory, or temporary files that are mapped, and given back when they fill memory."""

import ctypes
import errno
import mmap
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError

ALIGNMENT = 64  # bytes


class Scratch:
    """Arrays in memory, beside which files may be mapped."""

    def __init__(self, memory: int | None = None) -> None:
        """memory: resident bytes above which `release` gives mapped files back; None: never."""
        self._memory = memory
        self._maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()

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

    def __init__(self, folder: str | Path | None = None, memory: int = 0) -> None:
        """folder: where (default: the system's for temporary files); memory: see `Scratch`."""
        super().__init__(memory if hasattr(mmap, "MADV_DONTNEED") else None)
        self._folder = folder

    def allocate(self, size: int, dtype: Any) -> NDArray[Any]:
        """(size,) an array of zeros in a file of its own; the room on the disk is taken at once."""
        dtype = np.dtype(dtype)
        if not size:
            return np.zeros(0, dtype)
        needed = size * dtype.itemsize
        with self._file() as file:
            try:
                if hasattr(os, "posix_fallocate"):  # else a full disk would be a crash when the pages are written
                    os.posix_fallocate(file.fileno(), 0, needed)
                else:
                    file.truncate(needed)
            except OSError as error:
                raise self._failed(error, needed) from None
            return np.frombuffer(self._map(file), dtype)

    def keep(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Copies of the arrays in one file."""
        starts, end = [], 0
        for array in arrays:
            starts.append(end)
            end += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
        if not end:
            return list(arrays)
        with self._file() as file:
            try:
                for array, start in zip(arrays, starts, strict=True):
                    file.seek(start)
                    file.write(np.ascontiguousarray(array).data)
                file.truncate(end)
                file.flush()
            except OSError as error:
                raise self._failed(error, end) from None
            mapped = self._map(file)
        return [
            np.frombuffer(mapped, array.dtype, len(array), start) if len(array) else array
            for array, start in zip(arrays, starts, strict=True)
        ]

    def _file(self) -> IO[bytes]:
        """A new temporary file."""
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
        folder = self._folder or tempfile.gettempdir()
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return no_room(folder, needed)
        return DataError(f"cannot write temporary files in {folder}: {error.strerror}.", "Name another with --tmp.")


def no_room(folder: str | Path, needed: int) -> DataError:
    """The error for a folder whose disk has less room than needed (bytes)."""
    try:
        free = f"{megabytes(shutil.disk_usage(folder).free)} are free"
    except OSError:
        free = "its disk is full"
    return DataError(
        f"no room for temporary files in {folder}: {megabytes(needed)} are needed next, {free}.",
        "Name a folder on a larger disk with --tmp, or allow more --memory.",
    )


def megabytes(size: int) -> str:
    """A size in bytes, for people."""
    return f"{size / (1 << 20):,.0f} MB"


def resident_bytes() -> int:
    """The memory that the program holds now; a very large number where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 1 << 62
    return pages * mmap.PAGESIZE


def give_back_memory() -> None:
    """Let the system have memory that the program has freed: C libraries keep it, in pieces too small for large arrays."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def default_memory() -> int:
    """Half of the machine's memory in bytes; 2 GiB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return 2 << 30
