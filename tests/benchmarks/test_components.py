"""The comparison of what stands beside n-grams in a mixture: what it runs, and what it makes of what is printed."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.components import rows, split, table
from tests.conftest import ROOT, text_file, train_text


def test_all_models_are_made_and_measured_by_one_command(tmp_path: Path) -> None:
    options = ["--train", "300", "--held", "50", "--classes", "5", "-o", str(tmp_path)]
    command = [sys.executable, "-m", "benchmarks.components", str(train_text("en")), *options]
    result = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=False)
    assert result.returncode == 0, result.stderr
    report = json.loads((tmp_path / "components.json").read_text(encoding="utf-8"))
    made = table(report["rows"])
    assert made in result.stdout
    assert made in (tmp_path / "components.md").read_text(encoding="utf-8")
    assert list(report["rows"]) == [row.name for row in rows(5)]
    measured = {row["figures"]["tokens"] for row in report["rows"].values() if "figures" in row}
    assert measured == {report["tokens"]["test.txt"] + 50}  # the same words and ends of sentences for all
    assert len({line.count("|") for line in made.splitlines()}) == 1


def test_what_is_measured_is_neither_learned_from_nor_tuned_on(tmp_path: Path) -> None:
    text = text_file(tmp_path, "".join(f"line {number}\n" for number in range(9)))
    assert split(text, tmp_path, 4, 2) == {"train.txt": 8, "tune.txt": 4, "test.txt": 4}
    parts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in ("train.txt", "tune.txt", "test.txt")}
    assert parts == {
        "train.txt": "line 0\nline 1\nline 2\nline 3\n",
        "tune.txt": "line 5\nline 6\n",
        "test.txt": "line 7\nline 8\n",
    }
