"""What to do about errors of the system: each has a cause of its own."""

import errno
import os

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)  # of a disk
CLOSED_PIPE = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)  # as Windows tells it
OF_PLACES = (*NO_ROOM, errno.EACCES, errno.EPERM, errno.EROFS)
FULL = "Free some room on the disk; commands that have --tmp DIR can put their temporary files elsewhere."
IN_USE = " A file that a program has open, this one too, cannot be replaced under Windows: give another name."
FORBIDDEN = "Check the permissions, of the folder too." + IN_USE * (os.name == "nt")
TOO_MANY_PROCESSES = (
    "The system starts no more threads or processes for this user or container: end others, or allow more (ulimit -u)."
)
REMEDIES = {
    **dict.fromkeys(NO_ROOM, FULL),
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EROFS: "The disk can be read only: name a folder on another one.",
    errno.EFBIG: "The shell, or the kind of disk, allows no file of this size: see ulimit -f.",
    errno.EMFILE: "The shell allows this program too few open files: allow more with ulimit -n, or give fewer --workers.",
    errno.ENFILE: "All programs together have as many open files as the system allows: close some.",
    errno.EAGAIN: TOO_MANY_PROCESSES,
    errno.ENOMEM: "There is too little memory: close other programs, or allow this one more (ulimit -v, or the limit of its container).",
    errno.EIO: "The disk, or the way to it, fails: see the messages of the system, and take another one.",
    errno.ENAMETOOLONG: "Give it a shorter name.",
    errno.EBUSY: "If it is mounted by itself, as into a container, mount its folder in its place.",
}


UNMAPPED = "failed to map segment from shared object"  # says the linker of a library that memory has no room for


def is_closed_pipe(error: OSError) -> bool:
    """Whether somebody wrote to what nobody reads any more."""
    return isinstance(error, BrokenPipeError) or (error.errno in CLOSED_PIPE and error.filename is None)


def behind(error: ImportError) -> OSError | None:
    """The error of the system for which a library could not be loaded, if it was one: imports have it in words."""
    told = str(error)
    if UNMAPPED in told:
        return OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    numbers = (number for number in REMEDIES if f"shared object file: {os.strerror(number)}" in told)
    return next((OSError(number, os.strerror(number)) for number in numbers), None)


def remedy_for(error: OSError, elsewhere: str = "") -> str:
    """What to do about it; empty where nothing better is known than its message. elsewhere: how another place can be named, if it can."""
    if elsewhere and error.errno in OF_PLACES:
        return elsewhere
    return REMEDIES.get(error.errno or 0, elsewhere)
