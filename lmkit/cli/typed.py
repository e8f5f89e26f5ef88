"""Commands as typer has them, which read plain values at once."""

from collections.abc import Callable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from lmkit.cli.negative_numbers import names_taking_values, numbers_as_arguments
from lmkit.cli.plain_values import reading_at_once


class SingleCommand(TyperCommand):
    """A command that reads plain values at once."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, --help included."""
        return list(map(reading_at_once, super().get_params(ctx)))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments, of which some may be negative numbers."""
        taking = names_taking_values(super().get_params(ctx))
        return super().parse_args(ctx, numbers_as_arguments(args, taking))


class GroupOfCommands(TyperGroup):
    """A group of commands that reads plain values at once."""

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
