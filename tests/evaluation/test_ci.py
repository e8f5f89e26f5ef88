"""What CI systems see of gates: JUnit on every path, annotations and the summary of GitHub Actions, an action, hooks."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import lmkit
from lmkit.cli.output import github
from lmkit.errors import GateError, Place
from tests.conftest import CORPORA, ROOT, TOY, Run, text_file
from tests.documentation.test_documentation import check_screens

TEST = CORPORA / "fr.test.tok"


@pytest.fixture
def folder(tmp_path: Path, french_model: Path) -> Path:
    """A folder with a model and texts."""
    shutil.copy(french_model, tmp_path / "kn3.safetensors")
    shutil.copy(TEST, tmp_path / "test.tok")
    return tmp_path


def suite(folder: Path, *more: str) -> Path:
    """A suite with more lines."""
    lines = ['models.kn3 = "kn3.safetensors"', 'texts.test = "test.tok"', *more]
    return text_file(folder, "\n".join(lines) + "\n", "suite.toml")


@pytest.fixture
def actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if GitHub Actions ran: the file of the summary."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def one_error(report: Path) -> tuple[str, str]:
    """The message and the text of the one error in a report."""
    root = ET.parse(report).getroot()  # noqa: S314 (our own)
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    (error,) = root.iter("error")
    return error.get("message") or "", error.text or ""


def test_a_wrong_suite_has_a_report(lmkit_run: Run, folder: Path) -> None:
    file, report = suite(folder, "gates.max_perplexty = 3"), folder / "report.xml"
    result = lmkit_run("evaluate", file, "--junit", report)
    assert (result.code, result.out) == (1, "")
    message, text = one_error(report)
    assert message == f"{file} has 1 error, and nothing was done."
    assert text.startswith(f"{file}:3: unknown key 'max_perplexty' in [gates]")


@pytest.mark.parametrize("gone", ["kn3.safetensors", "suite.toml"])
def test_a_missing_file_has_a_report(lmkit_run: Run, folder: Path, gone: str) -> None:
    file, report = suite(folder), folder / "report.xml"
    (folder / gone).unlink()
    assert lmkit_run("evaluate", file, "--junit", report).code == 1
    assert gone in "".join(one_error(report))


def test_gates_that_fail_are_annotated_at_their_lines(lmkit_run: Run, folder: Path, actions: Path) -> None:
    file = suite(folder, "[gates]", "max_perplexity = 1")
    result = lmkit_run("evaluate", "-q", file)
    assert result.code == 3
    figure = lmkit.perplexity(lmkit.load(folder / "kn3.safetensors"), folder / "test.tok").perplexity
    told = f"kn3 on test: max_perplexity: perplexity is {figure:.10g}, above the limit of 1."
    assert f"\n::error file=suite.toml,line=4,title=lmkit::{told}\n" in result.err
    assert actions.read_text(encoding="utf-8").startswith(
        f"### lmkit evaluate {file}: failed\n\n| text | model | status |"
    )


def test_all_that_is_wrong_with_a_suite_is_annotated_and_summarized(
    lmkit_run: Run, folder: Path, actions: Path
) -> None:
    file = suite(folder, "gates.max_perplexty = 3", "other = 1")
    result = lmkit_run("evaluate", file)
    assert re.findall(r"^::error file=suite\.toml,line=(\d)", result.err, re.MULTILINE) == ["3", "4"]
    summary = actions.read_text(encoding="utf-8")
    assert summary.startswith(f"### lmkit evaluate {file}: error\n")
    assert summary.count("\n- ") == 2


@pytest.mark.usefixtures("actions")
def test_what_would_end_an_annotation_is_written_out(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As the runner reads it back: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts"""
    file = text_file(folder, "", "a,b:c%.toml")
    github.annotate(GateError("x", places=[Place(str(file), 2, "50 % of it\n::error::next")]))
    assert capfd.readouterr().err == "::error file=a%2Cb%3Ac%25.toml,line=2,title=lmkit::50 %25 of it%0A::error::next\n"


@pytest.mark.usefixtures("actions")
def test_a_gate_of_a_command_is_annotated_without_a_file(lmkit_run: Run, folder: Path) -> None:
    result = lmkit_run("perplexity", folder / "kn3.safetensors", TEST, "-q", "--fail-above", 1)
    assert result.code == 3
    assert "\n::error title=lmkit::the perplexity of the corpus is " in result.err


@pytest.mark.usefixtures("actions")
def test_what_keeps_a_gate_from_being_measured_is_annotated(lmkit_run: Run, folder: Path) -> None:
    result = lmkit_run("perplexity", folder / "none.safetensors", TEST, "-q", "--fail-above", 1)
    assert result.code == 1
    assert re.search(r"^::error title=lmkit::cannot read .*none\.safetensors: .*%0A", result.err, re.MULTILINE)
    file = text_file(folder, "[models]\nx = [\n", "broken.toml")
    told = lmkit_run("evaluate", file).err
    assert re.search(r"^::error file=broken\.toml,line=2,title=lmkit::.*this is not TOML", told, re.MULTILINE)


def test_a_suite_that_cannot_be_measured_is_an_error_in_the_summary(
    lmkit_run: Run, folder: Path, actions: Path
) -> None:
    (folder / "test.tok").write_text("", encoding="utf-8")
    file = suite(folder, "gates.max_perplexity = 1000")
    assert lmkit_run("evaluate", "-q", file).code == 1
    assert actions.read_text(encoding="utf-8").startswith(f"### lmkit evaluate {file}: error\n")


def test_the_summary_of_compare_has_figures_as_its_markdown_has_them(
    lmkit_run: Run, folder: Path, laplace: Path, actions: Path
) -> None:
    line = ["compare", folder / "kn3.safetensors", laplace, TEST, "-q"]
    assert lmkit_run(*line, "--fail-worse-by", 1000).code == 0
    rows = [row for row in lmkit_run(*line, "--as", "markdown").out.splitlines() if "| signature |" not in row]
    assert "| tokens | 731 | 731 |  |  |  |" in rows
    assert set(rows) - {rows[1]} <= set(actions.read_text(encoding="utf-8").splitlines())


def test_nothing_is_annotated_elsewhere(lmkit_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    assert "::error" not in lmkit_run("evaluate", suite(folder, "gates.max_perplexity = 1")).err
    assert not (folder / "summary.md").exists()


def test_summaries_are_added_to(lmkit_run: Run, folder: Path, actions: Path) -> None:
    file = suite(folder, "gates.max_perplexity = 1000")
    for _ in range(2):
        assert lmkit_run("evaluate", "-q", file).code == 0
    assert actions.read_text(encoding="utf-8").count(": passed\n") == 2


@pytest.mark.usefixtures("actions")
def test_a_summary_that_cannot_be_written_fails_no_gate(
    lmkit_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "none" / "summary.md"))
    result = lmkit_run("evaluate", "-q", suite(folder, "gates.max_perplexity = 1000"))
    assert result.code == 0
    assert "the summary of the job could not be written" in result.err


@pytest.fixture
def laplace(folder: Path) -> Path:
    """A worse model than the other one."""
    path = folder / "laplace.safetensors"
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(CORPORA / "fr.train.tok", 3)), path)
    return path


@pytest.mark.parametrize(("share", "code"), [("0", 3), ("-0.02", 3), ("1000", 0)])
def test_compare_fails_where_b_is_worse_than_a_by_more_than_a_share(
    lmkit_run: Run, folder: Path, laplace: Path, share: str, code: int
) -> None:
    line = ["compare", folder / "kn3.safetensors", laplace, TEST, "-q", "--fail-worse-by", share]
    assert lmkit_run(*line).code == code
    assert lmkit_run(*line, "--json").out.count('"gate": {"gate": "no_worse_than"') == 1


def test_the_gate_of_compare_is_that_of_a_suite(lmkit_run: Run, folder: Path, laplace: Path, actions: Path) -> None:
    """For both, the perplexity may be (1 + margin) times the other one, and with `significant` the interval has to lie beyond."""
    gate = ["[[gate]]", "model = 'laplace'", "no_worse_than = 'kn3'"]
    for margin, significant in ((0.0, False), (0.3, True), (5.0, True)):
        more = [f"margin = {margin}", f"significant = {str(significant).lower()}"]
        file = suite(folder, 'models.laplace = "laplace.safetensors"', *gate, *more)
        (check,) = lmkit.evaluate(file).checks
        line = ["compare", folder / "kn3.safetensors", laplace, TEST, "-q", "--fail-worse-by", margin]
        result = lmkit_run(*line, *["--significant"] * significant)
        assert result.code == {"fail": 3, "pass": 0}[check.status]
        told = check.reason.replace(" kn3", f" {folder / 'kn3.safetensors'}")
        assert told in result.err or result.code == 0
    assert actions.read_text(encoding="utf-8").count("### lmkit compare ") == 3


def test_how_sure_a_gate_is_to_be_needs_a_gate(lmkit_run: Run, folder: Path) -> None:
    result = lmkit_run("compare", folder / "kn3.safetensors", folder / "kn3.safetensors", TEST, "--significant")
    assert (result.code, result.err) == (2, "lmkit: --significant is for --fail-worse-by.\nGive both.\n")


yaml = pytest.importorskip("yaml", reason="which pre-commit brings")


def loaded(name: str) -> Any:
    """What is in a YAML file of the repository."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def in_action(folder: Path, **inputs: str) -> "subprocess.CompletedProcess[bytes]":
    """How the step of the action that checks gates ends in a folder."""
    (step,) = [step for step in loaded("action.yml")["runs"]["steps"] if step.get("id") == "gates"]
    defaults = {name: each["default"] for name, each in loaded("action.yml")["inputs"].items()}
    given = defaults | inputs
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
        for name, value in step["env"].items()
    }
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "lmkit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lmkit "$@"\n', encoding="utf-8")
    (folder / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    for name in ("lmkit", "python"):
        (folder / "bin" / name).chmod(0o755)
    environment = os.environ | variables | {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "GITHUB_OUTPUT": str(folder / "output"),
    }  # fmt: skip
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]  # as the runner calls it
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def test_the_action_runs_a_suite_and_says_where_the_report_is(folder: Path) -> None:
    suite(folder, "gates.max_perplexity = 1")
    result = in_action(folder, suite="suite.toml")
    assert result.returncode == 3, result.stderr.decode()
    assert (folder / "output").read_text(encoding="utf-8") == "junit=lmkit-junit.xml\n"
    assert ET.parse(folder / "lmkit-junit.xml").getroot().get("failures") == "1"  # noqa: S314 (our own)


def test_the_action_runs_a_command_whose_words_are_no_shell(folder: Path) -> None:
    command = "perplexity 'kn3.safetensors' test.tok --fail-above 1000 -q --json"
    result = in_action(folder, command=command)
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout.startswith(b'{"perplexity"')
    assert in_action(folder, command=f"{command} $(touch seen)").returncode == 1  # files of that name
    assert not (folder / "seen").exists()


def test_the_action_wants_something_to_do(folder: Path) -> None:
    assert in_action(folder).returncode == 2


def test_all_inputs_of_the_action_are_used_and_none_is_pasted_into_a_script() -> None:
    action = loaded("action.yml")
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert action["runs"]["using"] == "composite"
    assert set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", text)) == set(action["inputs"])
    assert all("${{" not in step.get("run", "") for step in action["runs"]["steps"])
    assert all(step.get("shell") for step in action["runs"]["steps"] if "run" in step)


HOOKS: dict[str, Callable[[Path], tuple[list[Any], int]]] = {
    "lmkit-evaluate": lambda folder: ([suite(folder, "gates.max_perplexity = 1")], 3),
    "lmkit-matches": lambda _: ([TOY, TOY, "--fail-above", "0.01", "--min", "2"], 3),
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_runs_with_the_arguments_that_a_repository_gives_it(lmkit_run: Run, folder: Path, name: str) -> None:
    hooks = {hook["id"]: hook for hook in loaded(".pre-commit-hooks.yaml")}
    assert set(hooks) == set(HOOKS)
    program, *words = hooks[name]["entry"].split()
    arguments, code = HOOKS[name](folder)
    assert program == "lmkit"
    assert hooks[name]["language"] == "python"
    assert lmkit_run(*words, *arguments).code == code


def test_the_page_on_gates_shows_what_is_printed(folder: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "gate-in-ci.md").read_text(encoding="utf-8")
    shutil.copytree(CORPORA, folder / "corpora")
    (told,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    text_file(folder, told, "suite.toml")
    assert check_screens(page, folder) == 5


def test_what_the_docs_show_of_the_action_and_the_hooks_is_there() -> None:
    page = (ROOT / "docs" / "how-to" / "gate-in-ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    steps = [step for block in blocks for job in block.get("jobs", {}).values() for step in job["steps"]]
    used = [step["with"] for step in steps if step.get("uses", "").startswith("OWNER/lmkit@v")]
    assert used
    assert {name for inputs in used for name in inputs} <= set(loaded("action.yml")["inputs"])
    shown = {hook["id"] for block in blocks for repository in block.get("repos", ()) for hook in repository["hooks"]}
    assert shown == {hook["id"] for hook in loaded(".pre-commit-hooks.yaml")}
