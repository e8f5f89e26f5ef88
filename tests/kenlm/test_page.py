"""The Python of the page on decoding."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_the_python_of_the_page_runs(french_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(french_model, tmp_path / "kn3.safetensors")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "topics" / "decoding.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(code, names)  # noqa: S102
    assert names["words"] == ["il", "y", "a", "du", "monde", ".", "</s>"]
