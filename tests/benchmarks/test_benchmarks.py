"""The benchmarks, as far as they can be wrong without anyone's noticing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lmkit
from benchmarks.generating import write_text
from benchmarks.history import COLUMNS, Figure, history_head, history_line
from benchmarks.jobs import Job, all_jobs
from benchmarks.measuring import Command, Measured, Refused, measure_alternating, ratios, run, too_busy
from benchmarks.programs import HIDING, LAUNCHERS, Lmkit, available, find_peers, lmkits
from benchmarks.tables import markdown
from benchmarks.texts import TIMES, prepare_texts
from tests.conftest import ROOT

FIGURES = [figure for figures in COLUMNS.values() for figure in figures]


@pytest.fixture(autouse=True)
def path_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A checkout whose lmkit is of version 9.9."""
    checkout = tmp_path / "other"
    shutil.copytree(ROOT / "lmkit", checkout / "lmkit")
    file = checkout / "lmkit" / "version.py"
    file.write_text(file.read_text(encoding="utf-8").replace(lmkit.__version__, "9.9"), encoding="utf-8")
    return checkout


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_benchmarks_time_two_lmkits_and_check_their_results(work: Path, other: Path) -> None:
    options = [
        "--quick",
        "--order",
        "3",
        "--jobs",
        "core,bigrams,score,files",
        "--lmkit",
        str(other),
        "--folder",
        str(work),
    ]
    command = [sys.executable, "-m", "benchmarks", "corpora/fr.train.tok", *options]
    result = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for job in ("count -n 2", "perplexity, one worker"):
        assert f"lmkit {job} : lmkit 9.9 {job}: " in result.stdout
    assert result.stdout.count("bytes an n-gram") >= 2
    assert list(work.iterdir()) == []


def test_each_lmkit_is_run_from_its_checkout(work: Path, other: Path) -> None:
    this, that = lmkits([other], work)
    assert (this.name, that.name, that.revision) == ("lmkit", "lmkit 9.9", "9.9")
    for launcher in LAUNCHERS:
        printed = [run(program.command(f"{launcher} --version")).printed.strip() for program in (this, that)]
        assert printed == [f"lmkit {lmkit.__version__}", "lmkit 9.9"]


def test_pandas_can_be_hidden(tmp_path: Path) -> None:
    (tmp_path / "pandas.py").touch()
    code = "import sys{}\nimport pandas"
    shown, hidden = (
        subprocess.run(
            [sys.executable, "-c", code.format(before)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for before in ("", HIDING)
    )
    assert shown.returncode == 0
    assert "ModuleNotFoundError: pandas" in hidden.stderr


def test_a_folder_without_lmkit_is_refused(work: Path) -> None:
    with pytest.raises(SystemExit, match=r"there is no lmkit/__main__\.py in it"):
        lmkits([work], work)


def test_peers_are_found_in_folders_given_then_in_those_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, name in (("a", "peer-a"), ("b", "peer-b"), ("c", "peer-c"), ("a", "peer"), ("c", "peer")):
        program = tmp_path / folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("LMKIT_PEERS", os.pathsep.join([str(tmp_path / "b"), str(tmp_path / "c")]))
    assert not available("peer-a")
    find_peers([str(tmp_path / "a")])
    assert all(available(f"peer-{letter}") for letter in "abc")
    assert shutil.which("peer") == str(tmp_path / "a" / "peer")


def test_ratios_are_taken_run_by_run() -> None:
    ours = [Measured(1, 2, 50, ""), Measured(2, 2, 100, ""), Measured(4, 1, 100, "")]
    theirs = [Measured(10, 4, 100, ""), Measured(10, 2, 100, ""), Measured(10, 8, 100, "")]
    assert ratios(ours, theirs) == {
        "wall": {"min": 2.5, "median": 5, "max": 10},
        "cpu": {"min": 1, "median": 2, "max": 8},
        "memory": {"min": 0.5, "median": 1, "max": 1},
    }


def test_what_an_lmkit_lacks_is_absent_and_what_fails_stops(tmp_path: Path) -> None:
    commands = {"lmkit a": Command("echo no such option >&2; exit 2", tmp_path), "lmkit b": Command("true", tmp_path)}
    results, refused = measure_alternating(commands, 2)
    assert (list(results), refused) == (["lmkit b"], {"lmkit a": "no such option"})
    with pytest.raises(Refused):
        measure_alternating({"peer": Command("exit 2", tmp_path)}, 1)
    with pytest.raises(SystemExit, match="failed"):
        measure_alternating({"lmkit": Command("exit 1", tmp_path)}, 1)


def test_other_work_is_told_by_busy_cores_and_where_these_are_unknown_by_the_load() -> None:
    assert too_busy({"average": 0.1, "busy_cores": 1.0})
    assert not too_busy({"average": 2.0, "busy_cores": 0.1})
    assert too_busy({"average": 1.1})


def test_texts_are_cut_halved_and_multiplied(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("".join(f"a b c {number}\n" for number in range(100)), encoding="utf-8")
    assert prepare_texts(tmp_path, text, None, 83, cut=True) == "text, cut to 83 words"
    parts = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.tok")}
    assert len(parts["all"].split()) == 80
    assert parts["first"] + parts["second"] == parts["all"]
    assert parts["large"] == parts["second"] * TIMES
    assert parts["more"] == parts["all"] + parts["first"]


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_every_figure_of_the_history_is_measured_by_a_job(figure: Figure) -> None:
    job = all_jobs(5, "600M")[figure.job]
    assert figure.ours in job.ours
    assert not figure.peer or figure.peer in job.peers
    assert figure.what != "bytes" or (figure.ours in job.files and job.ngrams_of)


def test_files_are_named_for_commands_that_a_job_has() -> None:
    jobs: dict[str, Job] = all_jobs(5, "600M")
    for job in jobs.values():
        assert job.files.keys() <= job.ours.keys() | job.peers.keys()


def test_a_line_of_history_holds_ratios_and_a_dash_for_what_is_missing(tmp_path: Path) -> None:
    ratio = {"wall": {"median": 8.774}, "cpu": {"median": 6.18}, "memory": {"median": 0.447}}
    jobs: dict[str, Any] = {}
    for figure in FIGURES:
        job = jobs.setdefault(figure.job, {"results": {}, "ratios": {}, "ngrams": 1000})
        job["results"][f"lmkit {figure.ours}"] = {"cpu_s": {"median": 0.654}, "file_bytes": 12_900}
        job["ratios"][f"lmkit {figure.ours} : {figure.peer}"] = ratio
    machine = {"cores": 2, "processor": "Z80", "memory_gb": 24}
    report = {"date": "2026-11-23", "machine": machine, "jobs": jobs}
    head = [cell.strip() for cell in history_head().splitlines()[0].strip("|").split("|")]
    filled, empty = (
        dict(zip(head, [cell.strip() for cell in line.strip("|").split("|")], strict=True))
        for line in (
            history_line(report, Lmkit("lmkit", tmp_path, "1.0", tmp_path)),
            history_line(report, Lmkit("lmkit 2.0", tmp_path, "2.0", tmp_path)),
        )
    )
    assert filled["machine"] == "2 cores Z80, 24 GB"
    assert (filled["revision"], empty["revision"]) == ("1.0", "2.0")
    assert filled["one step"] == "8.77 (6.18)"
    assert filled["peak memory: two steps; one"] == "0.45; 0.45"
    assert filled["bytes an n-gram; compact"] == "12.9; 12.9"
    assert filled["start, CPU s: perplexity; count; --version"] == "0.65; 0.65; 0.65"
    assert (empty["one step"], empty["bytes an n-gram; compact"]) == ("–", "–; –")


def test_the_table_of_a_report_has_the_ratios_of_this_lmkit_beside_each_peer() -> None:
    row = {what: {"median": 2.0} for what in ("wall_s", "cpu_s", "peak_mb")}
    ratio, wrong = ({what: {"min": n, "median": n + 1, "max": n + 2} for what in ("wall", "cpu")} for n in (3.0, 7.0))
    job = {
        "title": "work",
        "results": {"lmkit a": {**row, "file_bytes": 1_500_000}, "lmkit 0.9 a": row, "peer": row},
        "ratios": {"lmkit a : peer": ratio, "lmkit 0.9 a : peer": wrong, "lmkit a : lmkit 0.9 a": ratio},
    }
    rows = markdown({"revisions": ["1.0", "0.9"], "jobs": {"work": job}}).splitlines()[3:]
    assert rows == [
        "| lmkit a | 2.00 | 2.00 | 2 | 1.5 |  |",
        "| lmkit 0.9 a | 2.00 | 2.00 | 2 |  | 4.00 (3.00 to 5.00); 4.00 (3.00 to 5.00) |",
        "| peer | 2.00 | 2.00 | 2 |  | 4.00 (3.00 to 5.00); 4.00 (3.00 to 5.00) |",
    ]


def test_the_history_has_the_columns_that_are_written() -> None:
    lines = (ROOT / "benchmarks" / "HISTORY.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table[:2] == history_head().splitlines()
    assert len(table) > 2
    assert {line.count("|") for line in table} == {table[0].count("|")}


def test_generated_texts_are_the_same_for_a_seed_and_as_long_as_asked(tmp_path: Path) -> None:
    texts = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_text(tmp_path / name, 5000, seed)
        texts.append((tmp_path / name).read_text(encoding="utf-8"))
    assert texts[0] == texts[1] != texts[2]
    counted = lmkit.count_ngrams(tmp_path / "a", 2)
    assert counted.tokens == 5000
    assert counted.ngrams()[2] < 4500  # some pairs of words come again
