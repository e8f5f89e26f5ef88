"""One process at a time in a folder: the system takes the lock away from a process that was killed."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lmkit.errors import DataError

LOCK = "lock"


@contextmanager
def locked(folder: Path, what: str = "this job") -> Iterator[None]:
    """Within this block, the folder is this process's. DataError if it is another's, whom it names. what: is done there."""
    path = folder / LOCK
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("a+b"))
            if not take(stream.fileno()) or not is_at(path, stream.fileno()):
                stream.seek(0)
                holder = stream.read().decode("utf-8", "replace") or "another one"
                raise DataError(
                    f"{folder}: process {holder} is at work on {what}.",
                    "Wait until it has ended, or write to another file with -o.",
                )
            stream.truncate(0)
            os.write(stream.fileno(), f"{os.getpid()} on {socket.gethostname()}".encode())
        except OSError as error:
            raise DataError(
                f"cannot lock {path}: {error.strerror}.",
                "The folder needs room, and a file system that locks files, which not all networks have.",
            ) from None
        yield


def is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one of this name: whoever had the lock may have removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


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
