"""lmkit generate: its options, its output, and what its documentation says."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from tests.conftest import CORPORA, ROOT, TOY, Result, shell, text_file
from tests.shell_lines import run_line

Run = Callable[..., Result]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--count", 0), ("--count", -1), ("--temperature", -1), ("--temperature", "nan"), ("--temperature", "inf"),
        ("--top", -1), ("--seed", -1), ("--max-length", 0), ("--prompt", "<s> le"),
    ],
)  # fmt: skip
def test_values_that_make_no_sense_are_refused(lmkit_run: Run, toy_counts: Path, arguments: tuple[str, object]) -> None:
    result = lmkit_run("generate", toy_counts, *arguments)
    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err


def test_files_that_are_no_models_are_refused(lmkit_run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", text_file(tmp_path, ""), TOY):
        result = lmkit_run("generate", path)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("lmkit: ")


def test_text_flows_through_pipes() -> None:
    train = "lmkit ngram train -q corpora/fr.train.tok | lmkit smooth -q --kneser-ney"
    result = run_line(f"{train} | lmkit generate - -q --count 500 --seed 1 | lmkit count --top 3")
    assert result.returncode == 0, result.stderr.decode()
    assert len(result.stdout.splitlines()) == 3
    closed = shell(f"{train} | lmkit generate - -q --count 50000 --seed 1 | head -n 1")
    assert (closed.returncode, closed.stderr, len(closed.stdout.splitlines())) == (0, b"", 1)


def test_the_python_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documentation = (ROOT / "docs" / "topics" / "generation.md").read_text(encoding="utf-8")
    shutil.copytree(CORPORA, tmp_path / "corpora")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", documentation, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code.replace("100_000", "100"), names)  # noqa: S102 (what readers are told to run)
    assert [round(float(value), 4) for value in names["predicted"].probabilities[:2]] == [0.8360, 0.0156]
    assert len(names["block"].lengths) == 100


def test_odd_words_come_out_unharmed(lmkit_run: Run, tmp_path: Path) -> None:
    words = '[UNK] "quoted" back\\slash 🙂 \u202fx {a} %s -5'
    lmkit.save(lmkit.count_ngrams(text_file(tmp_path, words + "\n"), 2), tmp_path / "c")
    assert lmkit_run("generate", tmp_path / "c", "--count", 1, "--seed", 0).out == words + "\n"
    assert json.loads(lmkit_run("generate", tmp_path / "c", "--count", 1, "--seed", 0, "--json").out)["text"] == words


def test_help_shows_an_example_and_the_cost_in_memory(lmkit_run: Run) -> None:
    out = lmkit_run("generate", "--help").out
    assert "\n  lmkit generate" in out
    assert "Memory: " in out


def test_without_a_seed_one_is_told_that_repeats_the_text(lmkit_run: Run, french_model: Path) -> None:
    result = lmkit_run("generate", french_model, "--count", 3)
    seed = re.fullmatch(r"lmkit: seed (\d+)\n", result.err)
    assert seed
    assert lmkit_run("generate", french_model, "--count", 3, "--seed", seed[1]).out == result.out
    assert lmkit_run("generate", french_model, "--count", 3, "--quiet").err == ""


def test_a_probability_of_zero_is_null(lmkit_run: Run, toy_counts: Path) -> None:
    """`voit` never begins a sentence of the counted text, but may be made to."""
    out = lmkit_run("generate", toy_counts, "--prompt", "voit", "--count", 1, "--seed", 0, "--json").out
    assert json.loads(out)["log10_prob"] is None


def test_top_0_is_all_words(lmkit_run: Run, french_model: Path) -> None:
    first, second = (lmkit_run("generate", french_model, "--seed", 2, *more).out for more in ((), ("--top", 0)))
    assert first == second
