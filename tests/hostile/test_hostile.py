"""A short campaign, of the same inputs each time, and all that were ever found."""

from pathlib import Path
from random import Random

import pytest

from tests.hostile.folders import PACKED, placed
from tests.hostile.subjects import Subject, subjects
from tests.hostile.trying import changed, ended, tried

FOUND = Path(__file__).parent / "found"
INPUTS = 40  # of each subject


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files as they are."""
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def known(folder: Path) -> dict[str, Subject]:
    """The subjects by name."""
    found = subjects(folder)
    for each in found:
        placed(each.data, folder / each.name)
    return {each.name: each for each in found}


def test_every_command_takes_the_files_as_they_are(known: dict[str, Subject], folder: Path) -> None:
    for subject in known.values():
        for command in subject.commands:
            found = ended(command, subject.name.removesuffix(PACKED), folder)
            assert (found.code, found.error) == (0, None), (command, subject.name, found.told)


@pytest.mark.parametrize("seed", range(INPUTS))
def test_changed_files_are_refused_in_words_or_read(seed: int, known: dict[str, Subject], folder: Path) -> None:
    for place, subject in enumerate(known.values()):
        own = seed * len(known) + place
        command = Random(own).choice(subject.commands)  # noqa: S311 (no secret)
        fault = tried(subject, command, changed(subject, own), folder)
        assert fault is None, (subject.name, command, own, fault)


@pytest.mark.parametrize("file", sorted(FOUND.iterdir()), ids=lambda file: file.name)
def test_what_was_once_found_is_taken_well(file: Path, known: dict[str, Subject], folder: Path) -> None:
    subject = known[file.name.partition("-")[2]]
    for command in subject.commands:
        fault = tried(subject, command, file.read_bytes(), folder)
        assert fault is None, (command, fault)
