"""The machine as it is for this program: the cores and the memory that it may use, which a container or a batch job may make fewer than there are.

Control groups of Linux (version 1 and 2) limit all programs of a group together, and each group within another: the least counts.
"""

import math
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

UNLIMITED = 1 << 60  # bytes: version 1 says a number such as this where there is no limit
UNTOLD = 4 << 30  # bytes of memory, where the system does not tell
MEMORY_FILES = {  # by version of control groups; beyond memory.high, programs are slowed down until they hold less
    1: ("memory.limit_in_bytes",),
    2: ("memory.max", "memory.high"),
}
OCTAL = re.compile(r"\\([0-7]{3})")  # a character of a path in mountinfo


@dataclass(frozen=True)
class Limit:
    """How much of something there is, and who says so."""

    amount: float
    said_by: str

    def in_cores(self) -> str:
        """It as a number of cores, for people."""
        return f"{self.amount:g} {'core' if self.amount == 1 else 'cores'} ({self.said_by})"


def memory() -> Limit:
    """The bytes of memory that this program may hold: those of the machine, or of the least limit of its control groups and its own."""
    return min([physical_memory(), *group_memory(), *own_memory()], key=lambda limit: limit.amount)


def cores() -> Limit:
    """The cores that this program may use: those of the machine, of its affinity, or as many as its control groups give time for."""
    return min([usable_cores(), *group_cores()], key=lambda limit: limit.amount)


@cache
def number_of_cores() -> int:
    """The threads that have a core each: of a limit such as 1.5 cores, 2. Looked up once."""
    return max(math.ceil(cores().amount), 1)


def physical_memory() -> Limit:
    """The bytes of memory in the machine."""
    if sys.platform == "win32":
        return Limit(windows_memory(), "the machine")
    try:
        return Limit(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "the machine")
    except (AttributeError, ValueError, OSError):
        return Limit(UNTOLD, "a guess: the system does not tell")


def windows_memory() -> int:
    """The bytes of memory in a machine under Windows."""
    import ctypes

    class Status(ctypes.Structure):
        """MEMORYSTATUSEX."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "pages", "free_pages", "space", "free_space", "more")),
        )  # fmt: skip

    status = Status(length=ctypes.sizeof(Status))
    kernel32 = ctypes.windll.kernel32  # type: ignore[attr-defined] # there is one under Windows
    return int(status.total) if kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else UNTOLD


def own_memory() -> Iterator[Limit]:
    """The limit of the program's address space (`ulimit -v`), if there is one."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield Limit(limit, "ulimit -v")


def usable_cores() -> Limit:
    """The cores of the machine, or those that the program was given (taskset, PYTHON_CPU_COUNT)."""
    count = os.cpu_count() or 1
    if sys.version_info >= (3, 13):
        usable = os.process_cpu_count() or count
    else:
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else count
    return Limit(usable, "the machine" if usable >= count else "the affinity of the program")


def group_memory(proc: Path = Path("/proc/self")) -> Iterator[Limit]:
    """The limits of memory of the control groups of the program."""
    for folder, version in group_folders(proc, "memory"):
        for name in MEMORY_FILES[version]:
            found = words_in(folder / name)
            if found and found[0].isdigit() and int(found[0]) < UNLIMITED:
                yield Limit(int(found[0]), "the control group")


def group_cores(proc: Path = Path("/proc/self")) -> Iterator[Limit]:
    """The time that the control groups of the program give it, in cores."""
    for folder, version in group_folders(proc, "cpu"):
        if version == 2:
            found = words_in(folder / "cpu.max")  # as "150000 100000": microseconds of each period
        else:
            found = words_in(folder / "cpu.cfs_quota_us") + words_in(folder / "cpu.cfs_period_us")
        if (
            len(found) == 2 and all(number.isdigit() for number in found) and int(found[1])
        ):  # else "max", or -1: no limit
            yield Limit(int(found[0]) / int(found[1]), "the control group")


def words_in(file: Path) -> list[str]:
    """The words in a small file; none if it cannot be read."""
    try:
        return file.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return []


def group_folders(proc: Path, controller: str) -> Iterator[tuple[Path, int]]:
    """The folders of the groups that the program is in, the innermost first, of the hierarchy with this controller; and its version, 1 or 2.

    proc: that of the program. Each hierarchy is mounted somewhere, from one of its groups down: that need not be its root in a container.
    """
    try:
        groups = (proc / "cgroup").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        mounts = (proc / "mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in groups:
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        version = 2 if number == "0" and not controllers else 1
        if version == 2 or controller in controllers.split(","):
            for mount in mounts:
                root, point = mounted(mount, version, controller)
                if point is not None:
                    yield from ((folder, version) for folder in folders_between(root, point, group))


def mounted(line: str, version: int, controller: str) -> tuple[str, Path | None]:
    """The group that is mounted by a line of mountinfo, and where; None if it is none of this version with this controller."""
    before, _, after = line.partition(" - ")
    fields, told = before.split(), after.split()
    if len(fields) < 5 or not told:
        return "", None
    right = told[0] == "cgroup2" if version == 2 else told[0] == "cgroup" and controller in told[-1].split(",")
    root, point = (OCTAL.sub(lambda code: chr(int(code[1], 8)), field) for field in fields[3:5])
    return root, Path(point) if right else None


def folders_between(root: str, point: Path, group: str) -> Iterator[Path]:
    """The folders of a group and of those around it, as far as they are mounted: from the root, at this point."""
    inner = group.removeprefix(root.rstrip("/")) if (group + "/").startswith(root.rstrip("/") + "/") else ""
    folder = point.joinpath(*(part for part in inner.split("/") if part not in ("", "..")))
    while folder != point:
        yield folder
        folder = folder.parent
    yield point
