"""The comparison of a step of training: what is run, and the tables made of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.neural.__main__ import scores_table, steps_table
from benchmarks.neural.stepping import Work
from tests.conftest import ROOT


def test_the_text_is_of_whole_sentences_of_known_words() -> None:
    text = Work(types=50, threads=1).text()
    assert (text[0], text[-1]) == (1, 0)
    np.testing.assert_array_equal(np.flatnonzero(text == 0)[:-1] + 1, np.flatnonzero(text == 1)[1:])
    assert 2 < text[text > 1].min() < text.max() < 50


def test_what_is_told_to_a_process_is_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(types=50, threads=2, layers=1)
    monkeypatch.setattr(sys, "argv", ["steps", work.as_argument()])
    assert Work.told() == work


@pytest.mark.parametrize("job", ["step", "score"])
def test_a_table_is_made_by_one_command(job: str, tmp_path: Path) -> None:
    options = ["--types", "20", "--threads", "1", "--runs", "1", "--torch", "", "-o", str(tmp_path)]
    command = [sys.executable, "-m", "benchmarks.neural", job, *options]
    result = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=False)
    assert result.returncode == 0, result.stderr
    rows: list[dict[str, Any]] = json.loads((tmp_path / f"{job}.json").read_text(encoding="utf-8"))["rows"]
    table = {"step": steps_table, "score": scores_table}[job](rows)
    assert table in result.stdout
    assert table in (tmp_path / f"{job}.md").read_text(encoding="utf-8")
    assert table.splitlines()[-1].startswith("| 20 | 1 | ")


def test_a_table_has_ratios_where_both_were_timed() -> None:
    times = {what: {"min": 1.0, "median": 2.0, "max": 3.0} for what in ("cpu_ms", "wall_ms")}
    row = {"types": 8000, "threads": 2, "lmkit": times, "PyTorch": times, "ratio": times}
    assert steps_table([row]).splitlines()[-1] == (
        "| 8,000 | 2 | 2.0 | 2.0 | 2.00 (1.00 to 3.00) | 2.0 | 2.0 | 2.00 (1.00 to 3.00) |"
    )
