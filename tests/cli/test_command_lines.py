"""Command lines: every option of every command under each of its names, what is refused, and what is said then."""

import sys
import types
from inspect import Parameter as Signed
from inspect import Signature
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from lmkit.cli import command
from lmkit.cli.command import COMMANDS, Commands, names, parameters_of
from lmkit.cli.command_lines import NotPlainError, is_negative_number, written_in
from lmkit.cli.declared import Argument, Option, Parameter
from lmkit.cli.typed import as_written, built
from lmkit.cli.values import values_of
from lmkit.errors import UsageError
from lmkit.version import NAME_AND_VERSION
from tests.conftest import TOY, Run

WRITTEN: dict[Any, tuple[list[str], Any]] = {  # of a type: words, and their value
    bool: ([], True),
    int: (["12"], 12),
    float: (["12.5"], 12.5),
    str: (["é"], "é"),
    Path: (["a/b"], Path("a/b")),
}


def module_of(name: str) -> str:
    """The module of a command."""
    module = COMMANDS
    for part in name.split(" "):
        module = Commands(module).module_of(part)
    return module


def written(parameter: Parameter) -> tuple[list[str], Any]:
    """What is written for a parameter, and its value."""
    if parameter.number > 1:
        return [str(place) for place in range(parameter.number)], tuple(map(float, range(parameter.number)))
    if parameter.choices:
        return [parameter.choices[-1]], parameter.choices[-1]
    if parameter.kind is float and parameter.told.how.get("max", 100) < 12:
        return ["0.5"], 0.5
    if parameter.kind is int and (parameter.told.how.get("min") or 0) > 12:
        return ["100"], 100
    return WRITTEN[parameter.kind]


def read_plainly(parameters: list[Parameter], words: list[str]) -> dict[str, Any]:
    """The values that words give, read as a plain line."""
    return values_of(parameters, written_in(parameters, words))


def read_by_typer(module: str, parameters: list[Parameter], words: list[str]) -> dict[str, Any]:
    """The values that words give, read by typer."""
    context = built(["x"], module).make_context("x", list(words))
    return values_of(parameters, as_written(context.params))


@pytest.mark.parametrize("name", names())
def test_every_option_of_a_command_is_read_under_each_of_its_names_and_by_typer_alike(name: str) -> None:
    module = module_of(name)
    parameters = parameters_of(command.declared(module))
    for each in parameters:
        words, value = written(each)
        needed = [word for other in parameters if other.is_required and other is not each for word in given(other)]
        for switch in [] if each.is_argument else each.names:
            off = each.is_flag and switch in [no for _, no in each.switches]
            found = read_plainly(parameters, [switch, *words, *needed])
            expected = [value] if each.several else (not off if each.is_flag else value)
            assert found[each.name] == expected, switch
            if (
                each.name == "quiet" or each.several or each.number > 1 or each.is_required
            ):  # one of each kind: typer takes its time
                assert read_by_typer(module, parameters, [switch, *words, *needed]) == found
            if len(words) == 1:
                joined = f"{switch}={words[0]}" if switch.startswith("--") else f"{switch}{words[0]}"
                assert read_plainly(parameters, [*needed, joined]) == found, joined


def given(parameter: Parameter) -> list[str]:
    """A parameter that has to be given, as it is written."""
    return written(parameter)[0] if parameter.is_argument else [parameter.names[0], *written(parameter)[0]]


PARAMETERS = {
    "name": (Annotated[str, Argument(metavar="NAME")], ...),
    "more": (Annotated[list[str] | None, Argument(metavar="[MORE]...")], None),
    "whole": (Annotated[int | None, Option("-w", "--whole", min=-3, max=7)], None),
    "number": (Annotated[float, Option("--number", metavar="X", max=2)], 1),
    "choice": (Annotated[Literal["count", "ngram"], Option()], "count"),
    "text": (Annotated[str, Option("-o", "--text", formerly=("--title",))], ""),
    "flag": (Annotated[bool | None, Option("--flag/--no-flag")], None),
    "quiet": (Annotated[bool, Option("--quiet", "-q")], False),
    "each": (Annotated[list[int] | None, Option(min=1)], None),
    "three": (Annotated[tuple[float, float, float] | None, Option(metavar="A B C")], None),
}


def signed() -> list[Signed]:
    return [
        Signed(name, Signed.KEYWORD_ONLY, annotation=kind, default=Signed.empty if default is ... else default)
        for name, (kind, default) in PARAMETERS.items()
    ]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that has declared a command with parameters of all types."""

    def run(**values: Any) -> None:
        """Do nothing."""

    run.__signature__ = Signature(signed())  # type: ignore[attr-defined]
    run.__annotations__ = {name: kind for name, (kind, _) in PARAMETERS.items()}
    run.__module__ = "of_all_types"
    monkeypatch.setitem(sys.modules, run.__module__, types.ModuleType(run.__module__))
    command.command(short="")(run)
    return run.__module__


def changed(found: dict[str, Any]) -> dict[str, Any]:
    """The values that are not the defaults."""
    return {name: value for name, value in found.items() if value != PARAMETERS[name][1] or name == "number"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a", {"name": "a"}),
        ("a b -w 3 c", {"name": "a", "more": ["b", "c"], "whole": 3}),
        ("-w3 a", {"name": "a", "whole": 3}),
        ("-w-3 a", {"name": "a", "whole": -3}),
        ("-w -3 a", {"name": "a", "whole": -3}),
        ("-qw 3 a", {"name": "a", "quiet": True, "whole": 3}),
        ("-qw3 a", {"name": "a", "quiet": True, "whole": 3}),
        ("-qw -3 a -2", {"name": "a", "more": ["-2"], "quiet": True, "whole": -3}),
        ("--whole=3 a", {"name": "a", "whole": 3}),
        ("a -2 -.5", {"name": "a", "more": ["-2", "-.5"]}),
        ("-- -w -q", {"name": "-w", "more": ["-q"]}),
        ("- -", {"name": "-", "more": ["-"]}),
        ("a --flag --no-flag", {"name": "a", "flag": False}),
        ("a --each 1 --each 2,3", {"name": "a", "each": [1, 2, 3]}),
        ("a --three 1 -2 3e4", {"name": "a", "three": (1.0, -2.0, 3e4)}),
        ("a --three 1 -2 3e4 -5", {"name": "a", "more": ["-5"], "three": (1.0, -2.0, 3e4)}),
        ("a --text -x", {"name": "a", "text": "-x"}),
        ("a --text=--flag", {"name": "a", "text": "--flag"}),
        ("a --text=x=y", {"name": "a", "text": "x=y"}),
        ("a --choice ngram --choice count", {"name": "a"}),
    ],
)
def test_options_and_arguments_stand_in_any_order(line: str, expected: dict[str, Any], module: str) -> None:
    parameters = list(map(Parameter, signed()))
    expected = expected | {"number": 1.0}
    found = read_plainly(parameters, line.split())
    assert changed(found) == expected
    assert type(found["number"]) is float  # also where the default is written as a whole number
    assert changed(read_by_typer(module, parameters, line.split())) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "lmkit x needs NAME.\n`lmkit x -h` says how."),
        ("a --whole x", "--whole x is no whole number.\nWrite it as 3."),
        ("a -w 2.5", "--whole 2.5 is no whole number.\nWrite it as 3."),
        ("a --whole 8", "--whole 8 is too large.\nIt is 7 or less."),
        ("a --whole -4", "--whole -4 is too small.\nIt is -3 or more."),
        ("a --number nan", "--number nan is too large.\nIt is 2 or less."),
        ("a --number x", "--number x is no number.\nWrite it as 0.5."),
        ("a --choice Count", "--choice Count is not one of its values.\nDid you mean count? These are: count, ngram."),
        ("a --text", "--text needs a value.\nWrite --text TEXT."),
        ("a --text --flag", "--text needs a value, and --flag follows.\nWrite --text TEXT."),
        ("a --three 1 2", "--three needs a value.\nWrite --three A B C."),
        ("a --flag=yes", "--flag takes no value, and yes was given.\nWrite --flag alone."),
        ("a -q=3", "-q takes no value, and 3 was given.\nWrite -q alone."),
        ("a -whole 3", "-whole has one dash, and names of several letters have two.\nWrite --whole."),
        ("a --unheard 3", "lmkit x has no option --unheard.\n`lmkit x -h` lists its options."),
        ("a -qx", "lmkit x has no option -x.\n`lmkit x -h` lists its options."),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(line: str, message: str, module: str) -> None:
    parameters = list(map(Parameter, signed()))
    with pytest.raises((UsageError, NotPlainError)) as plainly:
        read_plainly(parameters, line.split())
    with pytest.raises(UsageError) as raised:
        read_by_typer(module, parameters, line.split())
    assert str(raised.value) == message
    assert str(plainly.value) in ("", message)


def test_a_former_name_works_with_a_notice(module: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = read_by_typer(module, list(map(Parameter, signed())), ["a", "--title=x"])
    assert changed(found) == {"name": "a", "text": "x", "number": 1.0}
    assert "--title is called --text now" in capfd.readouterr().err


@pytest.mark.parametrize(("line", "full"), [("count -h", False), ("count a b --help", True), ("count a b -qh", False)])
def test_help_is_asked_for_wherever_it_stands(line: str, full: bool, lmkit_run: Run) -> None:
    result = lmkit_run(*line.split())
    assert (result.code, result.err) == (0, "")
    assert ("All that they do" in result.out) is not full


@pytest.mark.parametrize("word", ["-2", "-0.5", "-.5", "-2.", "-1e-5", "-3E+4", "-inf", "-nan", "-1,2", "-1,-.5,3e4"])
def test_numbers_with_a_minus_are_negative_numbers(word: str) -> None:
    assert is_negative_number(word)


@pytest.mark.parametrize(
    "word", ["2", "-", "--", "-n", "-n5", "--2", "-2a", "-o", "-e", "-1 2", "-,", "- 2", "-i", "-٣"]
)
def test_nothing_else_is_one(word: str) -> None:
    assert not is_negative_number(word)


@pytest.mark.parametrize(
    "line",
    [
        ["relu", "-2", "0.5"],
        ["-q", "relu", "-2", "0.5"],
        ["relu", "-2", "0.5", "--ascii", "--title", "-7"],
        ["relu", "--title=x", "--", "-2", "0.5"],
        ["relu", "-2.", ".5"],
        ["relu", "-2,.5"],
    ],
)
def test_commands_take_negative_numbers_wherever_they_stand(lmkit_run: Run, line: list[str]) -> None:
    result = lmkit_run("functions", *line)
    assert (result.code, result.err) == (0, "")
    assert result.out == "x\trelu\tderivative\n-2\t0\t0\n0.5\t0.5\t1\n"


def test_words_may_be_negative_numbers(lmkit_run: Run) -> None:
    assert lmkit_run("vectors", "similarity", "--vector", "-1,2", "--vector", "-1,2").out.endswith("\t1\n")


MEANT = {
    "train": "there is no command train.\nDid you mean `lmkit ngram train` or `lmkit neural train` or `lmkit classes train` or `lmkit tokenizer train`?\n`lmkit -h` lists all commands.",
    "ppl m.arpa": "there is no command ppl.\nDid you mean `lmkit perplexity`?\n`lmkit -h` lists all commands.",
    "smooth-all": "there is no command smooth-all.\nDid you mean `lmkit smooth`?\n`lmkit -h` lists all commands.",
    "ngram chek": "there is no command chek of lmkit ngram.\nDid you mean `lmkit ngram check`?\n`lmkit ngram -h` lists all commands.",
    "qqqq": "there is no command qqqq.\n`lmkit -h` lists all commands.",
    "ngram train --laplace x": "lmkit ngram train has no option --laplace.\nDid you mean `lmkit smooth --laplace`?\n`lmkit ngram train -h` lists the options that it has.",
    "count --ordr 3": "lmkit count has no option --ordr.\nDid you mean --order?",
    "count --min 3": "lmkit count has no option --min.\nDid you mean --min-count?",
    "count --n 3": "lmkit count has no option --n.\nDid you mean -n?",
    "functions relu -x": "lmkit functions has no option -x.\n`lmkit functions -h` lists its options.",
    "--qqqq": "lmkit has no option --qqqq.\n`lmkit -h` lists its options.",
    "perplexity": "lmkit perplexity needs MODEL.\nAs in: lmkit perplexity kn5.safetensors test.txt --json",
    "ngram convert m.arpa": "lmkit ngram convert needs --output FILE.\nAs in: lmkit ngram convert kn5.safetensors -o kn5.arpa.gz",
    "info a b": "b is one argument too many.\nThe arguments are FILE; a text with spaces stands in quotes.",
}


@pytest.mark.parametrize("line", MEANT)
def test_what_may_have_been_meant_is_told_across_commands(lmkit_run: Run, line: str) -> None:
    result = lmkit_run(*line.split())
    assert (result.code, result.out, result.err) == (2, "", f"lmkit: {MEANT[line]}\n")


@pytest.mark.parametrize("line", ["--version", "-V", "version"])
def test_the_version_is_told_however_it_is_asked_for(lmkit_run: Run, line: str) -> None:
    result = lmkit_run(line)
    assert (result.code, result.out, result.err) == (0, f"{NAME_AND_VERSION}\n", "")


def test_help_may_stand_before_the_command(lmkit_run: Run) -> None:
    assert lmkit_run("help", "ngram", "train").out == lmkit_run("ngram", "train", "--help").out
    assert lmkit_run("help").out == lmkit_run("--help").out
    assert lmkit_run("ngram", "help", "train").out == lmkit_run("ngram", "train", "--help").out


@pytest.mark.parametrize("line", ["", "ngram"])
def test_without_a_command_help_is_shown_on_stderr(lmkit_run: Run, line: str) -> None:
    result = lmkit_run(*line.split())
    assert (result.code, result.out) == (2, "")
    assert result.err == lmkit_run(*line.split(), "-h").out


@pytest.mark.parametrize("line", ["count", "ngram train -o c.safetensors", "ngram info", "perplexity", "vectors info"])
def test_an_empty_name_as_of_a_variable_that_is_not_set_is_not_the_folder(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    (tmp_path / "t.txt").write_text("a b\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = lmkit_run(*line.split(), "")
    told = "lmkit: cannot read '': No such file or directory.\nCheck the name of the file and its permissions.\n"
    assert (result.code, result.out, result.err) == (1, "", told)
    assert [each.name for each in tmp_path.iterdir()] == ["t.txt"]


@pytest.mark.parametrize("option", ["-o", "--rejected"])
def test_an_empty_name_of_an_output_is_not_standard_output(lmkit_run: Run, tmp_path: Path, option: str) -> None:
    model = tmp_path / "m.safetensors"
    assert lmkit_run("ngram", "train", "-q", TOY, "-o", model).code == 0
    result = lmkit_run("filter", model, TOY, "--keep", 1, option, "")
    assert (result.code, result.out, result.err) == (2, "", "lmkit: the name after the option is empty.\n")
