"""How much memory there is, is held, and is given back."""

import ctypes
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lmkit.engine import machine
from lmkit.engine.system.errors import remedy_for
from lmkit.errors import DataError

LARGER_DISK = "Name a folder on a larger disk with --tmp, or allow more --memory."


def no_room(folder: str | Path, needed: int, remedy: str = LARGER_DISK) -> DataError:
    """The error for a folder whose disk has less room than needed (bytes)."""
    return DataError(
        f"no room for temporary files in {folder}: {megabytes(needed)} are needed next, {free_room(folder)} are free.",
        remedy,
    )


def free_room(folder: str | Path) -> str:
    """The size of what is free on the disk of a folder, for people."""
    try:
        return megabytes(shutil.disk_usage(folder).free)
    except OSError:
        return megabytes(0)


@contextmanager
def writing_to(folder: str | Path, what: str) -> Iterator[None]:
    """Within this block, a temporary file in the folder is made, or written to. what: is kept there, for a message. DataError if that fails."""
    try:
        yield
    except OSError as error:
        remedy = remedy_for(error, "Name a folder on a larger disk with --tmp.")
        raise DataError(f"{what} kept in {folder}: {error.strerror}.", remedy) from None


def let_go(file: IO[bytes]) -> None:
    """Close a temporary file of which nothing is wanted any more: what could not be written is written again then, and fails again."""
    with suppress(OSError):
        file.close()


def megabytes(size: int) -> str:
    """A size in bytes, for people: in KB, where that is less than a MB."""
    return f"{size / (1 << 20):,.0f} MB" if size >= 1 << 20 or not size else f"{size / (1 << 10):,.3g} KB"


def give_back_memory() -> None:
    """Let the system have memory that the program has freed: C libraries keep it, in pieces too small for large arrays."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def default_memory() -> int:
    """Half of the memory, in bytes, that the program may hold (see `machine`)."""
    return int(machine.memory().amount) // 2
