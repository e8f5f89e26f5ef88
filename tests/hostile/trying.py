"""One hostile input: the command that reads it, what came of it, and what is wrong with that."""

import contextlib
import os
import resource
import shlex
import signal
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from lmkit.cli.app import run
from lmkit.escaping import visible
from tests.hostile.folders import placed
from tests.hostile.subjects import Subject
from tests.shell_lines import standard_streams

SECONDS = 10  # of a command
MOST_BYTES = 1 << 30  # of memory, beyond what the process had before
LITTLE = 1 << 24  # of it, which does not matter
CODES = (0, 1, 2, 3)
OUT_OF_MEMORY = "out of memory"  # in the message of a command that has asked for more than there is
PEAK, RESET = "VmHWM", "5"  # what Linux calls the most memory there was, and what forgets it


class Hang(BaseException):
    """The command has taken too long."""


@dataclass(frozen=True)
class Fault:
    """What a command should not have done."""

    kind: str  # the same for the same cause
    told: str


def changed(subject: Subject, seed: int) -> bytes:
    """The file of a subject, changed as this seed says."""
    chance = Random(seed)  # noqa: S311 (no secret)
    data = subject.data
    for _ in range(chance.choice((1, 1, 1, 2))):
        with contextlib.suppress(Exception):  # of a mutator that can do nothing with what the one before it has left
            data = chance.choice(subject.mutators)(chance, data)
    return data


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    told: str
    printed: bytes
    error: BaseException | None = None  # that came out


def ended(command: str, name: str, folder: Path) -> Ended:
    """How a command with a file ends, in a folder that has what it reads beside."""
    words = shlex.split(command.format(name, out="out"))
    with (
        contextlib.chdir(folder),
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        Path(os.devnull).open(encoding="ascii") as nothing,
    ):
        code, error = 0, None
        with standard_streams(nothing.fileno(), out.fileno(), err.fileno()):
            try:
                with in_time():
                    code = run(words)
            except BaseException as found:  # noqa: BLE001 (whatever comes out is a fault)
                error = found
        out.seek(0)
        err.seek(0)
        return Ended(code, err.read().decode(errors="replace"), out.read(), error)


def tried(subject: Subject, command: str, data: bytes, folder: Path) -> Fault | None:
    """What is wrong with how a command takes a file in place of the subject's; None: nothing."""
    return fault_of(command, placed(data, folder / f"changed-{subject.name}"), folder)[1]


def fault_of(command: str, name: str, folder: Path) -> tuple[int, Fault | None]:
    """The exit code of a command with a file in a folder, and what is wrong with how it takes it, if something is."""
    found = ended(command, name, folder)
    used = Memory.used()
    fault = misspoken(found) if found.error is None else escaped(found.error)
    return found.code, fault or (Fault("memory", f"{used >> 20} MB") if used > MOST_BYTES else None)


def escaped(error: BaseException) -> Fault:
    """The fault of an error that a command did not tell of."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/lmkit/" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    return Fault(f"{type(error).__name__} in {where}", "".join(traceback.format_exception(error))[-2000:])


def misspoken(found: Ended) -> Fault | None:
    """What is wrong with the exit code and with what was told."""
    code, told = found.code, found.told
    if code not in CODES:
        return Fault(f"exit code {code}", told)
    if code and not told.strip() and not found.printed:
        return Fault(f"silent exit code {code}", "")
    if "Traceback" in told:
        return Fault("traceback told", told[-2000:])
    if OUT_OF_MEMORY in told:
        return Fault("out of memory", told)
    if visible(told, keep="\n\t") != told:
        return Fault("controls told", repr(told)[-2000:])
    return None


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Within this block, a command that takes too long is ended."""

    def end(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Memory:
    """What the process had when its peak was last forgotten, which takes long where it has much."""

    before = 0

    @classmethod
    def used(cls) -> int:
        """How much more than before the process has had at most, in bytes; it is forgotten where that is something."""
        now = peak()
        used = now - (cls.before or now)
        if used > LITTLE or not cls.before:
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text(RESET, encoding="ascii")
            cls.before = peak()
        return used


def peak() -> int:
    """The most memory that the process had, in bytes."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(PEAK))
    return int(line.split()[1]) << 10
