"""lmkit commands that are killed, as kill −9 does, at points of their dealings with the system. A program of its own, which forks.

It reads lines, each with a command and its jobs, and writes a line with what came of them.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]
NEVER = 0  # in place of a point: it is not killed
# Dealings that are watched, each with how many of its arguments, from the first on, are paths or open files.
WATCHED = {"open": 1, "os.mkdir": 1, "os.rename": 4, "os.remove": 2, "os.rmdir": 2, "fcntl.flock": 1, "mmap.__new__": 1}


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    code: int  # −9: it was killed
    tokens: int  # running words that it counted n-grams of
    points: int  # dealings of the command with the folder of what it writes; what it reads of its memory from time to time is none
    made: str  # a digest of what it wrote; empty: nothing


class Killing:
    """The program, as long as this block is."""

    def __enter__(self) -> Self:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen([sys.executable, "-m", "tests.killed"], cwd=ROOT, text=True, **pipes)
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # which ends where its input does
            pass

    def __call__(
        self, command: Sequence[Any], output: Path, jobs: Sequence[Sequence[float]]
    ) -> tuple[Outcome, Outcome, list[list[Outcome]]]:
        """What comes of the command with this output, in small blocks: without --resume, with it, and of jobs that are killed.

        Each job is the command once for each of its points, and once more to its end; points are shares of the way through it. No job
        finds the output there.
        """
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([[*map(str, command), "-o", str(output)], jobs]), file=self._process.stdin, flush=True)
        told = self._process.stdout.readline()
        assert told, "it ended"
        [[plain], [whole], *killed] = [[Outcome(*each) for each in job] for job in json.loads(told)]
        return plain, whole, killed


def main() -> None:
    """Do what is asked, until nothing is."""
    import lmkit.ngrams.counting.count as counting
    from lmkit.text.sources import reading
    from lmkit.vectors import cooccurrence

    counting.RUN_TOKENS, cooccurrence.LEAST_SEGMENT = 100, 200
    vars(reading)["BLOCK_BYTES"] = 512  # which is not its own
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # of the commands
    for line in sys.stdin:
        found = outcomes_of(*json.loads(line))
        print(json.dumps([[astuple(each) for each in job] for job in found]), file=answers, flush=True)


def outcomes_of(command: list[str], jobs: list[list[float]]) -> list[list[Outcome]]:
    """What comes of a command without --resume, with it, and of each job."""
    output = Path(command[-1])
    found = [[outcome_of(command, NEVER)]]
    output.unlink()
    command = [*command, "--resume"]
    whole = outcome_of(command, NEVER)
    found.append([whole])
    for job in jobs:
        output.unlink()
        found.append([outcome_of(command, ceil(share * whole.points)) for share in (*job, NEVER)])
    return found


def outcome_of(command: list[str], point: int) -> Outcome:
    """What comes of the command, run by a process of its own; what it imported is imported here, too, so that the next one is quick."""
    receiver, sender = os.pipe()
    process = os.fork()
    if not process:
        os.close(receiver)
        os._exit(killed_at(command, point, sender))
    os.close(sender)
    with os.fdopen(receiver) as stream:
        told = [line.split() for line in stream]
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    for name in (name for kind, name in told if kind == "imported"):
        if name.partition(".")[0] in ("lmkit", "numpy", "scipy", "pyarrow", "gensim"):
            import_module(name)
    tokens = sum(int(number) for kind, number in told if kind == "tokens")
    points = sum(kind == "point" for kind, _ in told)
    output = Path(command[command.index("-o") + 1])
    made = hashlib.sha256(output.read_bytes()).hexdigest() if output.exists() else ""
    return Outcome(code, tokens, points, made)


def killed_at(command: list[str], point: int, sender: int) -> int:
    """Run the command, telling what it does, and end by a signal at the point."""
    from lmkit.cli.app import run
    from lmkit.engine.progress import Watcher, watched_by

    points = 0
    folder = os.path.realpath(Path(command[command.index("-o") + 1]).parent)

    class Telling(Watcher):
        def tokens(self, number: int) -> None:
            os.write(sender, f"tokens {number}\n".encode())

    def notice(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal points
        if event not in WATCHED or not any(is_within(each, folder) for each in arguments[: WATCHED[event]]):
            return
        points += 1
        os.write(sender, f"point {points}\n".encode())
        if points == point:
            os.kill(os.getpid(), signal.SIGKILL)

    known = set(sys.modules)
    sys.addaudithook(notice)
    with watched_by(Telling()):
        code = run(command)
    for name in sys.modules.keys() - known:
        os.write(sender, f"imported {name}\n".encode())
    return code


def is_within(place: str | bytes | int, folder: str) -> bool:
    """Whether a path or an open file, by its number, is in the folder."""
    path = f"/dev/fd/{place}" if isinstance(place, int) else os.fsdecode(place)
    return os.path.realpath(path).startswith(folder + os.sep)


if __name__ == "__main__":
    main()
