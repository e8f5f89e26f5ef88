"""What is not whole yet: files and folders under names that nobody else has, locked for as long as somebody is at work on them.

The names are short, whatever that of the result is. They tell which result it is that they are for, so that the next run on it
finds what killed ones have left; and a lock, which ends with its process, tells those from the living.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from lmkit.engine.files.locks import is_at, is_free, wait_for

PREFIX = ".lmkit-"
UNFINISHED = ".tmp"  # the end of the names of what is not whole yet
SET_ASIDE = ".old"  # and of a folder whose place another one is about to take
SILENCE = 3600  # seconds after which what another machine has left is nobody's: not all disks tell their locks to other machines
OPENED = (
    os.O_EXCL | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
LOOKED_AT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

_AT_WORK: set[Path] = set()  # in this process


@contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """A name for what is to become this file or folder; what has it when the block ends vanishes.

    What killed runs have left of it is removed first.
    """
    remove_left(final)
    with vanishing(final.with_name(temporary_name(final.name))) as temporary:
        yield temporary


def temporary_name(name: str) -> str:
    """A name for what is to have this one, which nobody else has."""
    return f"{stem(name)}{machine()}-{secrets.token_hex(4)}{UNFINISHED}"


@contextmanager
def vanishing(path: Path) -> Iterator[Path]:
    """The path; what has this name when the block ends is removed, and by `remove_all` before."""
    _AT_WORK.add(path)
    try:
        yield path
    finally:
        remove(path)
        _AT_WORK.discard(path)


def remove_all() -> None:
    """Remove all that is not whole yet in this process, which is about to end."""
    while _AT_WORK:
        remove(_AT_WORK.pop())


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, as far as that is possible."""
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def open_new(path: Path, old: os.stat_result | None) -> int:
    """A descriptor of a new, locked file, which may be read and written by those who may do so with the old one, or as the umask says.

    At no moment may others. FileExistsError for a name that somebody has already.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | OPENED, 0o666 if old is None else 0o600 & old.st_mode)
        wait_for(descriptor)
        if os.name != "posix" or is_at(path, descriptor):
            break
        os.close(descriptor)  # who looked whether it is alive was quicker than its lock
    if old is not None and hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode_kept(descriptor, old))
    return descriptor


def mode_kept(descriptor: int, old: os.stat_result) -> int:
    """The mode of a file that replaces the old one, whose owner and group it gets if they can be had: if not, they may do what all may."""
    new, mode = os.fstat(descriptor), stat.S_IMODE(old.st_mode)
    if new.st_uid != old.st_uid:
        with contextlib.suppress(OSError):
            os.fchown(descriptor, old.st_uid, -1)
    if new.st_gid != old.st_gid:
        try:
            os.fchown(descriptor, -1, old.st_gid)
        except OSError:
            others = mode & stat.S_IRWXO
            mode = mode & ~stat.S_IRWXG | others << 3 & mode
    return mode


@contextmanager
def new_folder(path: Path, mode: int) -> Iterator[None]:
    """Make a folder, of this mode less what the umask takes; within this block, it is locked, as far as the system has such locks."""
    with contextlib.ExitStack() as opened:
        path.mkdir(mode)
        while not opened.enter_context(locked_folder(path)):
            path.mkdir(mode)  # as for files
        yield


@contextmanager
def locked_folder(path: Path) -> Iterator[bool]:
    """Within this block, a folder is locked, where the system has such locks. False if it went while its lock was waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | LOOKED_AT)
    except FileNotFoundError:
        yield False
        return
    except OSError:  # Windows opens no folders
        yield True
        return
    try:
        wait_for(descriptor)
        yield is_at(path, descriptor)
    finally:
        os.close(descriptor)


def remove_left(final: Path) -> None:
    """Remove what killed runs have left of this file or folder; a folder that was set aside, and not replaced, comes back."""
    for path in left_in(final.parent, stem(final.name)):
        with dead(path) as is_dead:
            if not is_dead:
                continue
            if path.name.endswith(SET_ASIDE) and not final.exists():
                with contextlib.suppress(OSError):
                    path.rename(final)
            else:
                remove(path)


def left_in(folder: Path, start: str) -> list[Path]:
    """What is in a folder under names that begin so, of this user."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(start)]
    except OSError:
        return []
    return [folder / name for name in names if name.endswith((UNFINISHED, SET_ASIDE))]


@contextmanager
def dead(path: Path) -> Iterator[bool]:
    """Whether nobody is at work on a file or folder any more; within this block, nobody begins to be."""
    try:
        descriptor = os.open(path, LOOKED_AT | (os.O_RDONLY if path.is_dir() else os.O_RDWR))
    except OSError:
        yield False
        return
    with contextlib.ExitStack() as opened:
        opened.callback(os.close, descriptor)
        silent = time.time() - os.fstat(descriptor).st_mtime > SILENCE
        ours = path.name.rpartition("-")[0].endswith(machine()) and os.name == "posix"
        is_dead = (ours or silent) and is_free(descriptor) and is_at(path, descriptor)
        if os.name != "posix":  # what is open cannot be removed there, by which the living are safe
            opened.close()
        yield is_dead


def is_unfinished(name: str) -> bool:
    """Whether this is the name of what is not whole yet, whatever it is for."""
    return name.startswith(PREFIX) and name.endswith((UNFINISHED, SET_ASIDE))


def stem(name: str) -> str:
    """How the temporary names for a result of this name begin."""
    return f"{PREFIX}{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}-"


@cache
def machine() -> str:
    """Four digits for this machine, since it was started: the same in all of its containers, which share its locks."""
    try:
        told = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        told = socket.gethostname()
    return hashlib.sha256(told.encode()).hexdigest()[:4]
