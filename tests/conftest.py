"""What many tests share: the texts of the project, the figures of other tools, the command line."""

import contextlib
import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from lmkit.cli.app import run

ROOT = Path(__file__).parents[1]
CORPORA = ROOT / "corpora"
REFERENCE = Path(__file__).parent / "reference"
CASES = Path(__file__).parent / "cases"  # small files that go wrong easily
LANGUAGES = ("fr", "en")
TOY = CORPORA / "toy.tok"

hypothesis.settings.register_profile(  # a busy machine fails no test
    "lmkit", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("lmkit")


def train_text(language: str) -> Path:
    """The tokenised training text of a language."""
    return CORPORA / f"{language}.train.tok"


def held_out_text(language: str) -> Path:
    """The tokenised test text of a language."""
    return CORPORA / f"{language}.test.tok"


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a TSV file with a header."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def text_file(folder: Path, text: str | bytes, name: str = "text.txt") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


class Result:
    """How a command line ended."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.raw = code, out
        self.err = err.decode()

    @property
    def out(self) -> str:
        """What it printed, as text."""
        return self.raw.decode()


Run = Callable[..., Result]


@pytest.fixture
def lmkit_run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs an lmkit command line in this process (no standard input)."""

    def call(*arguments: Any) -> Result:
        capfdbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return Result(code, captured.out, captured.err)

    return call


def on_terminal(*arguments: Any) -> list[str]:
    """The lines that an lmkit command line prints where standard output is a terminal."""
    import pty  # not on every system

    ours, theirs = pty.openpty()
    line = [sys.executable, "-m", "lmkit", *map(str, arguments)]
    with subprocess.Popen(line, stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT):
        os.close(theirs)
        printed = b""
        with contextlib.suppress(OSError):  # the terminal is gone when the command has ended
            while piece := os.read(ours, 1 << 16):
                printed += piece
        os.close(ours)
    return printed.decode().splitlines()


def shell(command: str, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """Runs a line in bash, in which `lmkit` is this lmkit; fails if any command of a pipe fails."""
    prelude = f'set -o pipefail; lmkit() {{ "{sys.executable}" -m lmkit "$@"; }}; '
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        ["bash", "-c", prelude + command], capture_output=True, cwd=ROOT, env=environment, check=False, **options
    )
