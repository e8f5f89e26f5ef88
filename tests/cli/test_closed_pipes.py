"""A closed standard output ends the printing, not the work: files are written, and exit codes stay."""

import os
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from lmkit.cli.app import run
from tests.conftest import CASES, shell, train_text
from tests.shell_lines import standard_streams

MODEL, TEXT = CASES / "base.arpa", CASES / "t.txt"


def unread(*arguments: object, given: int | None = None) -> int:
    """The exit code of an lmkit command whose standard output is a pipe that nobody reads."""
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        with tempfile.TemporaryFile() as rest, standard_streams(given or rest.fileno(), theirs, rest.fileno()):
            return run([str(argument) for argument in arguments])
    finally:
        os.close(theirs)


def test_a_repaired_model_is_written_although_nobody_reads_the_problems(tmp_path: Path) -> None:
    fixed = tmp_path / "fixed.arpa"
    assert unread("ngram", "check", "-q", MODEL, "--repair", "-o", fixed) == 1  # sums are still wrong
    assert fixed.is_file()


@pytest.mark.parametrize("options", ["", "--by sentence", "--by token", "--by file", "--json"])
def test_a_gate_fails_although_nobody_reads_the_figures(options: str) -> None:
    assert unread("perplexity", "-q", MODEL, TEXT, *options.split(), "--fail-above", 1) == 3


def test_a_gate_of_a_suite_fails_although_nobody_reads_the_table(tmp_path: Path) -> None:
    suite, report = tmp_path / "suite.toml", tmp_path / "report.xml"
    suite.write_text(f'models.m = "{MODEL}"\ntexts.t = "{TEXT}"\ngates.max_perplexity = 1\n', encoding="utf-8")
    assert unread("evaluate", "-q", suite, "--junit", report) == 3
    assert report.is_file()
    assert unread("evaluate", "-q", suite, "--junit", "/dev/stdout") == 3


def test_the_best_smoothing_is_kept_although_nobody_reads_the_comparison(tmp_path: Path) -> None:
    counts, best = tmp_path / "counts.safetensors", tmp_path / "best.safetensors"
    assert unread("ngram", "train", "-q", "-n", 2, TEXT, "-o", counts) == 0
    assert unread("smooth", "-q", "--all", "--held-out", TEXT, counts, "-o", best) == 0
    assert best.is_file()


@pytest.mark.parametrize("command", ["tokenize -q", f"perplexity -q {MODEL} --by token", "sentences -q"])
def test_a_pure_listing_of_an_endless_text_ends_when_nobody_reads(command: str) -> None:
    with subprocess.Popen(["yes", "Le chat dort."], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as endless:
        assert endless.stdout is not None
        assert unread(*command.split(), given=endless.stdout.fileno()) == 0
        endless.stdout.close()


def test_a_listing_ends_with_its_reader() -> None:
    ended = shell("lmkit tokenize -q < <(yes 'Le chat dort.') | head -n 1; echo ${PIPESTATUS[0]}")
    assert ended.stdout.decode().splitlines() == ["Le chat dort.", "0"]


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "pipe"])
def test_other_outputs_are_whole_although_nobody_reads_one_of_them(
    tmp_path: Path, english_model: Path, output: str
) -> None:
    rejected = tmp_path / "rejected.txt"
    line = ["filter", "-q", english_model, *[train_text("en")] * 5, "--keep", "50%", "--rejected", rejected]
    assert unread(*line, "-o", tmp_path / "x.txt") == 0
    whole = rejected.read_bytes()
    assert len(whole) > 1 << 15
    rejected.unlink()
    if output == "pipe":
        output = str(tmp_path / output)
        os.mkfifo(output)
        threading.Thread(target=lambda: open(output, "rb").close()).start()  # noqa: PTH123
    assert unread(*line, "-o", output) == 0
    assert rejected.read_bytes() == whole


def test_wrong_usage_stays_so_although_nobody_reads_what_is_told() -> None:
    assert shell("lmkit perplexity --nonsense 2>&1 | true; echo ${PIPESTATUS[0]}").stdout == b"2\n"


def test_an_error_stays_an_error_although_nobody_reads() -> None:
    assert unread("perplexity", "missing.arpa", TEXT) == 1
    assert unread("count", "--nonsense") == 2
    assert unread("--help") == 0
