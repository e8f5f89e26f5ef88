"""Waiting for what may never come: a thread waits, and this one can be interrupted, or have enough of it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def in_background(ask: Callable[[], Result]) -> "Future[Result]":
    """What is asked for, by a thread that does not keep the process from ending."""
    found: Future[Result] = Future()

    def answer() -> None:
        try:
            found.set_result(ask())
        except BaseException as error:  # noqa: BLE001 (whoever asks for the result gets it)
            found.set_exception(error)

    threading.Thread(target=answer, name="lmkit-waiting", daemon=True).start()
    return found


def within(seconds: float, found: "Future[Result]") -> Result:
    """What was asked for. TimeoutError if it does not come in time."""
    try:
        return found.result(seconds)
    except TimeoutError:
        if found.done():
            raise
        raise TimeoutError(f"no answer came within {seconds:g} seconds") from None
