"""One process at a time in a folder: the system takes the lock away from a process that was killed."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lmkit.engine.files.locks import is_at, take
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
