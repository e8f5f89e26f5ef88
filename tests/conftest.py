"""What many tests share: the texts of the project, the figures of other tools, the command line."""

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import lmkit
from lmkit.audience import at_the_command_line
from lmkit.cli.app import run
from lmkit.engine.system.blas_threads import ONE_THREAD

os.environ["LMKIT_LANG"] = "en"  # whatever the locale of who runs the tests
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else, each of a thousand processes would compile lmkit anew

# BLAS without threads of its own, as commands have it: in tests side by side, they would wait for each other.
with pytest.MonkeyPatch.context() as _patch:
    for _name, _number in ONE_THREAD.items():
        _patch.setenv(_name, _number)
    import_module("scipy.linalg")  # and NumPy: each has its own

ROOT = Path(__file__).parents[1]
CORPORA = ROOT / "corpora"
REFERENCE = Path(__file__).parent / "reference"
CASES = Path(__file__).parent / "cases"  # small files that go wrong easily
LANGUAGES = ("fr", "en")
TOY = CORPORA / "toy.tok"

# How many examples a law is tried on. A busy machine fails no test.
for profile, examples in (("quick", 20), ("thorough", 500)):
    hypothesis.settings.register_profile(
        profile, max_examples=examples, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give workers neighbouring tests, if nothing else is said: what a file's tests share is made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


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


@pytest.fixture(scope="session")
def toy_counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A counts file of the worked example, order 2."""
    path = tmp_path_factory.mktemp("counts") / "toy.safetensors"
    lmkit.save(lmkit.count_ngrams(TOY, 2), path)
    return path


def trigram_model(folder: Path, language: str) -> Path:
    """A Kneser–Ney trigram model of the training text of a language."""
    path = folder / f"{language}.kn3.safetensors"
    lmkit.save(lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), 3)), path)
    return path


@pytest.fixture(scope="session")
def french_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Kneser–Ney trigram model of the French training text."""
    return trigram_model(tmp_path_factory.mktemp("models"), "fr")


@pytest.fixture(scope="session")
def english_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Kneser–Ney trigram model of the English training text."""
    return trigram_model(tmp_path_factory.mktemp("models"), "en")


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


def shell(command: str, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """Runs a line in bash, in which `lmkit` is this lmkit; fails if any command of a pipe fails."""
    prelude = f'set -o pipefail; lmkit() {{ "{sys.executable}" -m lmkit "$@"; }}; '
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        ["bash", "-c", prelude + command], capture_output=True, cwd=ROOT, env=environment, check=False, **options
    )


@pytest.fixture(autouse=True)
def messages_as_they_are_written() -> Iterator[None]:
    """Messages name options, as they are written; what becomes of them in Python is tested by itself."""
    with at_the_command_line():
        yield
