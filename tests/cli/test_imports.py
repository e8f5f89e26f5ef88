"""What a command does not need is not imported: every start would pay for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUN = (
    "import sys; from lmkit.cli.app import run; code = run(sys.argv[1:]); sys.stdout.flush();"
    "print('modules:', *sys.modules, file=sys.stderr); sys.exit(code)"
)
WITHOUT_NUMBERS = (
    "numpy",
    "scipy",
    "pyarrow",
    "pydantic",
    "rich",
    "nltk",
    "matplotlib",
    "asyncio",
    "unittest",
    "tempfile",
    "ssl",
    "urllib.request",
)
PLAIN = (
    "scipy",
    "numpy.f2py",
    "numpy.ma",
    "numpy.random",
    "numpy.testing",
    "numpy.ctypeslib",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.fs",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "pydantic",
    "rich",
    "nltk",
    "matplotlib",
    "asyncio",
    "unittest",
    "typer",
    "ssl",
    "urllib.request",
)
NOT_IMPORTED = {
    "--version": ("typer", "inspect", *WITHOUT_NUMBERS),
    "perplexity --help": WITHOUT_NUMBERS,
    "plot --help": WITHOUT_NUMBERS,
    "neural train --help": WITHOUT_NUMBERS,
    "neural check --help": WITHOUT_NUMBERS,
    "functions --help": WITHOUT_NUMBERS,
    "positions --help": WITHOUT_NUMBERS,
    "attention --help": WITHOUT_NUMBERS,
    "optimizers --help": WITHOUT_NUMBERS,
    "count corpora/toy.tok": (*PLAIN, "safetensors", "tempfile", "lmkit.arpa"),
    "count -n 2 --top 5 --json corpora/toy.tok": PLAIN,
    "entropy corpora/toy.tok": (*PLAIN, "lmkit.arpa"),
    "perplexity {model} corpora/toy.tok": (*PLAIN, "lmkit.arpa"),
    "perplexity {model} corpora/toy.tok --by token": (*PLAIN, "lmkit.arpa"),
    "ngram train -o {folder}/counts.safetensors corpora/toy.tok": (*PLAIN, "lmkit.arpa"),
    "smooth --witten-bell {counts} -o {folder}/model.safetensors": (*PLAIN, "lmkit.arpa"),
    "cooc corpora/toy.tok": ("typer", "rich", "nltk", "pydantic", "pyarrow.compute"),
    "plot zipf corpora/toy.tok": ("typer", "rich", "nltk", "matplotlib", "pydantic"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with counts, a model, and a package `pandas` that cannot be imported without being noticed."""
    made = tmp_path_factory.mktemp("imports")
    pandas = made / "packages" / "pandas"
    pandas.mkdir(parents=True)
    pandas.joinpath("__init__.py").write_text(
        "import sys; print('pandas is imported', file=sys.stderr)\n", encoding="utf-8"
    )
    for line in (
        "ngram train -n 2 -o {}/c.safetensors corpora/toy.tok",
        "smooth --laplace {0}/c.safetensors -o {0}/m.safetensors",
    ):
        command = [sys.executable, "-m", "lmkit", *line.format(made).split()]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return made


@pytest.mark.parametrize("line", NOT_IMPORTED)
def test_what_a_command_does_not_need_is_not_imported(line: str, folder: Path) -> None:
    arguments = line.format(folder=folder, counts=folder / "c.safetensors", model=folder / "m.safetensors").split()
    environment = {"PYTHONPATH": f"{folder / 'packages'}:{ROOT}", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], capture_output=True, cwd=ROOT, check=True, env=environment
    )
    told, _, modules = result.stderr.decode().partition("modules:")
    assert "lmkit.cli.app" in modules.split()
    assert [name for name in NOT_IMPORTED[line] if name in modules.split()] == []
    assert "pandas" not in told


def test_functions_of_arrow_are_asked_for_where_pandas_is_not_imported_for_them() -> None:
    """`pyarrow.array`, `pyarrow.scalar` and `.to_numpy()` import pandas, `pyarrow.compute` makes hundreds of functions."""
    slow = ("import pyarrow.compute", "pa.array(", "pa.scalar(", ".to_numpy(", ".dictionary_encode(", ".to_pandas(")
    modules = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in (ROOT / "lmkit").rglob("*.py")}
    found = {path.as_posix(): call for path, text in modules.items() for call in slow if call in text}
    assert found == {"lmkit/engine/frames/tabular.py": ".to_pandas("}  # where pandas is what is asked for
