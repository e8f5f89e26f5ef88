"""In Python, messages name keywords; at the command line, options."""

import ast
import inspect
import pickle
import re
from collections import defaultdict
from contextvars import Context
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.audience import COMMAND, KEYWORDS, LITERAL, at_the_command_line, in_python
from lmkit.cli import command
from lmkit.text.settings import SETTINGS
from tests.conftest import ROOT, Run

OPTION = re.compile(r"(?<![\w'\"-])--(no-)?([a-z][a-z0-9-]*[a-z0-9])")
VALUE = re.compile(r"(?<![\w'\"-])--([a-z][a-z0-9-]*[a-z0-9]) ([\w:-]*\w)")
FOR_COMMANDS_ONLY = {
    "force",
    "from",
    "to",
    "jelinek-mercer",
    "katz",
    "laplace",
    "stupid-backoff",
    "absolute",
}  # also helps of flags


def in_the_open(text: str) -> str:
    """What is told to whoever calls lmkit from Python."""
    return Context().run(in_python, text)


@cache
def written_messages() -> list[tuple[str, str]]:
    """The texts of the library, and where each is; without documentation, without commands that are quoted whole, and without pages."""
    found = []
    for path in sorted((ROOT / "lmkit").rglob("*.py")):
        if "cli" in path.parts or path.name == "page.py":  # of the web, where --x is a variable of CSS
            continue
        nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
        documented = {
            id(node.body[0].value)
            for node in nodes
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
        }
        parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented | parts:
                text = node.value
            else:
                continue
            found.append((f"{path.relative_to(ROOT)}:{node.lineno}", re.sub(COMMAND, "", text)))
    return found


def keywords() -> set[str]:
    """The names of all that can be given in Python."""
    found: set[str] = set()
    for name in dir(lmkit):
        value: Any = getattr(lmkit, name)
        for callable_ in (value, *(vars(value).values() if inspect.isclass(value) else ())):
            if callable(callable_):
                try:
                    found |= set(inspect.signature(callable_).parameters)
                except ValueError:  # of a built-in
                    continue
    return found


def test_every_option_in_a_message_of_the_library_is_a_keyword_in_python() -> None:
    known = keywords() | FOR_COMMANDS_ONLY
    missing = {
        option: place
        for place, text in written_messages()
        for _, option in OPTION.findall(text)
        if option not in KEYWORDS and option.replace("-", "_") not in known and option not in known
    }
    assert missing == {}


def test_all_names_in_python_that_are_not_the_option_s_are_needed() -> None:
    told = {option for _, text in written_messages() for _, option in OPTION.findall(text)}
    assert KEYWORDS.keys() - told == set()


def values_of_options() -> dict[str, set[str]]:
    """The words that are values, by option."""
    found: dict[str, set[str]] = defaultdict(set, {"history": {"self"}})
    for name in command.names():
        for each in command.parameters_of(command.declared(command.found_by(name.split())[1])):
            names = each.told.how.get("complete", ())
            for switch in [] if each.is_argument else each.names:
                found[switch.removeprefix("--")] |= {*each.choices, *(names() if callable(names) else names)}
    return found


def test_words_that_are_values_in_messages_are_those_that_options_take() -> None:
    """Where a message is made of a setting, it may tell any of its values."""
    values, literal = values_of_options(), set(LITERAL.split("|"))
    told = {found for _, text in written_messages() for found in VALUE.findall(text)}
    assert {(option, word) for option, word in told if word in literal and word not in values[option]} == set()
    written = {word for option, word in told if word in values[option]}
    assert literal == written.union(*(values[each.option] for each in SETTINGS.values()))


def test_no_message_of_the_library_names_an_option_in_python() -> None:
    left = {place: text for place, text in written_messages() if OPTION.search(in_the_open(text))}
    assert left == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Name another with --tmp.", "Name another with tmp."),
        ("Use --reserved skip to treat it as white space", 'Use reserved="skip" to treat it as white space'),
        ("Say --format jsonl, csv, tsv or parquet.", 'Say format="jsonl", csv, tsv or parquet.'),
        (
            "Train it with --cutoff 2, or leave --no-sentence-marks out.",
            "Train it with cutoff=2, or leave sentence_marks=False out.",
        ),
        ("a --rate below 0.1", "a rate below 0.1"),
        ("Make it: `lmkit ngram train --counts`.", "Make it: `lmkit ngram train --counts`."),
        ("cannot read --x.txt: no", "cannot read --x.txt: no"),
        ("the word '--lowercase' is", "the word '--lowercase' is"),
        ("a--tmp and -- dashes", "a--tmp and -- dashes"),
    ],
)
def test_options_become_keywords_and_nothing_else_changes(written: str, told: str) -> None:
    assert in_python(written) == told


def test_an_error_speaks_to_whoever_is_there() -> None:
    error = lmkit.UsageError("--discounts are three.", "Leave --discount out.")
    for each in (error, pickle.loads(pickle.dumps(error))):  # noqa: S301 (our own)
        assert Context().run(str, each) == "discounts are three.\nLeave discount out."
        with at_the_command_line():
            assert (each.message, each.remedy) == ("--discounts are three.", "Leave --discount out.")


def test_the_same_fault_is_told_in_python_and_at_the_command_line(tmp_path: Path, lmkit_run: Run) -> None:
    text = tmp_path / "t.txt"
    text.write_text("a <s> b\n", encoding="utf-8")

    def caught() -> str:
        with pytest.raises(lmkit.DataError) as error:
            lmkit.count_ngrams(text, 2)
        return str(error.value)

    assert 'Use reserved="skip" to treat it as white space' in Context().run(caught)
    assert "Use --reserved skip to treat it as white space" in lmkit_run("count", text).err
