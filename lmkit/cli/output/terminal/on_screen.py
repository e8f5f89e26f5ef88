"""What stands on the last line of the terminal for a while, and has to go before anything else is printed there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

_LOCK = RLock()
_HIDE: list[Callable[[], None]] = []  # what takes it away; what was shown last stands last


@contextmanager
def shown_until_hidden(hide: Callable[[], None]) -> Iterator[None]:
    """Within this block, something may stand on the screen that `hide` takes away, which is called at the end, too."""
    _HIDE.append(hide)
    try:
        yield
    finally:
        with _LOCK:
            hide()
            _HIDE.remove(hide)


def is_in_use() -> bool:
    """Whether something may stand there."""
    return bool(_HIDE)


@contextmanager
def cleared() -> Iterator[None]:
    """Within this block, nothing stands there, and nothing new comes."""
    with _LOCK:
        for hide in _HIDE:
            hide()
        yield
