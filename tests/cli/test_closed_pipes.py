"""A closed standard output ends the printing, not the work: files are written, and exit codes stay."""

from pathlib import Path

import pytest

from tests.conftest import ROOT, shell

CASES = ROOT / "tests" / "cases"
MODEL, TEXT = CASES / "base.arpa", CASES / "t.txt"


def first_code(pipe: str) -> int:
    """The exit code of the first command of a pipe."""
    return int(shell(f"{pipe}; echo ${{PIPESTATUS[0]}} >&2").stderr.split()[-1])


def test_a_repaired_model_is_written_although_nobody_reads_the_problems(tmp_path: Path) -> None:
    fixed = tmp_path / "fixed.arpa"
    assert first_code(f"lmkit ngram check -q {MODEL} --repair -o {fixed} | true") == 1  # sums are still wrong
    assert fixed.is_file()


@pytest.mark.parametrize("options", ["", "--by sentence", "--by token", "--by file", "--json"])
def test_a_gate_fails_although_nobody_reads_the_figures(options: str) -> None:
    assert first_code(f"lmkit perplexity -q {MODEL} {TEXT} {options} --fail-above 1 | true") == 3


def test_a_gate_of_a_suite_fails_although_nobody_reads_the_table(tmp_path: Path) -> None:
    suite, report = tmp_path / "suite.toml", tmp_path / "report.xml"
    suite.write_text(f'models.m = "{MODEL}"\ntexts.t = "{TEXT}"\ngates.max_perplexity = 1\n', encoding="utf-8")
    assert first_code(f"lmkit evaluate -q {suite} --junit {report} | true") == 3
    assert report.is_file()
    assert first_code(f"lmkit evaluate -q {suite} --junit /dev/stdout | true") == 3


def test_the_best_smoothing_is_kept_although_nobody_reads_the_comparison(tmp_path: Path) -> None:
    counts, best = tmp_path / "counts.safetensors", tmp_path / "best.safetensors"
    line = f"lmkit ngram train -q -n 2 {TEXT} -o {counts} && lmkit smooth -q --all --held-out {TEXT} {counts} -o {best}"
    assert first_code(f"{line} | true") == 0
    assert best.is_file()


@pytest.mark.parametrize("command", ["tokenize -q", f"perplexity -q {MODEL} --by token", "sentences -q"])
def test_a_pure_listing_of_an_endless_text_ends_with_its_reader(command: str) -> None:
    assert first_code(f"lmkit {command} < <(yes 'Le chat dort.') | head -n 1") == 0


def test_an_error_stays_an_error_although_nobody_reads() -> None:
    assert first_code(f"lmkit perplexity missing.arpa {TEXT} | true") == 1
    assert first_code("lmkit count --nonsense | true") == 2
    assert first_code("lmkit --help | true") == 0
