"""Commands as typer has them, which read plain values at once."""

from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from lmkit.cli.negative_numbers import names_taking_values, numbers_as_arguments
from lmkit.cli.plain_values import reading_at_once
from lmkit.locales import said

Plain: Any = typer.Context.formatter_class


class Formatter(Plain):  # type: ignore[misc]
    """Lays help out, in the language that is spoken."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How a line begins."""
        super().write_usage(prog, args, said("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """What follows."""
        super().write_heading(said(heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **how: Any) -> None:
        """What is explained, and what it is; behind it, in brackets, its default, and whether it is needed."""
        super().write_dl([(left, explained(right)) for left, right in rows], *args, **how)


def explained(told: str) -> str:
    """What is said of an option, with what typer puts behind it."""
    text, mark, behind = told.partition("  [")
    parts = behind.removesuffix("]").split("; ")
    return said(text) + (f"{mark}{'; '.join(map(said, parts))}]" if mark else "")


class Context(typer.Context):
    """What is known of a command line."""

    formatter_class = Formatter


class SingleCommand(TyperCommand):
    """A command that reads plain values at once."""

    context_class = Context

    def get_params(self, ctx: Any) -> Any:
        """The parameters, --help included."""
        return list(map(reading_at_once, super().get_params(ctx)))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments, of which some may be negative numbers."""
        taking = names_taking_values(super().get_params(ctx))
        return super().parse_args(ctx, numbers_as_arguments(args, taking))


class GroupOfCommands(TyperGroup):
    """A group of commands that reads plain values at once."""

    context_class = Context

    def get_params(self, ctx: Any) -> Any:
        """The parameters, --help included."""
        return list(map(reading_at_once, super().get_params(ctx)))


def rewriting(rewrite: Callable[[list[str]], list[str]] | None) -> type[TyperCommand]:
    """The class of a command that rewrites its arguments before they are parsed, if it does."""
    if rewrite is None:
        return SingleCommand
    rewritten = rewrite

    class Rewriting(SingleCommand):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, rewritten(args))

    return Rewriting
