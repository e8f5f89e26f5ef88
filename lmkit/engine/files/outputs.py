"""Files and folders that appear whole or not at all."""

import ctypes
import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lmkit.engine.files.in_use import refuse_changed
from lmkit.engine.files.unfinished import SET_ASIDE, locked_folder, new_folder, open_new, unfinished, vanishing
from lmkit.engine.remote.names import is_remote, shown
from lmkit.engine.system.errors import remedy_for
from lmkit.errors import DataError

OF_PROCESSES = re.compile(r"/proc/\d+(?:/task/\d+)?/fd|/dev/fd")  # folders of what processes have opened
NOT_SYNCED = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF, errno.ENOSYS)  # as some disks answer
SWAPPED = 2  # RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS
HERE = -100  # AT_FDCWD


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A stream to write to; what was written becomes the file when the block ends well, and vanishes when it does not.

    The temporary file lies in the same folder; that of a file in a store, in the folder for such. Devices, pipes, and what a process has
    opened (/dev/stdout) are written to directly. Of several who write a file at the same time, the last one has it. DataError if that fails,
    and if a file was changed that the command uses.
    """
    if is_remote(path):
        from lmkit.engine.remote.uploading import whole_remote_file

        with whole_remote_file(os.fspath(path)) as stream:
            yield stream
            refuse_changed()
        return
    try:
        old = what_is_there(path)
        descriptor = opened_already(path)
        if descriptor is not None or (old is not None and not stat.S_ISREG(old.st_mode)):
            with os.fdopen(os.open(path, os.O_WRONLY) if descriptor is None else os.dup(descriptor), "wb") as stream:
                yield stream
                refuse_changed()
            return
        final = Path(os.path.realpath(path))
        with becoming(lambda: final, final, old) as stream:
            yield stream
        sync(final.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def becoming(final: Callable[[], Path], beside: Path, old: os.stat_result | None = None) -> Iterator[BinaryIO]:
    """A stream to a temporary file, which becomes the one that `final` names when the block ends well. beside: what the temporary name is made from; old: what is there."""
    with unfinished(beside) as temporary:
        with os.fdopen(open_new(temporary, old), "wb") as stream:
            yield stream
            refuse_changed()
            stream.flush()
            os.fsync(stream.fileno())
            if os.name == "posix":  # while it is locked
                temporary.replace(final())
        if os.name != "posix":  # what is open cannot be renamed
            temporary.replace(final())


def what_is_there(path: str | os.PathLike[str]) -> os.stat_result | None:
    """What has this name already, links followed; None if nothing has. OSError where the system does not tell."""
    try:
        return Path(path).stat()
    except FileNotFoundError:
        return None


def opened_already(path: str | os.PathLike[str]) -> int | None:
    """The descriptor that a name such as /dev/stdout is for; None if it is the name of a file."""
    place = Path(path)
    for _ in range(40):  # links, as many as the system follows
        folder = os.path.realpath(place.parent)
        if OF_PROCESSES.fullmatch(folder) and place.name.isdigit():
            own = folder == "/dev/fd" or folder.startswith(f"/proc/{os.getpid()}/")
            return int(place.name) if own else os.open(place, os.O_WRONLY)
        if not place.is_symlink():
            return None
        place = Path(folder, place.readlink())
    return None


def sync(folder: Path) -> None:
    """Have the system keep the names in a folder, also where its power fails. OSError where the disk cannot."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in NOT_SYNCED:
            raise


@contextmanager
def whole_folder(path: str | os.PathLike[str], names: Collection[str]) -> Iterator[Path]:
    """A folder to write these files to; it becomes the folder of this path when the block ends well, and vanishes when it does not.

    One that is there already, and has no other files, is replaced. DataError for one that has, and if writing fails.
    """
    if is_remote(path):
        raise DataError(
            f"cannot write {shown(os.fspath(path))}: folders are written here only.", "Name one here, and copy it."
        )
    final = Path(os.path.realpath(path))
    try:
        with unfinished(final) as temporary:
            check_folder(final, names)
            old = what_is_there(final)
            with new_folder(temporary, 0o777 if old is None else 0o700):
                yield temporary
                if old is not None:
                    temporary.chmod(stat.S_IMODE(old.st_mode))
                sync(temporary)
                put(temporary, final)
        sync(final.parent)
    except OSError as error:
        raise unwritable(path, error) from None


def put(folder: Path, final: Path) -> None:
    """Give a folder its name. What had it has that of the folder from then on, or is gone."""
    if not final.exists():
        with suppress(OSError):  # somebody else was quicker, and has written the same
            folder.rename(final)
            return
    if swapped(folder, final):
        return
    with vanishing(folder.with_suffix(SET_ASIDE)) as aside, locked_folder(final):
        final.replace(aside)
        try:
            folder.replace(final)
        except BaseException:
            aside.replace(final)
            raise


def swapped(one: Path, other: Path) -> bool:
    """Whether two names could be swapped, at once; some systems and disks cannot."""
    library = ctypes.CDLL(None) if os.name == "posix" else None
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        return bool(library.renamex_np(*names, SWAPPED) == 0)
    if not hasattr(library, "renameat2"):
        return False
    return bool(library.renameat2(HERE, names[0], HERE, names[1], SWAPPED) == 0)  # type: ignore[union-attr]


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
        remedy_for(error) or "Check the folder, its permissions and the free space.",
    )
