"""Which files of a folder are read, and what is said of them."""

from pathlib import Path

import pytest

import lmkit
from lmkit.text.sources.names import sources
from lmkit.text.sources.patterns import is_chosen, names_below
from tests.conftest import Run

FILES = ("README.md", "a.tok", "b.txt", "drafts/c.txt", "drafts/old/d.txt.gz", "news/e.txt")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, called data where we are, of these files with one word each."""
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.stem[0]}\n", encoding="utf-8")
    (tmp_path / "data" / "drafts" / "old" / "d.txt.gz").unlink()
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("include", "exclude", "chosen"),
    [
        ([], [], [0, 1, 2, 3, 4, 5]),
        (["*.txt"], [], [2, 3, 5]),
        (["*.txt", "*.tok"], ["drafts"], [1, 2, 5]),  # a name may be that of a folder
        (["drafts/**"], [], [3, 4]),
        (["drafts/*"], [], [3, 4]),  # what lies in a folder that is matched, too
        (["drafts/*.txt"], [], [3]),
        (["**/*.gz"], [], [4]),
        ([], ["**/old/*", "*.md", "/news"], [1, 2, 3]),
        (["*.txt"], ["*"], []),
    ],
)
def test_files_are_chosen_by_names_and_by_paths(include: list[str], exclude: list[str], chosen: list[int]) -> None:
    found = [number for number, name in enumerate(FILES) if is_chosen(name.split("/"), include, exclude)]
    assert found == chosen


@pytest.mark.parametrize(
    ("named", "place", "names"),
    [
        ("data", "data/drafts/c.txt", ["drafts", "c.txt"]),
        ("./data/", "./data/a.tok", ["a.tok"]),
        (".", "./a.tok", ["a.tok"]),
        ("data/*/c.txt", "data/drafts/c.txt", ["drafts", "c.txt"]),
        ("**/*.txt", "data/drafts/c.txt", ["data", "drafts", "c.txt"]),
        ("s3://bucket/data", "s3://bucket/data/a.tok", ["a.tok"]),
    ],
)
def test_paths_begin_where_the_folder_or_the_pattern_does(named: str, place: str, names: list[str]) -> None:
    assert names_below(named, place) == names


def test_how_many_files_of_which_kinds_a_folder_has_is_said(lmkit_run: Run, data: Path) -> None:
    counted = lmkit_run("count", "data")
    assert counted.err == "lmkit: data: 5 files (3 .txt, 1 .md, 1 .tok)\n"
    assert sorted(counted.out.split()[::2]) == ["R", "a", "b", "c", "e"]
    chosen = lmkit_run("count", "data", "--include", "*.txt", "--exclude", "drafts", data / "a.tok")
    assert chosen.err == "lmkit: data: 2 files (2 .txt)\n"
    assert sorted(chosen.out.split()[::2]) == ["a", "b", "e"]  # what is named itself is read
    assert lmkit_run("count", "-q", "data").err == ""
    assert lmkit_run("count", "data/*.txt").err == "lmkit: data/*.txt: 1 file (1 .txt)\n"


def test_a_choice_that_leaves_nothing_and_one_among_nothing_are_refused(lmkit_run: Run, data: Path) -> None:
    nothing = lmkit_run("count", "data", "--include", "*.zip")
    assert (nothing.code, nothing.err) == (
        1,
        (
            "lmkit: data: of 5 files, the choice leaves none (include *.zip).\n"
            "The first is data/README.md; patterns are of names, or of paths from the folder on.\n"
        ),
    )
    among_nothing = lmkit_run("count", data / "a.tok", "--exclude", "*.md")
    assert (among_nothing.code, among_nothing.err) == (
        2,
        (
            "lmkit: --include and --exclude choose among the files of folders and patterns, and none is named.\n"
            "Name a folder, or leave them out.\n"
        ),
    )


def test_python_chooses_among_files_as_well(data: Path) -> None:
    text = lmkit.TextFile(data, include=("*.txt",), exclude=("drafts",))
    assert [Path(str(file.source)).name for file in sources(text)] == ["b.txt", "e.txt"]
    assert sorted(lmkit.count_ngrams(text, 1).vocabulary.words[3:]) == [b"b", b"e"]
