"""Files that results are worked out from while they lie on the disk: whether they stayed as they were.

Who replaces a file by renaming another one leaves the old one to those who have it open: that is how lmkit writes. A file that is
written over, or cut, in place changes under their hands.
"""

import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

from lmkit.errors import DataError

Stamp = tuple[int, int]


@dataclass(frozen=True)
class OpenFile:
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


@dataclass
class Command:
    """A command whose results are refused if a file changed that it used: of a program that uses lmkit, it is not known what follows from what."""

    when_mapped: Callable[[], None]  # called before the first file is mapped
    changed: list[str] = field(default_factory=list)  # names of files that were changed and are closed


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
