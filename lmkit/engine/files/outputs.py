"""Files and folders that appear whole or not at all."""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import BinaryIO

from lmkit.engine.remote.names import is_remote, shown
from lmkit.errors import DataError

UNFINISHED = ".tmp"  # the end of the names of files that are not whole yet


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A stream to write to; what was written becomes the file when the block ends well, and vanishes when it does not.

    The temporary file lies in the same folder; that of a file in a store, in the folder for such. Devices and pipes are written to
    directly. DataError if that fails.
    """
    if is_remote(path):
        from lmkit.engine.remote.uploading import whole_remote_file

        with whole_remote_file(os.fspath(path)) as stream:
            yield stream
        return
    final = Path(path)
    try:
        exists = final.exists()
        if exists and not final.is_file():  # follows links
            with final.open("wb") as stream:
                yield stream
            return
        final = final.resolve()
        temporary = unfinished(final, str(os.getpid()))
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
        raise unwritable(path, error) from None


def unfinished(final: Path, process: str) -> Path:
    """Where a process writes what is to become a file."""
    return final.with_name(f".{final.name}.{process}{UNFINISHED}")


def remove_unfinished(path: str | os.PathLike[str]) -> None:
    """Remove what processes that were killed while they wrote a file have left beside it."""
    final = Path(path)
    for left in final.parent.glob(unfinished(Path(escape(final.name)), "*").name):
        process = left.name.removesuffix(UNFINISHED).rpartition(".")[2]
        if process.isdigit() and not is_running(int(process)):
            left.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Whether there is a process of this number, as far as the system tells."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is another user's
    return True


@contextmanager
def whole_folder(path: str | os.PathLike[str], names: Collection[str]) -> Iterator[Path]:
    """A folder to write these files to; it becomes the folder of this path when the block ends well, and vanishes when it does not.

    One that is there already, and has no other files, is replaced. DataError for one that has, and if writing fails.
    """
    if is_remote(path):
        raise DataError(
            f"cannot write {shown(os.fspath(path))}: folders are written here only.", "Name one here, and copy it."
        )
    final = Path(path).resolve()
    temporary, old = (final.with_name(f".{final.name}.{os.getpid()}.{ending}") for ending in ("tmp", "old"))
    try:
        check_folder(final, names)
        try:
            temporary.mkdir()
            yield temporary
            if final.exists():
                final.replace(old)
            try:
                temporary.replace(final)
            except OSError:
                if old.exists():
                    old.replace(final)
                raise
        finally:
            for left in (temporary, old):
                shutil.rmtree(left, ignore_errors=True)
    except OSError as error:
        raise unwritable(path, error) from None


def check_folder(folder: Path, names: Collection[str]) -> None:
    """DataError for a folder that files of these names cannot replace: it has others, is a file, or has no place."""
    if not folder.parent.is_dir():
        raise DataError(f"cannot write {folder}: there is no folder {folder.parent}.", "Make it first.")
    if folder.exists() and not folder.is_dir():
        raise DataError(f"cannot write {folder}: it is a file.", "Name a folder that is not there yet.")
    others = sorted({place.name for place in folder.iterdir()} - set(names)) if folder.is_dir() else []
    if others:
        raise DataError(
            f"cannot write {folder}: the folder has other files, the first is {others[0]}.",
            "Name a folder that is not there yet, or take them away.",
        )


def unwritable(path: str | os.PathLike[str], error: OSError) -> DataError:
    """The error for what cannot be written."""
    return DataError(
        f"cannot write {os.fsencode(path).decode('utf-8', 'replace')}: {error.strerror or error}.",
        "Check the folder, its permissions and the free space.",
    )
