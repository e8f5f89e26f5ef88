"""Vocabularies: words and their ids."""

import subprocess
import sys


def test_a_vocabulary_needs_no_reader_of_files() -> None:
    code = (
        "import sys, lmkit; lmkit.Vocabulary; print(*sorted(name for name in sys.modules if name.startswith('lmkit')))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "lmkit.text.vocabulary" in found
    assert [
        name for name in found if name.startswith(("lmkit.text.sources", "lmkit.engine.files", "lmkit.engine.remote"))
    ] == []
