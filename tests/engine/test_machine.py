"""The cores and the memory that the program may use, as control groups of either version and the system's own limits have them."""

import subprocess
import sys
from pathlib import Path

import pytest

import lmkit
from lmkit.engine import machine
from lmkit.engine.machine import Limit, group_cores, group_memory

MOUNT = "36 35 0:30 {root} {point} rw,relatime shared:9 - {kind} {kind} rw{options}"


class System:
    """A /proc of one program, and control groups, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.groups = folder / "proc", folder / "control groups"
        self.proc.mkdir()
        self.groups.mkdir()

    def say(self, groups: str, *mounts: str) -> None:
        """What the program is in, and what is mounted."""
        (self.proc / "cgroup").write_text(groups, encoding="utf-8")
        (self.proc / "mountinfo").write_text("".join(f"{mount}\n" for mount in mounts), encoding="utf-8")

    def mount(self, kind: str, options: str = "", root: str = "/", folder: str = "") -> str:
        """A line of mountinfo, where spaces are octal."""
        point = str(self.groups / folder).replace(" ", "\\040")
        return MOUNT.format(root=root, point=point, kind=kind, options=options)

    def limit(self, file: str, text: str) -> None:
        """A limit in a file of a group."""
        path = self.groups / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @property
    def found(self) -> tuple[list[float], list[float]]:
        """The bytes and the cores that the groups allow."""
        return [each.amount for each in group_memory(self.proc)], [each.amount for each in group_cores(self.proc)]


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_version_2_limits_a_group_and_those_around_it(system: System) -> None:
    system.say("0::/jobs/mine\n", system.mount("cgroup2"))
    system.limit("jobs/mine/memory.max", "max\n")
    system.limit("jobs/memory.max", "1073741824\n")
    system.limit("jobs/mine/cpu.max", "150000 100000\n")
    system.limit("jobs/cpu.max", "max 100000\n")
    assert system.found == ([1 << 30], [1.5])


def test_a_group_that_is_slowed_down_from_some_size_on_has_less_than_it_may_hold(system: System) -> None:
    system.say("0::/jobs\n", system.mount("cgroup2"))
    system.limit("jobs/memory.max", "3000\n")
    system.limit("jobs/memory.high", "2000\n")
    assert system.found == ([3000, 2000], [])


def test_version_1_has_a_hierarchy_for_each_kind_of_limit(system: System) -> None:
    system.say(
        "4:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n0::/\n",
        system.mount("cgroup", ",memory", folder="memory"),
        system.mount("cgroup", ",cpu,cpuacct", folder="cpu"),
        system.mount("cgroup2", folder="unified"),
    )
    system.limit("memory/docker/ab/memory.limit_in_bytes", "500000000\n")
    system.limit("memory/memory.limit_in_bytes", "9223372036854771712\n")
    system.limit("cpu/docker/ab/cpu.cfs_quota_us", "200000\n")
    system.limit("cpu/docker/ab/cpu.cfs_period_us", "100000\n")
    system.limit("cpu/cpu.cfs_quota_us", "-1\n")
    system.limit("cpu/cpu.cfs_period_us", "100000\n")
    assert system.found == ([500_000_000], [2.0])


def test_a_container_sees_its_own_group_where_the_hierarchy_is_mounted(system: System) -> None:
    system.say("4:memory:/docker/ab/inner\n", system.mount("cgroup", ",memory", root="/docker/ab", folder="memory"))
    system.limit("memory/memory.limit_in_bytes", "3000\n")
    system.limit("memory/inner/memory.limit_in_bytes", "2000\n")
    assert system.found == ([2000, 3000], [])


def test_a_group_that_is_not_mounted_leaves_what_is(system: System) -> None:
    system.say("4:memory:/elsewhere/x\n", system.mount("cgroup", ",memory", root="/docker/ab", folder="memory"))
    system.limit("memory/memory.limit_in_bytes", "3000\n")
    assert system.found == ([3000], [])


@pytest.mark.parametrize("text", ["", "max\n", "many\n", "-1\n", "\udcff"])
def test_what_is_no_number_is_no_limit(system: System, text: str) -> None:
    system.say("0::/\n", system.mount("cgroup2"))
    (system.groups / "memory.max").write_bytes(text.encode("utf-8", "surrogateescape"))
    (system.groups / "cpu.max").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert system.found == ([], [])


def test_without_control_groups_the_machine_is_what_there_is(system: System) -> None:
    assert system.found == ([], [])
    assert machine.physical_memory().amount > 1 << 27


def test_the_least_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "group_memory", lambda: iter([Limit(1 << 20, "the control group")]))
    monkeypatch.setattr(machine, "group_cores", lambda: iter([Limit(0.5, "the control group")]))
    assert machine.memory() == Limit(1 << 20, "the control group")
    assert machine.cores() == Limit(0.5, "the control group")
    assert lmkit.Resources().memory_limit == 1 << 19
    machine.number_of_cores.cache_clear()
    assert lmkit.Resources().threads == 1
    machine.number_of_cores.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere ulimit -v may not be there")
def test_the_limit_of_the_address_space_counts() -> None:
    asked = "from lmkit.engine.machine import memory; print(memory())"
    shown = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -v 4000000; exec "$0" -c "$1"', sys.executable, asked],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "Limit(amount=4096000000, said_by='ulimit -v')\n"
