"""Steps carried out here, one target after the other; the work on each may have threads."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self, cast

import numpy as np

from lmkit.engine.files.run_folders import run_folder
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import read_only
from lmkit.engine.runners.protocol import DRIVER, Message, Sent, Step, by_target, in_order
from lmkit.engine.scratch import Scratch


class Local:
    """Carries steps out in this process; payloads that fill the memory are kept on disk."""

    targets_at_once, shares_files = 1, True

    def __init__(self, resources: Resources = Resources()) -> None:
        self.each = resources

    def __enter__(self) -> Self:
        self._opened = ExitStack()
        self.folder: Path | None = self._opened.enter_context(run_folder(self.each.tmp))
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the folder."""
        self._opened.close()

    def rest(self) -> None:
        """See `Runner`: nothing is held."""

    def step(self, name: str, function: Step, given: Sequence[Message], sent: Sent | None = None) -> "Held":
        """See `Runner`."""
        targets = by_target([*given, *(cast("Held", sent).messages if sent else ())])
        advance, held = stage(name, len(targets)), Held(self.each)
        for target in list(targets):
            for message in function(target, targets.pop(target)):
                held.add(message)
            advance(1)
        return held


class Held:
    """Messages in memory, and beyond half of it in temporary files."""

    def __init__(self, resources: Resources) -> None:
        self.messages: list[Message] = []
        self._room, self._disk = resources.memory_limit // 2, resources.on_disk()

    def add(self, message: Message) -> None:
        """Take in a message."""
        self._room -= len(message.payload)
        if self._room < 0:
            (kept,) = self._disk.keep([np.frombuffer(message.payload, np.uint8)])
            message = replace(message, payload=read_only(kept))
        self.messages.append(message)

    def to_driver(self, kind: str, scratch: Scratch | None = None) -> Iterator[Message]:
        """See `Sent`."""
        if scratch is not None:
            scratch.watch_all(self._disk)
        yield from in_order(each for each in self.messages if each.target == DRIVER and each.kind == kind)
