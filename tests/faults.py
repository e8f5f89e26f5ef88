"""lmkit commands under faults of the system: killed, or refused something, at points of their dealings with it, or short of room.

A program of its own, which forks.
"""

import errno
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OLD = b"old\n"
WATCHED = (
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.scandir",
    "fcntl.flock",
    "mmap.__new__",
    "os.chmod",
)


@dataclass(frozen=True)
class Fault:
    """A fault of the system."""

    kind: str  # killed, refused, short
    share: float  # of the way through the command, or of the largest file that it writes
    number: int = errno.EIO  # of the error with which something is refused


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    code: int  # −9: it was killed
    told: str
    made: str  # the file: old, whole, none, or something else
    left: list[str]  # what else there is after the next run


def run_faulty(
    commands: Sequence[Sequence[Any]], names: Sequence[str], faults: Sequence[Sequence[Fault]]
) -> list[list[Outcome]]:
    """What comes of each of the commands under each of its faults, where a file was there before. names: what each writes to, after -o."""
    given = [
        [list(map(str, command)), name, [astuple(fault) for fault in each]]
        for command, name, each in zip(commands, names, faults, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults"],
        input=json.dumps(given),
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return [[Outcome(*each) for each in found] for found in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    """Run all commands under all their faults."""
    found = []
    for command, name, faults in json.loads(sys.stdin.read()):
        with tempfile.TemporaryDirectory() as folder:
            found.append(outcomes(command, Path(folder), name, [Fault(*each) for each in faults]))
    sys.stdout.write(json.dumps([[astuple(each) for each in of_one] for of_one in found]))


def outcomes(command: list[str], folder: Path, name: str, faults: list[Fault]) -> list[Outcome]:
    """What comes of a command."""
    out, tmp = folder / "out", folder / "tmp"
    for place in (out, tmp):
        place.mkdir()
    os.environ["TMPDIR"] = str(tmp)
    line = [*command, "-o", str(out / name)]
    in_process(line, lambda: None)
    code, told, points = in_process(line, lambda: None)  # after all that it imports
    if code:
        raise SystemExit(f"{line}: {code}, {told}")
    whole, size = digest(out / name), (out / name).stat().st_size
    found = []
    for fault in faults:
        (out / name).write_bytes(OLD)
        code, told, _ = in_process(line, at(fault, points, size))
        states = {hashlib.sha256(OLD).hexdigest(): "old", whole: "whole", "": "none"}
        made = states.get(digest(out / name), "something else")
        in_process(line, lambda: None)
        left = [path.name for place in (out, tmp) for path in place.iterdir() if path != out / name]
        found.append(Outcome(code, told, made, left if digest(out / name) == whole else ["not made again", *left]))
    return found


def at(fault: Fault, points: int, size: int) -> Callable[[], None]:
    """What brings a fault about, called in the process that is to have it."""

    def begin() -> None:
        if fault.kind == "short":
            room = int(fault.share * size)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        else:
            Points.until = ceil(fault.share * points)
            Points.killed, Points.number = fault.kind == "killed", fault.number

    return begin


class Points:
    """The dealings of this process with the system."""

    count, until, killed, number = 0, 0, False, errno.EIO

    @classmethod
    def notice(cls, event: str, _arguments: tuple[Any, ...]) -> None:
        """One more."""
        if event not in WATCHED:
            return
        cls.count += 1
        if cls.count == cls.until:
            if cls.killed:
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(cls.number, os.strerror(cls.number))


def in_process(line: list[str], begin: Callable[[], None]) -> tuple[int, str, int]:
    """The exit code of a command in a process of its own, what it told, and the number of its dealings with the system.

    What it imports is imported here, too, so that the next one is quick, and fails elsewhere than in imports.
    """
    receiver, sender = os.pipe()
    hearer, teller = os.pipe()
    process = os.fork()
    if not process:
        tempfile.tempdir = os.environ["TMPDIR"]  # or Python would look for a place by writing there
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(teller, 2)
        try:
            code = run_it(line, begin, sender)
        except BaseException:  # noqa: BLE001 (what is around this block is not to be cleaned up twice)
            code = 70
        os._exit(code)
    os.close(sender)
    os.close(teller)
    with os.fdopen(hearer, "rb") as told, os.fdopen(receiver) as stream:
        message, lines = told.read().decode(), stream.read().splitlines()
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    for name in lines[1:]:
        import_module(name)
    return code, message, int(lines[0]) if lines else 0


def run_it(line: list[str], begin: Callable[[], None], sender: int) -> int:
    """The exit code of a command in this process, which tells of it what `in_process` wants to know."""
    import traceback

    from lmkit.cli.app import run

    known = set(sys.modules)
    sys.addaudithook(Points.notice)
    try:
        begin()
        code = run(line)
    except BaseException:  # noqa: BLE001 (it is what is looked for)
        traceback.print_exc()
        code = 70
    sys.stderr.flush()
    until, Points.until = Points.until, 0
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    if not until and limit == resource.RLIM_INFINITY:
        names = [
            name
            for name in sys.modules.keys() - known
            if name.partition(".")[0] in ("lmkit", "numpy", "scipy", "pyarrow")
        ]
        os.write(sender, "\n".join([str(Points.count), *names]).encode())
    return code


def digest(path: Path) -> str:
    """What tells a file from others; empty: there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


if __name__ == "__main__":
    main()
