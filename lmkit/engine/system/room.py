"""Room on a disk, taken before it is written to: what is mapped, and has no room by then, ends the program."""

import errno
import os

ZEROS = 1 << 20  # bytes written at a time
NOT_TAKEN = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)  # as some systems and kinds of disks answer


def take_room(descriptor: int, size: int) -> None:
    """Have an empty file hold so many zeros, for which there is room on its disk. OSError where there is not.

    Systems and disks that take no room at once (macOS, ZFS) have the zeros written.
    """
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, size)
        except OSError as error:
            if error.errno not in NOT_TAKEN:
                raise
        else:
            return
    zeros = memoryview(bytes(min(size, ZEROS)))
    left = size
    while left:
        left -= os.write(descriptor, zeros[:left])
