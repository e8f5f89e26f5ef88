"""Consoles that lack letters show what they have; pipes that nobody reads are told as each system tells them."""

import errno
import io
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from lmkit.cli.app import run
from lmkit.cli.command import names
from lmkit.cli.output import consoles, standard
from lmkit.engine.system import errors
from tests.conftest import CASES, Run

MODEL = CASES / "base.arpa"
CONSOLES = ("cp1252", "cp850", "ascii")


class Terminal(io.TextIOWrapper):
    """A terminal of some encoding, which keeps what is printed."""

    def __init__(self, encoding: str) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding=encoding, newline="")

    def isatty(self) -> bool:
        """It is one."""
        return True

    def shown(self) -> str:
        """What is to be read on it."""
        self.flush()
        return self.bytes.getvalue().decode(self.encoding)


def shown(monkeypatch: pytest.MonkeyPatch, encoding: str, *arguments: object) -> str:
    """What a command shows on a terminal of this encoding."""
    monkeypatch.setenv("COLUMNS", "80")
    with monkeypatch.context() as patched:
        terminal = Terminal(encoding)
        patched.setattr(sys, "stdout", terminal)
        patched.setattr(sys, "stderr", terminal)
        assert run([str(argument) for argument in arguments]) in (0, 1)
    return terminal.shown()


@pytest.mark.parametrize("command", names())
def test_a_console_shows_help_with_the_letters_that_it_has(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    whole = shown(monkeypatch, "utf-8", *command.split(), "--help")
    for encoding in ("cp1252", "cp850"):  # to ASCII, typer writes UTF-8
        found = shown(monkeypatch, encoding, *command.split(), "--help")
        assert "Usage: lmkit" in found
        assert {letter for letter in whole if can_show(encoding, letter)} <= set(found)  # nothing that it has was lost
        assert found.count("?") == whole.count("?")
        assert "\\u" not in found


def can_show(encoding: str, letter: str) -> bool:
    """Whether an encoding has a letter."""
    return letter.encode(encoding, "ignore") != b""


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("cp1252", "gamma(h') <= D - é Œ \\u0256 \\U0001f600"),
        ("cp850", "gamma(h') <= D - é OE \\u0256 \\U0001f600"),
        ("ascii", "gamma(h') <= D - e OE \\u0256 \\U0001f600"),
        ("utf-8", "γ(h′) ≤ D – é Œ ɖ 😀"),
    ],
)
def test_letters_that_a_console_lacks_are_written_with_those_that_it_has(
    monkeypatch: pytest.MonkeyPatch, encoding: str, printed: str
) -> None:
    terminal = Terminal(encoding)
    monkeypatch.setattr(sys, "stdout", terminal)
    standard.start()
    sys.stdout.write("γ(h′) ≤ D – é Œ ɖ 😀")
    expected = printed if encoding != "cp1252" else printed.replace(" - é", " – é")  # which has the dash
    assert terminal.shown() == expected


@pytest.mark.parametrize("encoding", CONSOLES)
def test_data_are_shown_in_the_letters_of_the_console(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    text = tmp_path / "é.txt"
    text.write_text("été ɖe\n", encoding="utf-8")
    found = shown(monkeypatch, encoding, "count", "-q", "--as", "tsv", text)
    word = "ete" if encoding == "ascii" else "été"
    assert found == f"ngram\tcount\n{word}\t1\n\\u0256e\t1\n"


def test_an_error_names_a_file_whose_letters_the_console_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "\\u0256.txt" in shown(monkeypatch, "cp850", "count", tmp_path / "ɖ.txt")


def test_data_in_a_pipe_are_utf_8_whatever_the_console(
    monkeypatch: pytest.MonkeyPatch, lmkit_run: Run, tmp_path: Path
) -> None:
    text = tmp_path / "t.txt"
    text.write_text("ɖe\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    assert lmkit_run("count", "-q", text).raw == "ɖe\t1\n".encode()


def test_every_character_comes_out_in_ascii() -> None:
    for number in (*range(0x80, 0x3000), 0x1F600, 0xD800):
        letter = chr(number)
        assert consoles.in_ascii(letter).isascii()
        assert consoles.in_ascii(letter) or unicodedata.combining(letter)


class UnreadUnderWindows(io.RawIOBase):
    """A pipe that nobody reads, as Windows tells it."""

    def writable(self) -> bool:
        """It looks so."""
        return True

    def write(self, _data: Any) -> int:
        """OSError."""
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def test_a_pipe_that_nobody_reads_is_told_by_windows_as_an_invalid_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = standard.WholeWrites(UnreadUnderWindows(), is_stdout=False)
    with pytest.raises(OSError, match="Invalid argument"):
        stream.write(b"a")
    monkeypatch.setattr(errors, "CLOSED_PIPE", (errno.EPIPE, errno.EINVAL))
    assert stream.write(b"a") == 1  # and drops it
    assert not errors.is_closed_pipe(OSError(errno.EINVAL, "", "a?b"))  # a name that cannot be
