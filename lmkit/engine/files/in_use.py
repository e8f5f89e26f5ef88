"""Files that results are worked out from while they lie on the disk: whether they stayed as they were.

Who replaces a file by renaming another one leaves the old one to those who have it open: that is how lmkit writes. A file that is
written over, or cut, in place changes under their hands.
"""

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from lmkit.errors import DataError

Stamp = tuple[int, int]


class OpenFile(NamedTuple):  # a dataclass would import much, for every command
    """A file that stays open, and how it was."""

    name: str
    descriptor: int
    stamp: Stamp

    @classmethod
    def of(cls, name: str, descriptor: int) -> "OpenFile":
        """The file of a descriptor, for which it gets another one."""
        own = os.dup(descriptor)
        return cls(name, own, stamp_of(own))

    @property
    def is_unchanged(self) -> bool:
        """Whether the file, wherever it lies by now, has the size and the time that it had."""
        return stamp_of(self.descriptor) == self.stamp


class Command:
    """A command whose results are refused if a file changed that it used: of a program that uses lmkit, it is not known what follows from what."""

    def __init__(self, when_mapped: Callable[[], None]) -> None:
        """when_mapped: called before files are mapped."""
        self.when_mapped = when_mapped
        self.changed: list[str] = []  # names of files that were changed and are closed
        self.read: dict[str, Stamp] = {}  # texts that were read to their end, and how they were, by path


_open: list[OpenFile] = []
_command: list[Command] = []  # one, or none


def begin(when_mapped: Callable[[], None]) -> None:
    """A command begins. when_mapped: called before it maps files."""
    _command[:] = [Command(when_mapped)]


def end() -> None:
    """The command has ended."""
    _command.clear()


def watch(file: OpenFile, by: object) -> None:
    """Look after a file for as long as somebody has it."""
    for command in _command:
        command.when_mapped()
    _open.append(file)
    weakref.finalize(by, closed, file)


def closed(file: OpenFile) -> None:
    """Nobody has the file any more."""
    _open.remove(file)
    for command in _command:
        if not file.is_unchanged:
            command.changed.append(file.name)
    os.close(file.descriptor)


@contextmanager
def reading(path: str, file: IO[bytes]) -> Iterator[None]:
    """Within this block, a file is read. DataError if the command has read it to its end before, and it was another then: what follows fits neither."""
    stamp = stamp_of(file.fileno())
    if any(command.read.get(path, stamp) != stamp for command in _command):
        raise changed_meanwhile(path)
    yield
    for command in _command:
        if not file.closed and file.seekable() and file.tell() >= stamp[0]:
            command.read[path] = stamp


def changed_meanwhile(name: str) -> DataError:
    """The error for a text that is another when it is read again, or as a part of what it was."""
    return DataError(f"{name} has changed while it was read.", "Run the command again when nothing writes to it.")


def stamp_of(descriptor: int) -> Stamp:
    """The size of an open file, and when it was last written to."""
    found = os.fstat(descriptor)
    return found.st_size, found.st_mtime_ns


def changed_files() -> list[str]:
    """The names of the files that were changed while the command used them."""
    found = [name for command in _command for name in command.changed]
    return found + [file.name for file in list(_open) if not file.is_unchanged]


def refuse_changed() -> None:
    """DataError if a file was changed while the command used it: what it worked out may be of neither the old one nor the new one."""
    changed = changed_files() if _command else []
    if changed:
        raise DataError(
            f"{changed[0]} was changed while it was in use: what was worked out from it is of neither the old file nor the new one.",
            "Run the command again. A file that may be in use is replaced by writing another one beside it, and renaming that (mv).",
        )
