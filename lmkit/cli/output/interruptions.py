"""Work that is asked to stop, and may finish the step that it is at."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interruption:
    """Whether the work was asked to stop."""

    asked: int | None = None  # the signal that asked


@contextmanager
def stoppable() -> Iterator[Interruption]:
    """Within this block, the first Ctrl-C (or request of the system to end) is noted, and a second ends at once.

    Work that stops raises KeyboardInterrupt, which ends as what was asked: SystemExit for other signals than Ctrl-C.
    """
    found = Interruption()
    try:
        before = {number: signal.getsignal(number) for number in SIGNALS}

        def note(number: int, _frame: FrameType | None) -> None:
            found.asked = number
            for each, handler in before.items():
                signal.signal(each, handler)

        for number in SIGNALS:
            signal.signal(number, note)
    except ValueError:  # another thread than the first one: signals are not its business
        before = {}
    try:
        yield found
    except KeyboardInterrupt:
        if found.asked not in (None, signal.SIGINT):
            raise SystemExit(128 + (found.asked or 0)) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
