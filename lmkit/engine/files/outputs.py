"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lmkit.errors import DataError


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A stream to write to; what was written becomes the file when the block ends well, and vanishes when it does not.

    The temporary file lies in the same folder. Devices and pipes are written to directly. DataError if that fails.
    """
    final = Path(path)
    try:
        exists = final.exists()
        if exists and not final.is_file():  # follows links
            with final.open("wb") as stream:
                yield stream
            return
        final = final.resolve()
        temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if exists:
                temporary.chmod(final.stat().st_mode)
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DataError(
            f"cannot write {os.fsencode(path).decode('utf-8', 'replace')}: {error.strerror or error}.",
            "Check the folder, its permissions and the free space.",
        ) from None
