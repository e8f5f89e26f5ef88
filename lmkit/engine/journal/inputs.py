"""The files that a job reads, told apart by what is in them.

Not by the time of their last change: a file that was copied to another disk is the same, and one that was written over need not be another.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENDS = 1 << 16  # bytes at the beginning and at the end


@dataclass(frozen=True)
class Input:
    """A file, and what is in it."""

    size: int  # bytes
    digest: str  # of all of it, or of its two ends


def whole_input(path: str | os.PathLike[str]) -> Input:
    """A file by all its bytes. OSError if it cannot be read."""
    with Path(path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return Input(stream.tell(), digest)


def input_by_ends(path: str | os.PathLike[str]) -> Input:
    """A file by its size and two ends: enough for what is read again, and looked at then, byte by byte. OSError as above."""
    with Path(path).open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        found = hashlib.sha256(stream.read(ENDS))
        stream.seek(max(size - ENDS, 0))
        found.update(stream.read(ENDS))
    return Input(size, found.hexdigest())


def input_differences(then: Mapping[str, Input], now: Mapping[str, Input]) -> list[str]:
    """What is not the same, in words. The keys are names of files."""
    found = [f"{name} was read, and is not asked for" for name in then if name not in now]
    found += [f"{name} is asked for, and was not read" for name in now if name not in then]
    for name in now:
        if name not in then or then[name] == now[name]:
            continue
        if then[name].size != now[name].size:
            found.append(f"{name} had {then[name].size:,} bytes, and has {now[name].size:,}")
        else:
            found.append(f"{name} has other bytes, though as many")
    return found
