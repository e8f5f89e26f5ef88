"""Locks on open files, which the system takes away from a process that was killed."""

import contextlib
import os
import sys
from pathlib import Path


def take(descriptor: int) -> bool:
    """Whether the lock of an open file could be had. OSError where files cannot be locked at all."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # another process has it, as systems tell it
        return False
    return True


def is_free(descriptor: int) -> bool:
    """Whether the lock of an open file could be had, as far as the system knows of locks."""
    try:
        return take(descriptor)
    except OSError:
        return False


def wait_for(descriptor: int) -> None:
    """Take the lock of an open file, or folder, as soon as nobody else has it; where there are no such locks, nothing happens."""
    if sys.platform != "win32":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one of this name: whoever had the lock may have removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False
