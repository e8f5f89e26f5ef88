"""Commands are found where they are, in the order that they ask for, and imported when they are asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from lmkit.cli.command import COMMANDS, Commands, names
from tests.conftest import ROOT

RUN = (
    "import sys; from lmkit.cli.app import run; run(sys.argv[1:]); sys.stdout.flush();"
    "print('modules:', *sys.modules, file=sys.stderr)"
)


def commands_imported(*arguments: str) -> list[str]:
    """The modules of commands that a command line imports, by their names below lmkit.cli.commands."""
    result = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, cwd=ROOT, check=True)
    modules = result.stderr.decode().split("modules:")[1].split()
    return [name.removeprefix(f"{COMMANDS}.") for name in modules if name.startswith(f"{COMMANDS}.")]


def test_only_the_command_that_is_asked_for_is_imported() -> None:
    assert commands_imported("--version") == []
    assert commands_imported("count", "--help") == ["count"]
    assert commands_imported("ngram", "info", "--help") == ["ngram", "ngram.info"]


def test_help_lists_commands_as_they_ask_for() -> None:
    listed = names()
    assert listed[:3] == ["ngram train", "ngram merge", "ngram mix"]
    plots = ["plot zipf", "plot heaps", "plot perplexity", "plot surprisal", "plot cooc"]
    assert listed[listed.index("plot zipf") :][:5] == plots
    assert listed.index("ngram mix") + 1 == listed.index("ngram prune")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of two commands, one of which wants to stand after another that is not there."""
    folder = tmp_path / "package_of_commands"
    folder.mkdir()
    declared = "from lmkit.cli.command import command\n@command({})\ndef work() -> None: ...\n"
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "one.py").write_text(declared.format(""), encoding="utf-8")
    (folder / "two_words.py").write_text(declared.format("after='nothing'"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


def test_a_folder_that_declares_a_command_is_one_and_no_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "package_with_a_folder" / "in_a_folder"
    folder.mkdir(parents=True)
    declared = "from lmkit.cli.command import command\n@command()\ndef work() -> None: ...\n"
    (folder.parent / "__init__.py").write_text("", encoding="utf-8")
    (folder / "__init__.py").write_text(declared, encoding="utf-8")
    (folder / "beside.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert names(folder.parent.name) == ["in-a-folder"]


def test_an_order_that_cannot_be_is_an_error(package: str) -> None:
    with pytest.raises(LookupError, match=r"^two-words: declared to come after no command that there is\.$"):
        list(Commands(package))
