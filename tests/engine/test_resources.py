"""What work may take of the machine is checked where it is said, whatever the work is."""

from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine.machine import Limit, number_of_cores
from lmkit.engine.memory import default_memory


def test_what_is_not_said_is_as_the_machine_has_it() -> None:
    unsaid = lmkit.Resources()
    assert (unsaid.threads, unsaid.memory_limit) == (number_of_cores(), default_memory())
    assert Path(unsaid.folder).is_dir()


def test_what_is_said_is_kept(tmp_path: Path) -> None:
    said = lmkit.Resources(3, 1000, tmp_path)
    assert (said.threads, said.memory_limit, said.folder) == (3, 1000, tmp_path)


@pytest.mark.parametrize(("memory", "threads"), [(1, 1), (99, 1), (250, 2), (10_000, 5)])
def test_memory_that_each_thread_holds_limits_the_threads_but_leaves_one(memory: int, threads: int) -> None:
    assert lmkit.Resources(workers=5, memory=memory).threads_holding(100) == threads


def test_what_is_told_of_processes_is_how_many_there_will_be() -> None:
    told = lmkit.Resources(workers=4, memory=600 << 20, processes=True).in_words()
    assert told.startswith("2 processes, of ")


@pytest.mark.parametrize(("cores", "told"), [(1, "1 core"), (1.5, "1.5 cores"), (2, "2 cores")])
def test_cores_are_told_as_they_are(cores: float, told: str) -> None:
    assert Limit(cores, "the control group").in_cores() == f"{told} (the control group)"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"workers": 0}, "there are 0 workers; it must be 1 or more."),
        ({"memory": 0}, "the memory to keep to is 0 bytes; it must be 1 or more."),
        ({"memory": -5}, "the memory to keep to is -5 bytes; it must be 1 or more."),
    ],
)
def test_resources_that_make_no_sense_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(lmkit.UsageError) as caught:
        lmkit.Resources(**wrong)
    assert str(caught.value) == message


def test_a_temporary_folder_that_is_none_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(lmkit.DataError) as caught:
        lmkit.Resources(tmp=tmp_path / "missing")
    assert str(caught.value) == (
        f"the folder for temporary files, {tmp_path / 'missing'}, does not exist.\nMake it, or name another with --tmp."
    )
