"""Signals that ask a command to end: Ctrl-C, and those of the system.

The work is unwound, so that nothing is left of it. Libraries may swallow what is raised to that end, or do not let Python have its
turn; a thread sees to it that the command ends all the same, and removes what is not whole yet.
"""

import os
import signal
import sys
import time

TYPE_CHECKING = False  # what typing calls so: it takes longer to import than all the rest, and there is nothing yet that would see to signals
if TYPE_CHECKING:
    from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
STEP = 0.2  # seconds after which it is seen whether the work is being unwound
STUCK = 5  # seconds in which Python is to have its turn, and what is raised is to get through
LONGEST = 30  # seconds that unwinding may take


class AskedToEndError(KeyboardInterrupt):
    """The command was asked to end, by a signal of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Asked:
    """Whether this process was asked to end."""

    number: int | None = None  # the signal that asked first
    at = 0.0  # when Python had its turn, in seconds
    unwound = False  # it has got to its end


def on_signals(handler: "Any") -> None:
    """From here on, the handler is called for signals that ask to end, but for those that whoever started the command has them ignore (nohup)."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def ignore() -> None:
    """From here on, signals change nothing: all is done, and the code is known, when Python, to end, takes its handlers away."""
    on_signals(signal.SIG_IGN)


def end_at_once(number: int, _frame: object = None) -> None:
    """End the process, with nothing to unwind."""
    if unfinished := sys.modules.get("lmkit.engine.files.unfinished"):
        unfinished.remove_all()
    os._exit(128 + (Asked.number or number))


def unwind(number: int, _frame: object = None) -> None:
    """Unwind what is under way. AskedToEndError, unless that was raised before, and is on its way."""
    if Asked.number is None:
        Asked.number, Asked.at = number, time.monotonic()
    if not Asked.unwound and not is_unwinding():
        if time.monotonic() - Asked.at > STUCK:  # it was swallowed each time
            end_at_once(number)
        raise AskedToEndError(Asked.number)


def is_unwinding() -> bool:
    """Whether this thread cleans up after AskedToEndError, or after what became of it."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, AskedToEndError):
        error = error.__context__
    return error is not None


def unwind_on_signals() -> None:
    """From here on, signals that ask to end unwind the work, and it ends."""
    on_signals(unwind)
    report = sys.unraisablehook

    def unraisable(raised: "Any") -> None:
        if not isinstance(raised.exc_value, AskedToEndError):  # which is raised again
            report(raised)

    sys.unraisablehook = unraisable


def see_to_the_end() -> None:
    """From here on, a thread sees to it that the process ends, if it is asked to, where the system has such means."""
    import threading

    if not hasattr(signal, "pthread_kill"):
        return
    try:
        receiver, sender = os.pipe()
        os.set_blocking(sender, False)
        threading.Thread(target=see_to_it, args=(receiver,), name="lmkit-signals", daemon=True).start()
    except (OSError, RuntimeError):  # the system opens no more files, or starts no more threads
        return
    signal.set_wakeup_fd(sender, warn_on_full_buffer=False)


def see_to_it(receiver: int) -> None:
    """Wait for a signal, and see to it that the process ends."""
    import threading

    number = 0
    while number not in SIGNALS or signal.getsignal(number) is not unwind:  # else, it is noted, and the work goes on
        number = os.read(receiver, 1)[0]
    start = time.monotonic()
    while (waited := time.monotonic() - start) < LONGEST and (Asked.number or waited < STUCK):
        time.sleep(STEP)
        if not Asked.unwound:
            signal.pthread_kill(threading.main_thread().ident or 0, number)
    end_at_once(number)


def exit_code() -> int | None:
    """The exit code of a command that was asked to end; None for one that was not. It is not unwound any more."""
    if Asked.number is None:
        return None
    Asked.unwound = True
    return 128 + Asked.number
