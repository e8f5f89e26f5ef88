"""Plain values are read without pydantic: they are what typer makes of them, and so are the messages for all others."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer
from typer.core import TyperCommand

from lmkit.cli.plain_values import NotPlainError, read
from lmkit.cli.typed import SingleCommand

GIVEN = [
    "",
    "a",
    "a b c",
    "-- - -x",
    *(
        f"a --whole {text}"
        for text in (
            [
                "1",
                "0",
                "-0",
                "00",
                "007",
                "7",
                "8",
                "-3",
                "+3",
                "1.0",
                "1_0",
                "٣",
                "1e2",
                "x",
                "''",
                "99999999999999999999",
            ]
        )
    ),
    *(
        f"a --number {text}"
        for text in [
            "0.5",
            "-0.5",
            "1",
            ".5",
            "5.",
            "1e-3",
            "1E5",
            "1e400",
            "nan",
            "inf",
            "-inf",
            "2",
            "3",
            "0x1",
            "1_0",
            "x",
            "١",
        ]
    ),
    *(f"a --choice {text}" for text in ("count", "ngram", "Count", "c", "")),
    *(f"a --text {text}" for text in ("b", "é", "\udcff", "-", "--", "x=y")),
    *(f"a --path {text}" for text in (".", "nowhere", "\udcff")),
    *(
        f"a {flag}"
        for flag in ("--flag", "--no-flag", "--flag=yes", "--each 1", "--each 1 --each 2", "--each 1 --each x")
    ),
    "a --unknown",
    "--whole 3",
]


def command(kind: type[TyperCommand]) -> Any:
    """A command with parameters of all types that commands have."""
    maker = typer.Typer(rich_markup_mode=None, add_completion=False)

    @maker.command(cls=kind)
    def work(
        name: str,
        more: Annotated[list[str] | None, typer.Argument()] = None,
        whole: Annotated[int | None, typer.Option(min=-3, max=7)] = None,
        bounded: Annotated[int, typer.Option(min=1)] = 1,
        number: Annotated[float, typer.Option(max=2)] = 1,
        choice: Annotated[Literal["count", "ngram"], typer.Option()] = "count",
        text: Annotated[str, typer.Option()] = "",
        path: Annotated[Path | None, typer.Option()] = None,
        flag: Annotated[bool | None, typer.Option("--flag/--no-flag")] = None,
        each: Annotated[list[int] | None, typer.Option(min=1)] = None,
    ) -> None:
        print(name, more, whole, bounded, number, choice, text, path, flag, each)  # noqa: T201

    return typer.main.get_command(maker)


def outcome(kind: type[TyperCommand], arguments: list[str]) -> tuple[Any, ...]:
    """What comes of some arguments: values with their types, or an error."""
    try:
        with command(kind).make_context("work", list(arguments)) as context:
            return tuple((name, type(value), repr(value)) for name, value in context.params.items())
    except Exception as error:  # noqa: BLE001 - whatever typer raises
        return type(error), str(error), getattr(error, "exit_code", None)


@pytest.mark.parametrize("line", GIVEN, ids=ascii)
def test_values_and_messages_are_those_of_typer(line: str) -> None:
    arguments = ["" if word == "''" else word for word in line.split(" ")] if line else []
    assert outcome(SingleCommand, arguments) == outcome(TyperCommand, arguments)


def test_plain_values_are_not_left_to_typer() -> None:
    words = [
        "a",
        "b",
        "c",
        "--whole",
        "7",
        "--number",
        "0.25",
        "--choice",
        "ngram",
        "--text",
        "é",
        "--flag",
        "--each",
        "1",
        "--each",
        "2",
    ]
    read_at_once = []
    with command(TyperCommand).make_context("work", words) as context:
        for parameter in context.command.params:
            given: Any = context.params[parameter.name]
            raw = [str(each) for each in given] if isinstance(given, list) else given
            try:
                read_at_once.append(read(parameter, context, raw if isinstance(raw, list | bool | None) else str(raw)))
            except NotPlainError:
                pytest.fail(f"{parameter.name} is not plain: {given!r}")
    assert read_at_once == ["a", ["b", "c"], 7, 1, 0.25, "ngram", "é", None, True, [1, 2]]
