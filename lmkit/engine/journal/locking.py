"""One process at a time in a folder: the system takes the lock away from a process that was killed."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lmkit.engine.files.locks import is_at, take
from lmkit.errors import DataError

LOCK = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within this block, the folder is this process's. DataError if it is another's, whom it names."""
    path = folder / LOCK
    with path.open("a+b") as stream:
        if not take(stream.fileno()) or not is_at(path, stream.fileno()):
            stream.seek(0)
            holder = stream.read().decode("utf-8", "replace") or "another one"
            raise DataError(
                f"{folder}: process {holder} is at work on this job.",
                "Wait until it has ended, or write to another file with -o.",
            )
        stream.truncate(0)
        stream.write(f"{os.getpid()} on {socket.gethostname()}".encode())
        stream.flush()
        yield
