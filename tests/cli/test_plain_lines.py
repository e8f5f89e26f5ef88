"""Plain command lines are read without typer: what comes of them is what typer makes of them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import wraps
from inspect import Parameter
from typing import Any, Literal, get_args, get_origin

import pytest

from lmkit.cli import command
from lmkit.cli.command import COMMANDS, Commands, names, plain_work, root, spread
from lmkit.cli.declared import Argument, taken_apart

VALUES: dict[Any, list[str]] = {
    int: ["3", "0", "007", "x"],
    float: ["2", "0.5", "-1", ".5"],
    str: ["é", "", "-", "-x"],
}


@pytest.fixture(scope="module")
def noted() -> Iterator[list[dict[str, Any]]]:
    """What commands were called with; they do nothing else."""
    calls: list[dict[str, Any]] = []

    def noting(run: Any) -> Any:
        @wraps(run)
        def note(**values: Any) -> None:
            calls.append({name: vars(value) if hasattr(value, "__dict__") else value for name, value in values.items()})

        return note

    with pytest.MonkeyPatch.context() as patch:
        for name in names():
            module = module_of(name)
            told = command._DECLARED[module]  # noqa: SLF001
            patch.setitem(command._DECLARED, module, replace(told, run=noting(told.run)))  # noqa: SLF001
        yield calls


def module_of(name: str) -> str:
    """The module of a command."""
    module = COMMANDS
    for part in name.split(" "):
        module = Commands(module).module_of(part)
    return module


def lines_of(name: str) -> Iterator[list[str]]:
    """Lines that have each of the options of a command, with good and bad values, and arguments or none."""
    parameters = spread(command._DECLARED[module_of(name)].run)[1]  # noqa: SLF001
    told = [(each, *taken_apart(each.annotation)) for each in parameters]
    arguments = [f"w{place}" for place, (_, _, said) in enumerate(told) if isinstance(said, Argument)]
    for number in range(len(arguments) + 3):
        yield [*arguments, "more", "words"][:number]
    yield [*arguments, "--", "x"]
    yield [*arguments, "--unknown", "x"]
    for each, kind, said in told:
        if isinstance(said, Argument):
            continue
        switches = written(each, kind, said.names)
        for switch in switches:
            for value in values_for(kind):
                yield [*arguments, switch, *value]
            yield [switch, *value, *arguments, switch, *value]
            yield [*arguments, f"{switch}={''.join(value)}"]


def written(parameter: Parameter, kind: Any, switches: tuple[str, ...]) -> list[str]:
    """How an option is written."""
    plain = parameter.name.replace("_", "-")
    both = [f"--{plain}", f"--no-{plain}"] if bool in (kind, *get_args(kind)) else [f"--{plain}"]
    return [part for switch in switches for part in switch.split("/")] or both


def values_for(kind: Any) -> list[list[str]]:
    """What is written behind an option."""
    (alone,) = [each for each in get_args(kind) if each is not type(None)] if type(None) in get_args(kind) else [kind]
    if get_origin(alone) is list:
        (alone,) = get_args(alone)
    if alone is bool:
        return [[]]
    if get_origin(alone) is Literal:
        return [[each] for each in (*get_args(alone), "nothing")]
    return [[each] for each in VALUES.get(alone, VALUES[str])]


@pytest.mark.parametrize("name", names())
def test_a_plain_line_is_read_as_typer_reads_it(noted: list[dict[str, Any]], name: str) -> None:
    typers, read = root(), 0
    for words in lines_of(name):
        line = [*name.split(" "), *words]
        work = plain_work(line)
        if work is None:
            continue
        read += 1
        noted.clear()
        work()
        with typers.make_context("lmkit", list(line)) as context:
            typers.invoke(context)
        ours, theirs = noted
        assert repr(ours) == repr(theirs), line
    assert read


@pytest.mark.parametrize(
    "line", ["", "count", "--version", "count --help", "-h", "ngram", "nothing x", "count -n2 x", "count -n 0 x"]
)
def test_other_lines_are_for_typer(line: str) -> None:
    assert plain_work(line.split()) is None
