"""Running whole commands and keeping what they took."""

import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lmkit.version import __version__

BUSY = 0.5  # cores that others may keep busy before a job starts


@dataclass(frozen=True)
class Command:
    """A shell command, where it runs, and what is added to its environment."""

    line: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float
    peak_mb: float  # of the largest of its processes
    printed: str


class Refused(SystemExit):
    """A command ended with 2: the program does not have the option, or the subcommand, that was asked for."""


def run(command: Command) -> Measured:
    """Run a command. SystemExit if it fails; Refused if it is wrong usage.

    A helper process starts it, which is small: the peak memory of a child, as the system tells it, begins with what its
    parent held.
    """
    script = (
        "import os,resource,subprocess,sys,time; start = time.perf_counter(); "
        "code = subprocess.call(['bash', '-c', sys.argv[1]]); wall = time.perf_counter() - start; "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print('\\n@', code, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    # shell `time` and the like would differ from system to system
    done = subprocess.run(
        [sys.executable, "-S", "-c", script, command.line],
        cwd=command.folder,
        env={**os.environ, **command.environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    printed, _, figures = done.stdout.rpartition("\n@ ")
    code, wall, cpu, peak = (float(figure) for figure in figures.split())
    if code:
        message = f"{command.line} failed:\n{printed[-2000:]}{done.stderr[-2000:]}"
        raise Refused(message) if code == 2 else SystemExit(message)
    return Measured(wall, cpu, peak, printed + done.stderr)


def measure_alternating(commands: dict[str, Command], runs: int) -> tuple[dict[str, list[Measured]], dict[str, str]]:
    """Run all commands in turn, several times over, so that what else the machine does falls on all alike.

    Returns what was measured, and those of lmkit's commands that it refused, with the last line of what it said.
    """
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    refused: dict[str, str] = {}
    for _ in range(runs):
        for name in [name for name in commands if name not in refused]:
            print(f"    {name}: {commands[name].line}", file=sys.stderr, flush=True)
            try:
                measured = run(commands[name])
            except Refused as error:
                if not name.startswith("lmkit"):
                    raise
                refused[name] = str(error).strip().splitlines()[-1]
                continue
            results[name].append(measured)
            time.sleep(min(1, measured.wall_s))  # what the last command wrote goes to the disk meanwhile
    return {name: measured for name, measured in results.items() if measured}, refused


def spread(values: list[float]) -> dict[str, float]:
    """Minimum, median and maximum."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def summary(measured: list[Measured]) -> dict[str, Any]:
    """The figures of several runs."""
    return {
        "wall_s": spread([one.wall_s for one in measured]),
        "cpu_s": spread([one.cpu_s for one in measured]),
        "peak_mb": spread([one.peak_mb for one in measured]),
        "runs": [{"wall_s": one.wall_s, "cpu_s": one.cpu_s, "peak_mb": one.peak_mb} for one in measured],
    }


def ratios(ours: list[Measured], theirs: list[Measured]) -> dict[str, dict[str, float]]:
    """Run by run: how many times faster ours is, by wall and by CPU time, and the share of their memory that it takes."""
    pairs = list(zip(ours, theirs, strict=True))
    return {
        "wall": spread([their.wall_s / our.wall_s for our, their in pairs]),
        "cpu": spread([their.cpu_s / our.cpu_s for our, their in pairs]),
        "memory": spread([our.peak_mb / their.peak_mb for our, their in pairs]),
    }


def load() -> dict[str, float]:
    """The load average of the last minute, our own last job included, and the cores that are busy while we rest a second."""
    before = ticks()
    time.sleep(1)
    passed = [late - early for early, late in zip(before, ticks(), strict=True)]
    found = {"average": os.getloadavg()[0]}
    if sum(passed):
        found["busy_cores"] = (1 - (passed[3] + passed[4]) / sum(passed)) * (os.cpu_count() or 1)
    return found


def too_busy(found: dict[str, float]) -> bool:
    """Whether others work on the machine; where Linux does not tell, whether the load is above 1."""
    return found["busy_cores"] > BUSY if "busy_cores" in found else found["average"] > 1


def ticks() -> list[int]:
    """Linux's time of all cores by kind, of which numbers 3 and 4 are idle and waiting for a disk; zeros elsewhere."""
    path = Path("/proc/stat")
    return [int(n) for n in path.read_text("utf-8").split("\n", 1)[0].split()[1:9]] if path.exists() else [0] * 8


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    names = [line.partition(":")[2].strip() for line in cpu_lines() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        "lmkit": __version__,
        **{name: version(name) for name in ("numpy", "scipy", "pyarrow")},
    }


def cpu_lines() -> list[str]:
    """The lines in which Linux describes its processors; none elsewhere."""
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
