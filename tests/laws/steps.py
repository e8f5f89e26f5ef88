"""Steps for the laws of runners; worker processes import them, and nothing else of the tests."""

import os
import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmkit.engine import progress
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.errors import DataError, ModelWarning


def named(message: Message) -> str:
    """All of a message in a word."""
    return f"{message.source}:{message.kind}:{message.part}:{bytes(message.payload).decode()}"


@dataclass(frozen=True)
class Tell:
    """Each target tells the driver what it was sent, in the order in which it came."""

    greeting: str = ""

    def __call__(self, target: int, messages: Sequence[Message]) -> Iterator[Message]:
        """One message a target."""
        text = self.greeting + " ".join(map(named, messages))
        yield Message(DRIVER, target, "told", text.encode())


def scatter(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """To each of three targets, messages of two kinds, the later parts first; nothing of an empty one."""
    size = len(messages[0].payload)
    for other in (2, 0, 1):
        for part in (1, 0):
            for kind in ("b", "a"):
                yield Message(other, target, kind, f"{target}>{other}".encode() * size, part)
    yield Message(DRIVER, target, "size", str(size).encode())


def fail(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """From target 2 on, an error; the later ones fail first."""
    del messages
    if target >= 2:
        time.sleep(0.5 if target == 2 else 0)
        raise DataError(f"target {target} is wrong.", "Mend it.")
    yield Message(DRIVER, target, "told", b"")


def break_down(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """An error that nobody raises on purpose, after a message was sent."""
    yield Message(DRIVER, target, "told", b"")
    raise ZeroDivisionError(f"{len(messages)} messages")


def warn(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """A warning, and progress."""
    progress.tokens(10 * (target + 1))
    progress.bytes_read(len(messages[0].payload))
    print("this is printed in the middle of the work")  # noqa: T201 (it must not come between)
    warnings.warn(f"target {target} is odd.", ModelWarning, stacklevel=1)
    yield Message(DRIVER, target, "told", b"")


@dataclass(frozen=True)
class Die:
    """The process that works on target 1 is killed, so many times."""

    folder: str
    times: int

    def __call__(self, target: int, messages: Sequence[Message]) -> Iterator[Message]:
        """What was sent, once it is."""
        if target == 1:
            deaths = len(list(Path(self.folder).glob("death-*")))
            if deaths < self.times:
                (Path(self.folder) / f"death-{deaths}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        yield from Tell()(target, messages)


def tell_parent(target: int, messages: Sequence[Message]) -> Iterator[Message]:
    """Whose child the process is that does the work."""
    del messages
    yield Message(DRIVER, target, "told", str(os.getppid()).encode())
