"""Threads: as many as the system starts, and the same results with fewer."""

import threading
import time
from concurrent.futures import CancelledError

import pytest

from lmkit.engine.threads import Threads, map_in_order


def let_start(monkeypatch: pytest.MonkeyPatch, most: int) -> list[threading.Thread]:
    """Have the system start no more than so many threads; those that were."""
    real, started = threading.Thread.start, list[threading.Thread]()

    def start(self: threading.Thread) -> None:
        if len(started) >= most:
            raise RuntimeError("can't start new thread")
        started.append(self)
        real(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    return started


@pytest.mark.parametrize("most", [0, 1, 2, 8])
def test_work_is_done_by_as_many_threads_as_the_system_starts(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    started = let_start(monkeypatch, most)
    assert list(map_in_order(lambda number: number**2, range(100), 4)) == [number**2 for number in range(100)]
    assert len(started) <= min(most, 4)
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.parametrize("most", [0, 1, 8])
def test_the_first_failure_in_order_is_raised_whoever_does_the_work(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    let_start(monkeypatch, most)
    with pytest.raises(ZeroDivisionError):
        list(map_in_order(lambda number: 1 // (number - 50), range(100), 4))


def test_threads_are_started_only_for_work_that_others_do_not_do() -> None:
    with Threads(8) as threads:
        for _ in range(20):
            assert threads.submit(int, "7").result() == 7
            time.sleep(0.005)  # in which the thread has seen that there is no more
        assert sum(thread.name == "lmkit-work" for thread in threading.enumerate()) < 8


def test_what_has_not_begun_when_work_breaks_off_is_not_done() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait()

    with pytest.raises(KeyError), Threads(1) as threads:  # noqa: PT012
        first, second = threads.submit(work), threads.submit(work)
        begun.wait()
        threading.Timer(0.05, go_on.set).start()
        raise KeyError
    assert first.result() is None
    with pytest.raises(CancelledError):
        second.result()
