"""lmkit commands under faults of the system: killed, or refused something, at points of their dealings with it, short of room or memory,
given or rid of a part only of what is read or written, interrupted in each call.

A program of its own, which forks. What stands before the C library is in `faults.c`.
"""

import ctypes
import errno
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
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
IN_C = Path(__file__).with_suffix(".c")
KINDS_IN_C = {"memory": 1, "parts": 2, "interrupted": 3}
COMPILER = shutil.which("cc") if sys.platform == "linux" else None
LONGEST = 60  # seconds until a command that hangs is ended, by SIGALRM
OLD = b"old\n"
DISK_BYTES = 1 << 24
FILLER = "filler"  # what leaves no more room on a disk than there is to be
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

    kind: str  # killed, refused, short of room, full, or one of KINDS_IN_C
    share: float  # of the way through the command, of the largest file that it writes, or of the allocations
    number: int = errno.EIO  # of the error with which something is refused; of bytes that a disk still has


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    code: int  # −9: it was killed
    told: str
    made: str  # the file: old, whole, none, or something else
    left: list[str]  # what else there is after the next run


def run_faulty(
    commands: Sequence[Sequence[Any]], names: Sequence[str], faults: Sequence[Sequence[Fault]], disk: Path | None = None
) -> list[list[Outcome]]:
    """What comes of each of the commands under each of its faults, where a file was there before. names: what each writes to, after -o.

    disk: an empty folder, where a disk is mounted for this; OSError if that cannot be done here.
    """
    given = [
        [list(map(str, command)), name, [astuple(fault) for fault in each]]
        for command, name, each in zip(commands, names, faults, strict=True)
    ]
    in_c = any(fault.kind in KINDS_IN_C for of_one in faults for fault in of_one)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*(with_disk(disk) if disk else ()), sys.executable, "-m", "tests.faults"],
            input=json.dumps(given),
            capture_output=True,
            cwd=ROOT,
            text=True,
            check=False,
            env=os.environ
            | {"OPENBLAS_NUM_THREADS": "1"}
            | ({"LD_PRELOAD": compiled(folder)} if in_c else {})
            | ({"TMPDIR": str(disk)} if disk else {}),
        )
    if disk and re.match(r"unshare|mount", done.stderr):
        raise OSError(done.stderr)
    assert done.returncode == 0, done.stderr
    return [[Outcome(*each) for each in found] for found in json.loads(done.stdout.splitlines()[-1])]


def with_disk(folder: Path) -> list[str]:
    """What stands before a command that is to find a small disk, in memory, in a folder; others do not see it."""
    mounted = f'mount -t tmpfs -o size={DISK_BYTES} none {shlex.quote(str(folder))} && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted, "sh"]


def compiled(folder: str) -> str:
    """The library, in the folder, that is to stand before the C library."""
    library = f"{folder}/faults.so"
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-O1", "-o", library, str(IN_C), "-ldl"], check=True)
    return library


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
    code, told, counts = in_process(line, count_all)  # after all that it imports
    if code:
        raise SystemExit(f"{line}: {code}, {told}")
    whole, size = digest(out / name), (out / name).stat().st_size
    found = []
    for fault in faults:
        (out / name).write_bytes(OLD)
        code, told, _ = in_process(line, at(fault, counts, size))
        (tmp / FILLER).unlink(missing_ok=True)
        states = {hashlib.sha256(OLD).hexdigest(): "old", whole: "whole", "": "none"}
        made = states.get(digest(out / name), "something else")
        in_process(line, lambda: None)
        left = [path.name for place in (out, tmp) for path in place.iterdir() if path != out / name]
        found.append(Outcome(code, told, made, left if digest(out / name) == whole else ["not made again", *left]))
        if fault.kind == "full" and not code:  # there is room enough
            break
    return found


def count_all() -> None:
    """Count the allocations of this process, where something stands before the C library."""
    if "LD_PRELOAD" in os.environ:
        ctypes.CDLL(None).begin_faults(KINDS_IN_C["memory"], 0)


def at(fault: Fault, counts: tuple[int, int], size: int) -> Callable[[], None]:
    """What brings a fault about, called in the process that is to have it. counts: of its dealings with the system, and of its allocations."""

    def begin() -> None:
        Points.is_faulty = True
        if fault.kind == "short":
            room = int(fault.share * size)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        elif fault.kind == "full":
            fill(Path(os.environ["TMPDIR"], FILLER), fault.number)
        elif fault.kind in KINDS_IN_C:
            ctypes.CDLL(None).begin_faults(KINDS_IN_C[fault.kind], ceil(fault.share * counts[1]))
        else:
            Points.until = ceil(fault.share * counts[0])
            Points.killed, Points.number = fault.kind == "killed", fault.number

    return begin


def fill(path: Path, room: int) -> None:
    """Leave no more than so many bytes on the disk on which a path is."""
    free = os.statvfs(path.parent)
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - room)


class Points:
    """The dealings of this process with the system."""

    count, until, killed, number = 0, 0, False, errno.EIO
    is_faulty = False

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


def in_process(line: list[str], begin: Callable[[], None]) -> tuple[int, str, tuple[int, int]]:
    """The exit code of a command in a process of its own, what it told, and the numbers of its dealings with the system and of its allocations.

    What it imports is imported here, too, so that the next one is quick, and fails elsewhere than in imports.
    """
    receiver, sender = os.pipe()
    hearer, teller = os.pipe()
    process = os.fork()
    if not process:
        signal.alarm(LONGEST)
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
    for name in lines[2:]:
        import_module(name)
    return code, message, (int(lines[0]), int(lines[1])) if lines else (0, 0)


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
    Points.until = 0
    if not Points.is_faulty:
        allocations = ctypes.CDLL(None).allocations() if "LD_PRELOAD" in os.environ else 0
        names = [
            name
            for name in sys.modules.keys() - known
            if name.partition(".")[0] in ("lmkit", "numpy", "scipy", "pyarrow")
        ]
        os.write(sender, "\n".join([str(Points.count), str(allocations), *names]).encode())
    return code


def digest(path: Path) -> str:
    """What tells a file from others; empty: there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


if __name__ == "__main__":
    main()
