"""What carries out work in steps, and what it carries: messages.

A step is a pure function of all messages to one target, which gives the messages that it sends. It depends on nothing else but
what was bound to it, such as settings; so it can be done anywhere, in any order, and again after a loss. Whatever groups messages
by target can carry steps out; it knows nothing of what they mean.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch

DRIVER = -1  # the target of what the program that asked for the steps is to see
RANGES_EACH = 3  # that work is cut into for each worker, so that all have about as much to do
Payload = bytes | memoryview


@dataclass(frozen=True, eq=False)
class Message:
    """Bytes from a target of one step to a target of the next."""

    target: int  # DRIVER, or a number from 0 on
    source: int  # the target of the step that sends it
    kind: str  # what it is, in a word
    payload: Payload
    part: int = 0  # its place among those of the same target, source and kind


class Addressed(Protocol):
    """A message, or where it lies: its fields but for the payload."""

    @property
    def target(self) -> int:
        """See `Message`."""

    @property
    def source(self) -> int:
        """See `Message`."""

    @property
    def kind(self) -> str:
        """See `Message`."""

    @property
    def part(self) -> int:
        """See `Message`."""


Some = TypeVar("Some", bound=Addressed)
Step = Callable[[int, Sequence[Message]], Iterable[Message]]  # of a target and the messages to it, in order


class Sent(Protocol):
    """What the targets of a step sent. It stays where the runner keeps it, until the next step takes it."""

    def to_driver(self, kind: str, scratch: Scratch | None = None) -> Iterator[Message]:
        """The messages of a kind to the driver, in order, one at a time. scratch: gives the memory of files back that are mapped."""


class Runner(Protocol):
    """What carries steps out. A context, at whose end nothing of it is left; one that failed is of no more use."""

    @property
    def each(self) -> Resources:
        """What the work on one target may take of the machine that it is done on."""

    @property
    def folder(self) -> Path | None:
        """A folder for files that all work can read, which goes with the runner; None where there is none."""

    @property
    def shares_files(self) -> bool:
        """Whether the driver can map what is sent to it, be it as large as it may."""

    @property
    def targets_at_once(self) -> int:
        """How many targets are worked on at the same time."""

    def rest(self) -> None:
        """Give back what is held between steps, as there may be no more of them; what was sent stays."""

    def step(self, name: str, function: Step, given: Sequence[Message], sent: Sent | None = None) -> Sent:
        """What the function sends for each target that has messages, as a stage of this name.

        given: from the driver. sent: by the step before; it is taken, and what it sent to the driver is gone. function: one of a
        module, or a `partial` of one, so that it can be pickled. An error of the work on a target is raised here; of several, that of the first target.
        """


def in_order(messages: Iterable[Some]) -> list[Some]:
    """The messages by source, kind and part, as a step is given them, whatever order they came in."""
    return sorted(messages, key=lambda message: (message.source, message.kind, message.part))


def by_target(messages: Iterable[Some]) -> dict[int, list[Some]]:
    """The messages to each target but the driver, in order; targets ascend."""
    found: dict[int, list[Some]] = {}
    for message in messages:
        if message.target != DRIVER:
            found.setdefault(message.target, []).append(message)
    return {target: in_order(found[target]) for target in sorted(found)}
