"""Messages between processes of one machine: the bytes lie in files of a folder, and only where they lie goes from one to another."""

import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lmkit.engine.memory import writing_to
from lmkit.engine.runners.protocol import Message, Payload
from lmkit.engine.scratch import ALIGNMENT, Scratch


@dataclass(frozen=True)
class Mailed:
    """A message whose payload lies in a file."""

    target: int
    source: int
    kind: str
    part: int
    file: str
    start: int
    size: int


def mail(messages: Iterable[Message], file: Path) -> list[Mailed]:
    """The messages, written to a file one after the other as they come. DataError for a disk that is full."""
    mailed: list[Mailed] = []
    end = 0
    with file.open("wb", buffering=0) as stream:
        for message in messages:
            filling, size = -end % ALIGNMENT, len(message.payload)
            with writing_to(file.parent, "messages between processes,"):  # not what making the message may fail of
                write_all(stream, bytes(filling))
                write_all(stream, message.payload)
            end += filling
            mailed.append(Mailed(message.target, message.source, message.kind, message.part, str(file), end, size))
            end += size
    return mailed


def write_all(stream: IO[bytes], data: Payload) -> None:
    """Write all of the data: a disk that is nearly full takes a part of it before it is an error."""
    left = memoryview(data)
    while left:
        left = left[stream.write(left) :]


def delivered(mailed: Sequence[Mailed], scratch: Scratch | None = None) -> list[Message]:
    """The messages, whose payloads stay in the files, mapped. scratch: gives their memory back."""
    maps = {file: mapped(file, scratch) for file in {each.file for each in mailed if each.size}}
    return [
        Message(
            each.target,
            each.source,
            each.kind,
            maps[each.file][each.start : each.start + each.size] if each.size else b"",
            each.part,
        )
        for each in mailed
    ]


def mapped(file: str, scratch: Scratch | None) -> memoryview:
    """The bytes of a file."""
    with Path(file).open("rb") as stream:
        found = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    if scratch is not None:
        scratch.watch(found)
    return memoryview(found)
