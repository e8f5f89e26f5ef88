"""What the program is doing: stages under the names that the literature has for them, for whoever shows them.

Work tells it to the watcher of its context; threads of `engine.threads` have that of whoever gave them work.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Advance = Callable[[int], None]  # so much more of the stage is done


class Watcher:
    """Is told of stages, and shows nothing."""

    def stage(self, name: str, total: int | None) -> Advance:
        """A stage begins; total: how much work it is, if that is known."""
        del name, total
        return lambda _: None

    def part(self) -> None:
        """The next part of a command begins, which has stages of its own."""

    def tokens(self, number: int) -> None:
        """So many more running words have been read."""

    def bytes_read(self, number: int) -> None:
        """So many more bytes of texts have been read."""


_NOBODY = Watcher()
_WATCHER: ContextVar[Watcher] = ContextVar("who is told what the program is doing")


def stage(name: str, total: int | None = None) -> Advance:
    """Begin a stage, which ends the one before. Returns what is to be called with the work done since the last call."""
    return _WATCHER.get(_NOBODY).stage(name, total)


def part() -> None:
    """The next part of a command begins, as smoothing after counting; the command says how many there are."""
    _WATCHER.get(_NOBODY).part()


def tokens(number: int) -> None:
    """So many more running words have been read."""
    _WATCHER.get(_NOBODY).tokens(number)


def bytes_read(number: int) -> None:
    """So many more bytes of texts have been read, as they stand in their files."""
    _WATCHER.get(_NOBODY).bytes_read(number)


def told_as_read(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a text, each told of when it is taken."""
    for piece in pieces:
        bytes_read(len(piece))
        yield piece


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Within this block, what the program is doing is told to the watcher."""
    before = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(before)
