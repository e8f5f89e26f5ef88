"""A folder with models of two families, and a recipe of both.

`hashed.bin` is a hash table of KenLM's: it gives texts probabilities and lists no n-grams, so that no n-gram model holds a mixture with it.
"""

import io
import shutil
from pathlib import Path

import pytest

import lmkit
from tests.conftest import Run, train_text


def trained(text: bytes, order: int, name: str, folder: Path) -> None:
    """A file of a Witten–Bell model."""
    lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(io.BytesIO(text), order), precision="double"), folder / name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models of the two halves of the French text, one of them hashed, and an English one."""
    folder = tmp_path_factory.mktemp("recipes")
    lines = train_text("fr").read_bytes().splitlines(keepends=True)
    trained(b"".join(lines[:200]), 3, "a.safetensors", folder)
    trained(b"".join(lines[200:]), 2, "b.arpa.gz", folder)
    trained(b"".join(lines[200:]), 2, "hashed.bin", folder)
    trained(b"".join(train_text("en").read_bytes().splitlines(keepends=True)[:50]), 2, "en.safetensors", folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the working directory."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def recipe(folder: Path, lmkit_run: Run) -> Path:
    """A recipe of an n-gram model and a hashed one."""
    lmkit_run("ngram", "mix", "a.safetensors", "hashed.bin", "--weight", "0.7,0.3", "-o", "m.recipe.json")
    return folder / "m.recipe.json"
