"""Work in threads, results in order. SciPy's and NumPy's kernels let go of Python's lock, so that threads help."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from typing import Any, ParamSpec, Self, TypeVar

from lmkit.engine.machine import number_of_cores

Item = TypeVar("Item")
Result = TypeVar("Result")
P = ParamSpec("P")


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int | None) -> Iterator[Result]:
    """function(item) of each item, in order, by `workers` threads (None: as many as cores).

    At most one more item than threads is taken ahead of what has been used, so that memory stays bounded. Whatever fails first
    in the order of the items is what is raised, as one thread alone would have it.
    """
    workers = workers or number_of_cores()
    if workers == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[Result]] = deque()
    failure: Exception | None = None  # in taking an item: what is waiting comes first
    with Threads(workers) as pool:
        try:
            source = iter(items)
            while failure is None:
                try:
                    item = next(source)
                except StopIteration:
                    break
                except Exception as error:  # noqa: BLE001 (it is raised below)
                    failure = error
                else:
                    waiting.append(pool.submit(function, item))
                    if len(waiting) > workers:
                        yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.end(cancel=True)
    if failure is not None:
        raise failure


class Threads:
    """Threads that work in the context of whoever gives them work, so that the same watcher is told of it.

    They are started when there is work for them, as many as the system starts; where that is none, work is done by whoever gives it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: list[threading.Thread] = []
        self._waiting: queue.SimpleQueue[tuple[Future[Any], Callable[[], None]] | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)  # threads that nobody has in mind yet for what waits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        self.end(cancel=failure is not None)

    def submit(self, work: Callable[P, Result], /, *given: P.args, **named: P.kwargs) -> Future[Result]:
        """Have the work done in a copy of the context, as each can be used by one thread at a time only."""
        context, future = copy_context(), Future[Result]()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                found = context.run(work, *given, **named)
            except BaseException as error:
                future.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                future.set_result(found)

        if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
            self._start()
        if self._threads:
            self._waiting.put((future, do))
        else:
            do()
        return future

    def end(self, *, cancel: bool = False) -> None:
        """End the threads, when all work is done; cancel: what has not begun is not done any more."""
        with suppress(queue.Empty):
            while cancel:
                if waiting := self._waiting.get_nowait():
                    waiting[0].cancel()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        """Start one more thread, if the system does."""
        thread = threading.Thread(target=self._work, name="lmkit-work")
        with suppress(RuntimeError):
            thread.start()
            self._threads.append(thread)

    def _work(self) -> None:
        """Do what waits, until there is no more."""
        while True:
            try:
                waiting = self._waiting.get_nowait()
            except queue.Empty:
                self._idle.release()
                waiting = self._waiting.get()
            if waiting is None:
                return
            with suppress(BaseException):  # who asked for it has it from the future
                waiting[1]()
            del waiting  # or its result would stay in memory


class Offsets:
    """Where the results of threads begin that are placed one after the other: each waits for the size of the one before."""

    def __init__(self) -> None:
        self.total = 0
        self._next = 0
        self._failed = False
        self._changed = threading.Condition()

    def take(self, number: int, size: int) -> int:
        """The place of result `number` (0, 1, …), which has this size."""
        with self._changed:
            self._changed.wait_for(lambda: self._next == number or self._failed)
            if self._failed:
                raise RuntimeError("the work on an earlier part failed")
            start = self.total
            self.total += size
            self._next += 1
            self._changed.notify_all()
        return start

    def guard(self, work: Callable[[Item], Result]) -> Callable[[Item], Result]:
        """The work on a part, after whose failure no other part waits for it."""

        def guarded(item: Item) -> Result:
            try:
                return work(item)
            except BaseException:
                with self._changed:
                    self._failed = True
                    self._changed.notify_all()
                raise

        return guarded
