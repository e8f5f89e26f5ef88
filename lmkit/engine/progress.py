"""What the program is doing: stages under the names that the literature has for them, for whoever shows them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]  # so much more of the stage is done


class Watcher:
    """Is told of stages, and shows nothing."""

    def stage(self, name: str, total: int | None) -> Advance:
        """A stage begins; total: how much work it is, if that is known."""
        del name, total
        return lambda _: None

    def tokens(self, number: int) -> None:
        """So many more running words have been read."""


_watchers = [Watcher()]


def stage(name: str, total: int | None = None) -> Advance:
    """Begin a stage, which ends the one before. Returns what is to be called with the work done since the last call."""
    return _watchers[-1].stage(name, total)


def tokens(number: int) -> None:
    """So many more running words have been read."""
    _watchers[-1].tokens(number)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Within this block, stages are told to the watcher."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.pop()
