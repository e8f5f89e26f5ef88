"""A process that works for `Processes`: it takes tasks from its standard input and tells on its standard output what became of them."""

import gc
import os
import pickle
import queue
import shutil
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from lmkit.engine.progress import Watcher, watched_by
from lmkit.engine.runners.mail import Mailed, delivered, mail
from lmkit.engine.runners.protocol import in_order
from lmkit.errors import LmkitWarning

REMOVALS = 3  # of the folder, into which the work that is under way may write once more
LENGTH = 8  # bytes of the size before each thing that is sent
ONE_AT_A_TIME = threading.Lock()  # there is one list of warnings in a process, and some engines work in threads of one


@dataclass(frozen=True)
class Task:
    """The work on one target."""

    what: str  # for messages
    modules: tuple[str, ...]  # of the function
    function: bytes  # pickled
    target: int
    mailed: list[Mailed]
    file: str  # for what it sends


@dataclass(frozen=True)
class Outcome:
    """What became of a task."""

    sent: list[Any]  # messages, as whoever carries them has them
    warned: list[LmkitWarning]
    tokens: int  # running words that were read
    bytes_read: int
    error: BaseException | None = None


class Counted(Watcher):
    """Adds up what has been read, for the driver to tell."""

    def __init__(self) -> None:
        self.read, self.words = 0, 0

    def tokens(self, number: int) -> None:
        """So many more running words have been read."""
        self.words += number

    def bytes_read(self, number: int) -> None:
        """So many more bytes of texts have been read."""
        self.read += number


def send(stream: IO[bytes], value: Any) -> None:
    """Send a value."""
    data = pickle.dumps(value, protocol=5)
    stream.write(len(data).to_bytes(LENGTH, "little") + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next value. EOFError when there is no other end any more."""
    size = stream.read(LENGTH)
    data = stream.read(int.from_bytes(size, "little")) if len(size) == LENGTH else b""
    if not data:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 (of the process that started this one, or that it started)


def main(folder: str) -> None:
    """Do tasks until there are no more. folder: of the messages, which is removed if the driver ends without a word."""
    gc.disable()  # as in the program itself
    answers = os.fdopen(os.dup(1), "wb")
    try:
        os.dup2(2, 1)  # what is printed on the way does not come between
    except OSError:  # there is no standard error
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for task in tasks_for(folder):
        outcome = outcome_of(task)
        try:
            send(answers, outcome)
        except OSError:  # the driver has gone
            abandon(folder)


def tasks_for(folder: str) -> Iterator[Task]:
    """The tasks as they come; a thread sees at once if the driver is gone, where the system starts one."""
    tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    try:
        threading.Thread(target=listen, args=(folder, tasks), daemon=True).start()
    except RuntimeError:
        stream = os.fdopen(os.dup(0), "rb")
        yield from iter(lambda: received(stream, folder), None)
    else:
        yield from iter(tasks.get, None)


def listen(folder: str, tasks: "queue.SimpleQueue[Task | None]") -> None:
    """Take tasks as they come. If the driver is gone, end at once, whatever is being worked on."""
    stream = os.fdopen(os.dup(0), "rb")
    while (task := received(stream, folder)) is not None:
        tasks.put(task)
    tasks.put(None)


def received(stream: IO[bytes], folder: str) -> Task | None:
    """The next task; None if there are no more. If the driver is gone, the process ends."""
    try:
        task: Task | None = receive(stream)
    except (EOFError, OSError):
        abandon(folder)
    return task


def abandon(folder: str) -> NoReturn:
    """End at once, as there is no driver any more; the folder of the messages is removed."""
    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def outcome_of(task: Task) -> Outcome:
    """What becomes of a task."""

    def work() -> list[Mailed]:
        function = pickle.loads(task.function)  # noqa: S301 (as above)
        messages = in_order(delivered(task.mailed))
        return mail(function(task.target, messages), Path(task.file))

    return observed(work)


def observed(work: Callable[[], list[Any]]) -> Outcome:
    """What becomes of work that gives what it sends, and what was told while it was done."""
    counted = Counted()
    with ONE_AT_A_TIME, watched_by(counted), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LmkitWarning)
        sent, error = [], None
        try:
            sent = work()
        except Exception as found:  # noqa: BLE001 (it is raised by the driver)
            error = portable(found)
    warned = [each.message for each in caught if isinstance(each.message, LmkitWarning)]
    return Outcome(sent, warned, counted.words, counted.read, error)


def portable(error: Exception) -> Exception:
    """The error as it can be sent, with where it was raised."""
    where = "In a worker process:\n" + "".join(traceback.format_exception(error))
    try:
        found: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301 (as above)
    except Exception:  # noqa: BLE001 (whatever it is that cannot be sent)
        found = RuntimeError(f"{type(error).__name__}: {error}")
    found.add_note(where)
    return found
