"""Steps carried out by worker processes of this machine. This process itself is never forked, as it has threads."""

import contextlib
import pickle
import queue
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast

from lmkit.engine import progress
from lmkit.engine.files.run_folders import run_folder
from lmkit.engine.resources import Resources
from lmkit.engine.runners.mail import Mailed, delivered, mail
from lmkit.engine.runners.protocol import DRIVER, Message, Sent, Step, by_target, in_order
from lmkit.engine.runners.starting import Anew, CannotForkError, Forked, ForkServer, Started
from lmkit.engine.runners.worker import Outcome, Task, receive, send
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import Threads
from lmkit.errors import DataError, WorkerWarning

TRIES = 2  # for each target: who died once may have been unlucky


class DiedError(Exception):
    """A worker died; the message says of what."""


class Processes:
    """Carries steps out in as many processes as there are workers; each has an equal share of the memory."""

    shares_files = True
    forks = sys.platform == "linux"  # workers are forked of one process, once for all loaded; else each is started anew

    def __init__(self, resources: Resources = Resources()) -> None:
        self.targets_at_once, self.each = resources.shared()
        self._tmp, self._steps, self._ended = resources.tmp, 0, False
        self._server: ForkServer | None = None
        self._workers: list[Worker] = []
        self._starting = threading.Lock()  # so that none is started beside those that are ended
        self._idle: queue.SimpleQueue[Worker | None] = queue.SimpleQueue()  # None: one that is still to be started
        self.rest()

    def __enter__(self) -> Self:
        self._opened = contextlib.ExitStack()
        self.folder = self._opened.enter_context(run_folder(self._tmp))
        return self

    def __exit__(self, *failure: object) -> None:
        """End all workers, and remove the messages."""
        self._end_starting()
        self._end_workers(at_once=failure[0] is not None)
        self._opened.close()

    def rest(self) -> None:
        """See `Runner`: processes end, and another step starts others."""
        self._end_workers(at_once=False)
        self._workers, self._idle = [], queue.SimpleQueue()
        for _ in range(self.targets_at_once):
            self._idle.put(None)

    def _end_workers(self, *, at_once: bool) -> None:
        """End all workers, and what they were forked of."""
        for worker in self._workers:
            worker.end(at_once=at_once)
        self._end_server()

    def _end_server(self) -> None:
        """End the process that forks workers, if there is one."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def step(self, name: str, function: Step, given: Sequence[Message], sent: Sent | None = None) -> "InFiles":
        """See `Runner`."""
        before = [cast("InFiles", sent)] if sent else []
        self._steps += 1
        if given:
            before.append(InFiles(mail(given, self.folder / f"given-{self._steps}")))
        targets = by_target(each for files in before for each in files.mailed)
        pickled, modules = pickle.dumps(function), modules_of(function)
        tasks = [
            self._task(f"{name}, part {target + 1}", modules, pickled, target, to_it)
            for target, to_it in targets.items()
        ]
        advance, result = progress.stage(name, len(tasks)), InFiles([])
        with Threads(self.targets_at_once) as threads:
            waiting: list[Future[tuple[Outcome, list[str]]]] = []
            try:
                waiting = [threads.submit(self._done, task) for task in tasks]
                for task, future in zip(tasks, waiting, strict=True):
                    outcome, deaths = future.result()
                    tell(task.what, outcome, deaths)
                    result.mailed.extend(outcome.sent)
                    advance(1)
            except BaseException:  # Ctrl-C, too: nobody waits for what the others are doing
                self._end_starting()
                for future in waiting:
                    future.cancel()
                self._end_workers(at_once=True)
                raise
        for files in before:
            files.remove()
        return result

    def _task(self, what: str, modules: tuple[str, ...], function: bytes, target: int, mailed: list[Mailed]) -> Task:
        """The work on a target."""
        return Task(what, modules, function, target, mailed, str(self.folder / f"{self._steps}-{target}"))

    def _done(self, task: Task) -> tuple[Outcome, list[str]]:
        """What became of a task, and of what workers died that were at it. DataError where too many did."""
        deaths: list[str] = []
        while len(deaths) < TRIES:
            worker = self._idle.get()
            try:
                worker = worker or self._new_worker(task.modules)
                return worker.ask(task), deaths
            except DiedError as death:
                worker = None
                if self._ended:
                    raise
                deaths.append(str(death))
            finally:
                self._idle.put(worker)
        raise DataError(
            f"{TRIES} worker processes died at the same work ({task.what}): the last one {deaths[-1]}.",
            "Give fewer --workers, each of which has more memory then, or a smaller --memory.",
        )

    def _new_worker(self, modules: tuple[str, ...]) -> "Worker":
        """A new worker, for the work of these modules. DiedError where none is to be started any more, or what it was to be forked of has died."""
        with self._starting:
            if self._ended:
                raise DiedError
            worker = Worker(self._forked(modules) or Anew(self.folder))
            self._workers.append(worker)
        return worker

    def _forked(self, modules: tuple[str, ...]) -> Forked | None:
        """A process forked of the one that has loaded what work needs; None where there cannot be one."""
        if not self.forks:
            return None
        for _ in range(TRIES):
            self._server = self._server or ForkServer(self.folder)
            try:
                return Forked(self._server, modules)
            except CannotForkError:
                self.forks = False
                return None
            except (EOFError, OSError):
                self._end_server()
        raise DiedError(reason(None))

    def _end_starting(self) -> None:
        """Let no worker be started any more."""
        with self._starting:
            self._ended = True


def modules_of(function: Step) -> tuple[str, ...]:
    """The modules of a function, of a `partial` too, and of what is bound to it: a worker that is forked with them need load little for the steps that follow."""
    bound = (function, getattr(function, "func", None), *vars(function).values())
    return tuple(sorted({name for each in bound if (name := getattr(each, "__module__", None))}))


def tell(what: str, outcome: Outcome, deaths: list[str]) -> None:
    """Tell here what was told in a worker, and why others died at the same work (what). The error of the work, if there is one, is raised."""
    for death in deaths:
        warnings.warn(
            f"a worker process died ({what}): it {death}. Its work is done again.", WorkerWarning, stacklevel=3
        )
    for warning in outcome.warned:
        warnings.warn(warning, stacklevel=3)
    progress.bytes_read(outcome.bytes_read)
    progress.tokens(outcome.tokens)
    if outcome.error is not None:
        raise outcome.error


@dataclass(frozen=True, eq=False)
class InFiles:
    """What was sent, as it lies in the files of the workers."""

    mailed: list[Mailed]

    def to_driver(self, kind: str, scratch: Scratch | None = None) -> Iterator[Message]:
        """See `Sent`."""
        for each in in_order(each for each in self.mailed if each.target == DRIVER and each.kind == kind):
            yield from delivered([each], scratch)

    def remove(self) -> None:
        """Remove the files."""
        for file in {each.file for each in self.mailed}:
            Path(file).unlink(missing_ok=True)


class Worker:
    """A worker process."""

    def __init__(self, process: Started) -> None:
        self._process = process

    def ask(self, task: Task) -> Outcome:
        """What becomes of a task. DiedError if the process dies of it."""
        try:
            send(self._process.tasks, task)
            outcome: Outcome = receive(self._process.answers)
        except (EOFError, OSError):
            raise DiedError(reason(self._process.wait())) from None
        return outcome

    def end(self, *, at_once: bool) -> None:
        """End the process; at once, whatever it is doing, or when it has nothing to do."""
        process = self._process
        if at_once:
            process.kill()
        else:
            with contextlib.suppress(OSError):  # it has ended by itself
                send(process.tasks, None)
        process.wait()
        for stream in (process.tasks, process.answers):
            with contextlib.suppress(OSError):  # what could not be sent to it any more
                stream.close()


def reason(code: int | None) -> str:
    """Why a process ended that was not to, by its exit code (None: the process that would know has ended, too)."""
    if code is None:
        return "ended, or was never started, as the process that starts workers died"
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    killed = ", as the system does where memory runs short" if name == "SIGKILL" else ""
    return f"was ended by {name}{killed}"
