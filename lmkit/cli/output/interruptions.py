"""Work that is asked to stop, and may finish the step that it is at."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lmkit.cli.signals import SIGNALS, AskedToEndError


class Interruption:
    """Whether work was asked to stop: from `listen` on, the first Ctrl-C, or request of the system, is noted; a second ends at once."""

    def __init__(self) -> None:
        self.asked: int | None = None  # the signal that asked
        self._before: dict[int, Any] = {}

    def listen(self) -> None:
        """From here on, work looks at `asked` after each step."""
        try:
            for number in SIGNALS:
                if signal.getsignal(number) is signal.SIG_IGN:
                    continue
                self._before[number] = signal.signal(number, self._note)
        except ValueError:  # another thread than the first one: signals are not its business
            return

    def restore(self) -> None:
        """From here on, signals do what they did before."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.asked = number
        self.restore()


@contextmanager
def stoppable() -> Iterator[Interruption]:
    """Within this block, work may listen to who wants it to stop, and raises KeyboardInterrupt then, which becomes AskedToEndError."""
    found = Interruption()
    try:
        yield found
    except KeyboardInterrupt:
        if found.asked is not None:
            raise AskedToEndError(found.asked) from None
        raise
    finally:
        found.restore()
