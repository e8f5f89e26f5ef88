"""Folders that shards are written to, here and in stores: a file gets its name when it is whole, which has a part of its digest in it."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from lmkit.engine.files.outputs import UNFINISHED, unfinished, unwritable, whole_file
from lmkit.engine.journal.locking import LOCK, locked
from lmkit.engine.remote.names import is_remote, shown
from lmkit.engine.shards.manifest import KIND, NAME
from lmkit.engine.shards.places import MANIFEST, within
from lmkit.errors import DataError

LEFT = re.compile(r"\..+\.\d+" + re.escape(UNFINISHED))  # what writers that were killed leave
Write = Callable[[BinaryIO], str]  # a file, which it gives a name


class Folder(Protocol):
    """A folder that is written to."""

    def put(self, called: str, write: Write) -> str:
        """Have a file written, and its name. called: until it has one."""

    def put_manifest(self, content: bytes) -> None:
        """Write the manifest, in place of the former one."""

    def names(self) -> list[str]:
        """What is in it."""

    def remove(self, name: str) -> None:
        """Remove a file."""


def check_folder(name: str) -> None:
    """DataError for a place where no shards can be written: no folder or bucket for theirs, a file, or a folder that is none of shards."""
    if is_remote(name):
        from lmkit.engine.remote.uploading import check_remote_place

        check_remote_place(os.fspath(within(name, MANIFEST)))
        return
    folder = Path(name)
    if not folder.resolve().parent.is_dir():
        raise DataError(f"cannot write {name}: there is no folder {folder.resolve().parent}.", "Make it first.")
    if folder.exists() and not folder.is_dir():
        raise DataError(f"cannot write {name}: it is a file, and shards are written to a folder.", "Remove it first.")
    other = next(iter(others_in(folder)), "")
    if other:
        raise DataError(
            f"cannot write {name}: the folder holds no shards of lmkit's, and has other files: {other}.",
            "Name a folder that is not there yet.",
        )


def others_in(folder: Path) -> list[str]:
    """The files of a folder that is none of shards which are not left of any either."""
    if not folder.is_dir():
        return []
    try:
        manifest = folder / MANIFEST
        if manifest.is_file() and f'"kind": "{KIND}"'.encode() in manifest.read_bytes()[:100]:
            return []
        return sorted(place.name for place in folder.iterdir() if not is_own(place.name))
    except OSError as error:
        raise unwritable(folder, error) from None


def is_own(name: str) -> bool:
    """Whether a file of this name is one that is written here, the manifest left out."""
    return name == LOCK or bool(NAME.fullmatch(name) or LEFT.fullmatch(name))


class Here:
    """A folder on this machine, which no other process writes to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, called: str, write: Write) -> str:
        """See `Folder`."""
        temporary = unfinished(self._folder / called, str(os.getpid()))
        try:
            with temporary.open("wb") as stream:
                name = write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self._folder / name)
        finally:
            temporary.unlink(missing_ok=True)
        return name

    def put_manifest(self, content: bytes) -> None:
        """See `Folder`."""
        with whole_file(self._folder / MANIFEST) as stream:
            stream.write(content)

    def names(self) -> list[str]:
        """See `Folder`."""
        return [place.name for place in self._folder.iterdir()]

    def remove(self, name: str) -> None:
        """See `Folder`."""
        (self._folder / name).unlink(missing_ok=True)


class Elsewhere:
    """A folder in a store. Files are written here first, and uploaded."""

    def __init__(self, name: str) -> None:
        self._name = name

    def put(self, _called: str, write: Write) -> str:
        """See `Folder`."""
        from lmkit.engine.remote.stores import reached
        from lmkit.engine.remote.uploading import upload

        with tempfile.TemporaryFile(prefix="lmkit-") as stream:
            name = write(cast(BinaryIO, stream))
            stream.flush()
            upload(stream, reached(cast(str, within(self._name, name))))
        return name

    def put_manifest(self, content: bytes) -> None:
        """See `Folder`."""
        with whole_file(within(self._name, MANIFEST)) as stream:
            stream.write(content)

    def names(self) -> list[str]:
        """See `Folder`."""
        from lmkit.engine.remote.stores import reached

        return [key.rpartition("/")[2] for key, is_folder in reached(self._name).listed(deep=False) if not is_folder]

    def remove(self, name: str) -> None:
        """See `Folder`."""
        from lmkit.engine.remote.stores import reached, told

        place = reached(cast(str, within(self._name, name)))
        with told(place.of.name, "write"):
            place.system.delete_file(place.path)


@contextmanager
def written_folder(path: str | os.PathLike[str]) -> Iterator[Folder]:
    """The folder, to write to. One that is new vanishes when the block does not end well. DataError if that fails, or another process writes to it."""
    name = os.fspath(path)
    check_folder(name)
    try:
        if is_remote(path):
            yield Elsewhere(name)
            return
        folder = Path(name).resolve()
        is_new = not folder.exists()
        folder.mkdir(exist_ok=True)
        try:
            with locked(folder, "these shards"):
                try:
                    yield Here(folder)
                finally:
                    with suppress(OSError):  # where files that are open cannot be removed
                        (folder / LOCK).unlink(missing_ok=True)
        except BaseException:
            if is_new:
                with suppress(OSError):
                    folder.rmdir()
            raise
    except OSError as error:
        raise unwritable(shown(name), error) from None
