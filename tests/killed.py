"""lmkit commands that are killed, as kill −9 does, at points of their dealings with the system. A program of its own, which forks:

python -m tests.killed COMMAND... < JOBS > WHAT_CAME_OF_THEM (see `run_killed`)
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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NEVER = 0  # in place of a point: it is not killed
WATCHED = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "fcntl.flock", "mmap.__new__")


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    code: int  # −9: it was killed
    tokens: int  # running words that it counted n-grams of
    points: int  # dealings with the system, from the first with the folder of the job on
    made: str  # a digest of what it wrote; empty: nothing


def run_killed(command: Sequence[Any], jobs: Sequence[Sequence[int]]) -> list[list[Outcome]]:
    """What comes of the command, which ends in -o FILE, in small blocks.

    Each job is the command as often as it has points: it is killed when it comes to one. The file is removed before each job.
    """
    line = [sys.executable, "-m", "tests.killed", *map(str, command)]
    done = subprocess.run(line, input=json.dumps(jobs), capture_output=True, cwd=ROOT, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [[Outcome(*each) for each in job] for job in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    """Do the jobs."""
    import lmkit.ngrams.counting.count as counting
    from lmkit.text.sources import reading
    from lmkit.vectors import cooccurrence

    counting.RUN_TOKENS, reading.BLOCK_BYTES, cooccurrence.LEAST_SEGMENT = 100, 512, 200
    command, output = sys.argv[1:], Path(sys.argv[-1])
    jobs = json.loads(sys.stdin.read())
    import_all_of(command)
    found = []
    for job in jobs:
        output.unlink(missing_ok=True)
        found.append([outcome_of(command, point) for point in job])
    sys.stdout.write(json.dumps([[astuple(each) for each in job] for job in found]))


def import_all_of(command: list[str]) -> None:
    """Import what a command imports: then, every process that is forked is quick."""
    run = f"import json, sys; from lmkit.cli.app import run; run({command!r}); print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    for name in json.loads(done.stdout.splitlines()[-1]):
        if name.partition(".")[0] in ("lmkit", "numpy", "scipy", "pyarrow", "concurrent", "json", "shutil", "hashlib"):
            import_module(name)


def outcome_of(command: list[str], point: int) -> Outcome:
    """What comes of the command, run by a process of its own."""
    receiver, sender = os.pipe()
    process = os.fork()
    if not process:
        os.close(receiver)
        os._exit(killed_at(command, point, sender))
    os.close(sender)
    told = b""
    while piece := os.read(receiver, 1 << 16):
        told += piece
    os.close(receiver)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    lines, output = told.decode().split(), Path(command[-1])
    made = hashlib.sha256(output.read_bytes()).hexdigest() if output.exists() else ""
    tokens = sum(int(line[1:]) for line in lines if line.startswith("t"))
    return Outcome(code, tokens, lines.count("p"), made)


def killed_at(command: list[str], point: int, sender: int) -> int:
    """Run the command, telling what it does, and end by a signal at the point."""
    from lmkit.cli.app import run
    from lmkit.engine.progress import Watcher, watched_by

    points = 0

    class Telling(Watcher):
        def tokens(self, number: int) -> None:
            os.write(sender, f"t{number}\n".encode())

    def notice(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal points
        if event not in WATCHED or not (points or any("lmkit-job-" in str(each) for each in arguments)):
            return
        points += 1
        os.write(sender, b"p\n")
        if points == point:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(notice)
    with watched_by(Telling()):
        return run(command)


if __name__ == "__main__":
    main()
