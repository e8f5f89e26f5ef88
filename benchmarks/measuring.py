"""Running whole commands and keeping what they took."""

import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float
    peak_mb: float  # of the largest of its processes
    printed: str


def run(command: str, folder: Path) -> Measured:
    """Run a shell command in the folder. SystemExit if it fails.

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
        [sys.executable, "-S", "-c", script, command],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    printed, _, figures = done.stdout.rpartition("\n@ ")
    code, wall, cpu, peak = (float(figure) for figure in figures.split())
    if code:
        sys.exit(f"{command} failed:\n{printed[-2000:]}{done.stderr[-2000:]}")
    return Measured(wall, cpu, peak, printed + done.stderr)


def measure_alternating(commands: dict[str, str], folder: Path, runs: int) -> dict[str, list[Measured]]:
    """Run all commands in turn, several times over, so that what else the machine does falls on all alike."""
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            print(f"    {name}: {command}", file=sys.stderr, flush=True)
            results[name].append(run(command, folder))
            time.sleep(1)  # what the last command wrote goes to the disk meanwhile
    return results


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


def ratios(ours: list[Measured], theirs: list[Measured]) -> dict[str, float]:
    """How many times faster ours is, run by run."""
    return spread([their.wall_s / our.wall_s for our, their in zip(ours, theirs, strict=True)])


def lmkit() -> str:
    """The command that runs lmkit as it is installed beside this Python, or else in this repository."""
    script = Path(sys.executable).with_name("lmkit")
    return shlex.quote(str(script)) if script.exists() else f"{shlex.quote(sys.executable)} -m lmkit"


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    names = [line.partition(":")[2].strip() for line in cpu_lines() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("lmkit", "numpy", "scipy", "pyarrow")},
    }


def cpu_lines() -> list[str]:
    """The lines in which Linux describes its processors; none elsewhere."""
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
