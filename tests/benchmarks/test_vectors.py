"""The comparison of methods of word vectors: what it runs, and what it makes of what is printed."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.vectors.methods import Training, english, french
from benchmarks.vectors.tables import answers_table, methods_table, sections_table
from benchmarks.vectors.trained import json_in
from tests.conftest import ROOT, TOY, Run, train_text

TRAINING = Training(dimensions=4, cutoff=1, window=2, epochs=1)


@pytest.mark.parametrize("name", TRAINING.methods())
def test_each_method_is_a_command_line_of_this_lmkit(name: str, lmkit_run: Run, tmp_path: Path) -> None:
    line = TRAINING.methods()[name]
    if " word2vec " in line:
        pytest.importorskip("gensim", reason="pip install 'lmkit[word2vec]'")
    vectors = tmp_path / "v.safetensors"
    result = lmkit_run(*shlex.split(line.format(text=TOY, vectors=vectors))[1:])
    assert (result.code, result.err) == (0, "")
    assert vectors.is_file()


def test_the_sets_are_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "simlex999.txt").write_text("old\tnew\tA\t1.58\n", encoding="utf-8")
    assert [path.name for path in english(TOY, tmp_path).sets] == ["simlex999.txt"]
    assert all(path.is_file() for path in french(TOY).sets)


def test_json_is_found_behind_narration() -> None:
    assert json_in('lmkit: 3 words\n[{"answer": "reine"}]\nlmkit: done\n') == [{"answer": "reine"}]
    assert json_in('{"figures": []}\n') == {"figures": []}


def test_tables_of_french_vectors_are_made_by_one_command(tmp_path: Path) -> None:
    """On a text so small that nothing is answered well, and words of the analogy are not known."""
    options = ["-d", "5", "--cutoff", "1", "--method", "PPMI-SVD", "-o", str(tmp_path)]
    command = [sys.executable, "-m", "benchmarks.vectors", "--french", str(train_text("fr")), *options]
    result = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=False)
    assert result.returncode == 0, result.stderr
    report = json.loads((tmp_path / "vectors.json").read_text(encoding="utf-8"))
    found = report["languages"]["French"]
    for table in (methods_table(found), sections_table(found), answers_table(found)):
        assert table in result.stdout
        assert table in (tmp_path / "vectors.md").read_text(encoding="utf-8")
    (row,) = (line for line in methods_table(found).splitlines() if line.startswith("| PPMI-SVD |"))
    assert row.count("|") == methods_table(found).splitlines()[0].count("|")
    assert found["methods"]["PPMI-SVD"]["cost"]["cpu_s"]["median"] > 0


def figure(kind: str, section: str | None, value: float | None) -> dict[str, object]:
    """A figure as `lmkit vectors evaluate --json` has it."""
    name = "wordsim353.tsv" if kind == "spearman" else "fr.analogies.txt"
    interval = {"low": None if value is None else value - 0.1, "high": None if value is None else value + 0.1}
    of_section = {} if section is None else {"section": section}
    return {"set": name, **of_section, "figure": kind, "value": value, **interval, "answered": 20, "all": 1115}


def test_rows_have_what_the_columns_say() -> None:
    figures = [figure("spearman", None, 0.5)]
    figures += [
        figure(kind, part, value)
        for kind, value in (("3cosadd", 0.25), ("3cosmul", None))
        for part in ("gender", "total")
    ]
    cost = {name: {"median": value} for name, value in (("cpu_s", 3.21), ("wall_s", 2.0), ("peak_mb", 123.4))}
    asked = {"add": [{"answer": "princesse"}, {"answer": "reine"}], "mul": {"refused": "roi is not known"}}
    row = {"figures": figures, "cost": cost, "analogy": asked}
    language = {"answer": "reine", "methods": {"SVD": row, "GloVe": {"refused": "no such command"}}}
    assert methods_table(language).splitlines() == [
        "| method | wordsim353, ρ (20 of 1,115) | fr.analogies, 3CosAdd; 3CosMul, % (20 of 1,115) | CPU s | wall s | peak MB |",
        "|---|---|---|---|---|---|",
        "| SVD | 0.500 (0.40 to 0.60) | 25.0; – | 3.2 | 2.0 | 123 |",
        "",
        "GloVe: absent: no such command",
    ]
    assert sections_table(language).splitlines()[-1] == "| SVD | 25.0 |"
    assert answers_table(language).splitlines()[-1] == "| SVD | princesse, **reine** | roi is not known |"
