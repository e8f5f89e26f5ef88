"""Numbers that come bit by bit, in a temporary file, and are read from anywhere in it."""

import tempfile
import threading
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.memory import let_go, writing_to
from lmkit.engine.resources import Resources

KEPT = "the numbers of a text are"  # in a folder, for a message


class StoredNumbers:
    """Numbers of one type on disk. Threads may read them."""

    def __init__(self, dtype: Any, resources: Resources) -> None:
        self._dtype = np.dtype(dtype)
        self._folder = resources.folder
        with writing_to(self._folder, KEPT):
            self._file = tempfile.TemporaryFile(dir=resources.tmp, prefix="lmkit-")  # noqa: SIM115 (closed as below)
        self._lock = threading.Lock()
        self._size = 0
        weakref.finalize(self, let_go, self._file)  # which removes it

    def __len__(self) -> int:
        return self._size

    def append(self, values: NDArray[Any]) -> None:
        """Take in the next ones. DataError if the disk is full."""
        with writing_to(self._folder, KEPT):
            self._file.write(np.ascontiguousarray(values, self._dtype).data)
        self._size += len(values)

    def finish(self) -> None:
        """All are there. DataError if the disk is full."""
        with writing_to(self._folder, KEPT):
            self._file.flush()

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """(stop - start,) those from one place to before another."""
        found = np.empty(stop - start, self._dtype)
        with self._lock:
            self._file.seek(start * self._dtype.itemsize)
            self._file.readinto(found.data)
        return found

    def mapped(self) -> NDArray[Any]:
        """(all,) as an array that stays on disk."""
        return np.asarray(np.memmap(self._file, self._dtype, "r")) if self._size else np.zeros(0, self._dtype)
