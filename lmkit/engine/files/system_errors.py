"""What to do about errors of the system: each has a cause of its own."""

import errno

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)  # of a disk
FULL = "Free some room on the disk; commands that have --tmp DIR can put their temporary files elsewhere."
FORBIDDEN = "Check the permissions, of the folder too."
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
    errno.EIO: "The disk, or the way to it, fails: see the messages of the system, and write elsewhere.",
    errno.ENAMETOOLONG: "Give it a shorter name.",
    errno.EBUSY: "If it is mounted by itself, as into a container, mount its folder in its place.",
}


def remedy_for(error: OSError) -> str:
    """What to do about it; empty where nothing better is known than its message."""
    return REMEDIES.get(error.errno or 0, "")
