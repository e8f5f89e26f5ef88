"""What a command does not need is not imported: every start would pay for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lmkit
from lmkit.cli.app import run
from lmkit.cli.command import COMMANDS, names
from tests.conftest import CORPORA, ROOT, TOY

LINES = (
    "count toy.tok",
    "count -n 2 --top 5 --json toy.tok",
    "count data.csv --field text",
    "count data.jsonl",
    "entropy toy.tok",
    "perplexity m.safetensors toy.tok",
    "perplexity m.safetensors toy.tok --by token",
    "perplexity n.safetensors toy.tok",
    "next m.safetensors le",
    "generate m.safetensors --seed 1",
    "info m.safetensors",
    "ngram info m.safetensors",
    "ngram train -n 2 toy.tok -o c2.safetensors",
    "ngram merge c.safetensors c.safetensors -o c3.safetensors",
    "ngram check m.safetensors",
    "ngram convert m.safetensors -o m.arpa",
    "smooth --witten-bell c.safetensors -o w.safetensors",
    "sentences toy.tok",
    "tokenize --tokenizer words toy.tok",
    "matches toy.tok fr.test.tok",
    "filter m.safetensors toy.tok --max-perplexity 100 -o k.txt",
    "vocabulary list toy.tok",
    "vocabulary growth toy.tok",
    "onehot toy.tok",
    "functions softmax 1 2 3",
    "plot zipf fr.train.tok",
    "plot heaps toy.tok",
    "compare m.safetensors c.safetensors toy.tok",
    "cooc toy.tok",
    "vocabulary frequencies fr.train.tok",
    "plot zipf fr.train.tok -o z.svg",
    "plot surprisal m.safetensors lechat -o s.html",
    "vectors svd toy.tok -o v.txt --dimensions 2",
    "neural train toy.tok -o n2.safetensors --steps 2",
)
ALGEBRA = (
    "compare",
    "cooc",
    "vocabulary frequencies",
    "plot zipf fr.train.tok -o",
    "plot surprisal",
    "vectors",
    "neural train",
)
MAY_LOAD = {  # a heavy module, and the lines that may load it, by how they begin; what is loaded by no line here is asked for by options
    **dict.fromkeys(("nltk", "torch", "sklearn", "gensim", "tokenizers", "sentencepiece", "safetensors"), ()),
    **dict.fromkeys(("pandas", "pydantic", "typer", "rich", "rich.markdown"), ()),
    **dict.fromkeys(("asyncio", "multiprocessing", "ssl", "http.client", "urllib.request"), ()),
    **dict.fromkeys(("pyarrow.compute", "pyarrow.dataset", "pyarrow.fs", "pyarrow.pandas_compat", "pyarrow.parquet", "scipy.stats"), ()),
    "pyarrow.csv": ("count data.csv",),
    "pyarrow.json": ("count data.jsonl",),
    "matplotlib": ("plot zipf fr.train.tok -o",),
    **dict.fromkeys(("scipy.linalg", "scipy.optimize", "scipy.special"), ("vocabulary frequencies", "neural train", "vectors")),
    **dict.fromkeys(("scipy", "scipy.sparse", "numpy.f2py", "numpy.testing", "numpy.ctypeslib", "unittest"), ALGEBRA),
    "numpy.random": (*ALGEBRA, "next", "generate", "perplexity n"),
    "numpy.ma": (*ALGEBRA, "generate", "ngram check", "plot zipf"),
}  # fmt: skip
MAY_NOT_LOAD = {  # of the smallest commands
    "tempfile": ("count toy.tok", "count -n", "entropy", "perplexity m"),
    "lmkit.arpa": ("count", "entropy", "perplexity m", "ngram train", "smooth"),
}
BESIDES = ("numpy", "scipy", "pyarrow", "matplotlib", "tempfile")  # neither help nor a version has use for


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with texts and models, and a package `pandas`, which Arrow would import where it is there."""
    made = tmp_path_factory.mktemp("imports")
    pandas = made / "packages" / "pandas"
    pandas.mkdir(parents=True)
    pandas.joinpath("__init__.py").write_text("", encoding="utf-8")
    for text in (TOY, CORPORA / "fr.train.tok", CORPORA / "fr.test.tok"):
        shutil.copy(text, made)
    (made / "data.csv").write_text("text\na b\n", encoding="utf-8")
    (made / "data.jsonl").write_text('{"text": "a b"}\n', encoding="utf-8")
    counts = lmkit.count_ngrams(TOY, 2)
    lmkit.save(counts, made / "c.safetensors")
    lmkit.save(lmkit.laplace(counts), made / "m.safetensors")
    assert run(["neural", "train", "-q", str(TOY), "--steps", "1", "-o", str(made / "n.safetensors")]) == 0
    return made


def loaded_by(folder: Path, *lines: str, before: str = "") -> dict[str, set[str]]:
    """The modules that each line loads in the folder; under the empty line, those of all before it begins, such as are named."""
    environment = os.environ | {"PYTHONPATH": f"{folder / 'packages'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.loaded", str(folder), before, *lines]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, env=environment).stdout
    found = dict(zip(("", *lines), map(str.split, told.splitlines()), strict=True))
    assert [line for line, (code, *_) in found.items() if code != "0"] == []
    return {line: set(modules) for line, (_, *modules) in found.items()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each line is run in a fork")
def test_heavy_modules_are_loaded_by_those_who_need_them_only(folder: Path) -> None:
    loaded = loaded_by(folder, *LINES, before="numpy pyarrow")  # which nearly all need: once is enough
    wrong = {
        (line, module)
        for line, modules in loaded.items()
        for module in modules
        if (module in MAY_LOAD and not line.startswith(MAY_LOAD[module]))
        or (module in MAY_NOT_LOAD and line.startswith(MAY_NOT_LOAD[module]))
    }
    assert wrong == set()
    for module in ("pyarrow.csv", "matplotlib", "scipy.sparse"):  # this is how it would look
        assert any(module in modules for modules in loaded.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each line is run in a fork")
def test_a_version_is_told_without_anything(folder: Path) -> None:
    loaded = loaded_by(folder, "--version")
    assert (loaded[""] | loaded["--version"]) & {*MAY_LOAD, *BESIDES, "inspect"} == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each line is run in a fork")
def test_lists_of_commands_import_none_of_them(folder: Path) -> None:
    for line, found in loaded_by(folder, "-h", "ngram -h").items():
        assert {each for each in found if each.startswith(f"{COMMANDS}.")} <= {f"{COMMANDS}.ngram"}, line


def test_help_of_every_command_loads_nothing_heavy() -> None:
    told = (
        "import sys; from lmkit.cli.app import run; modules = sys.stderr; sys.stdout = open('/dev/null', 'w');"
        "codes = {run(line.split()) for line in sys.argv[1:]}; print(*codes, *sys.modules, file=modules)"
    )
    helps = ["--help", *(f"{name} --help" for name in names())]
    result = subprocess.run([sys.executable, "-c", told, *helps], capture_output=True, text=True, cwd=ROOT, check=True)
    code, *modules = result.stderr.split()
    assert code == "0"
    assert set(modules) & {*MAY_LOAD, *BESIDES} - {"tempfile"} == set()


def test_functions_of_arrow_are_asked_for_where_pandas_is_not_imported_for_them() -> None:
    """`pyarrow.array`, `pyarrow.scalar` and `.to_numpy()` import pandas, `pyarrow.compute` makes hundreds of functions."""
    slow = ("import pyarrow.compute", "pa.array(", "pa.scalar(", ".to_numpy(", ".dictionary_encode(", ".to_pandas(")
    modules = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in (ROOT / "lmkit").rglob("*.py")}
    found = {path.as_posix(): call for path, text in modules.items() for call in slow if call in text}
    assert found == {"lmkit/engine/frames/tabular.py": ".to_pandas("}  # where pandas is what is asked for
