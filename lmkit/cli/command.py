"""Commands declare themselves where they are: `ngram prune` is commands/ngram/prune.py, and nothing else lists it.

A file is imported when its command is asked for; all of a folder when its help is.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from lmkit.cli.plain_values import reading_at_once

COMMANDS = "lmkit.cli.commands"  # the package of them all

Work = Callable[..., None]
Rewrite = Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class Declaration:
    """What a file says of its command, or the `__init__` of a folder of its group of commands."""

    run: Work  # of a group: has the options that stand before the name of the command
    short: str | None  # one line in the list of commands; None: the first sentence of the help
    after: str | None  # the name beside which it is listed; None: it comes first
    help: str | None = None  # None: what `run` is documented with
    rewrite: Rewrite | None = None  # of the arguments, before they are parsed


_DECLARED: dict[str, Declaration] = {}  # by module


def command(
    *, short: str | None = None, after: str | None = None, rewrite: Rewrite | None = None
) -> Callable[[Work], Work]:
    """Declare the function to be the command that its file is named after.

    A parameter `options` that is a dataclass becomes one option for each of its fields, after those of the function's own.
    """

    def declare(run: Work) -> Work:
        _DECLARED[run.__module__] = Declaration(run, short, after, rewrite=rewrite)
        return run

    return declare


def group(
    package: str,
    about: str | None = None,
    *,
    short: str | None = None,
    after: str | None = None,
    run: Work = lambda: None,
) -> None:
    """Declare a package to be a group of commands. run: has the options that stand before the name of the command."""
    _DECLARED[package] = Declaration(run, short, after, help=about or inspect.getdoc(run))


def root() -> TyperGroup:
    """The command that all others belong to."""
    import_module(COMMANDS)
    return cast(TyperGroup, built("lmkit", COMMANDS, completion=True))


def names(package: str = COMMANDS) -> list[str]:
    """All commands by their full names, groups left out, as help lists them."""
    found: list[str] = []
    for name, module in Commands(package).modules().items():
        below = names(module) if hasattr(import_module(module), "__path__") else None
        found += [name] if below is None else [f"{name} {each}" for each in below]
    return found


class Commands(Mapping[str, Any]):
    """The commands and groups of a package by name, in the order of help; each is made when it is asked for."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._made: dict[str, Any] = {}
        found = iter_modules(import_module(package).__path__, f"{package}.")
        self._files = {file.name.rpartition(".")[2].replace("_", "-"): file.name for file in found}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            module = self._files[name]
            import_module(module)
            if module not in _DECLARED:  # it is there for the commands beside it
                raise KeyError(name)
            self._made[name] = built(name, module)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.modules())

    def __len__(self) -> int:
        return len(self.modules())

    def modules(self) -> dict[str, str]:
        """The modules of the commands by their names: each comes after the one that it says it is listed after."""
        for module in self._files.values():
            import_module(module)
        declared = {name: module for name, module in self._files.items() if module in _DECLARED}
        ordered: list[str] = []
        waiting: list[str | None] = [None]
        while waiting:
            before = waiting.pop()
            ordered += [] if before is None else [before]
            waiting += [name for name in sorted(declared, reverse=True) if _DECLARED[declared[name]].after == before]
        if lost := sorted(declared.keys() - set(ordered)):
            raise LookupError(f"{', '.join(lost)}: declared to come after no command that there is.")
        return {name: declared[name] for name in ordered}


def built(name: str, module: str, *, completion: bool = False) -> TyperCommand | TyperGroup:
    """The command or group that a module has declared, as typer has it. completion: it has options for that of shells."""
    told = _DECLARED[module]
    maker = typer.Typer(
        name=name,
        help=told.help,
        short_help=told.short,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=completion,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    if hasattr(import_module(module), "__path__"):
        maker.callback(cls=GroupOfCommands)(told.run)
        made = cast(TyperGroup, typer.main.get_command(maker))
        made.commands = cast(Any, Commands(module))
        return made
    kind = SingleCommand if told.rewrite is None else rewriting(told.rewrite)
    maker.command(name, short_help=told.short, cls=kind)(spread(told.run))
    return cast(TyperCommand, typer.main.get_command(maker))


class SingleCommand(TyperCommand):
    """A command that reads plain values at once."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, --help included."""
        return list(map(reading_at_once, super().get_params(ctx)))


class GroupOfCommands(TyperGroup):
    """A group of commands that reads plain values at once."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, --help included."""
        return list(map(reading_at_once, super().get_params(ctx)))


def rewriting(rewrite: Rewrite) -> type[TyperCommand]:
    """The class of a command that rewrites its arguments before they are parsed."""

    class Rewriting(SingleCommand):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, rewrite(args))

    return Rewriting


def spread(run: Work) -> Work:
    """The function with its parameter `options`, if it has one, spread into single ones for typer."""
    parameters = inspect.signature(run).parameters
    if "options" not in parameters:
        return run
    hints = get_type_hints(run, include_extras=True)
    group = hints.pop("options")
    group_hints = get_type_hints(group, include_extras=True)
    own = [
        parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in parameters.items()
        if name != "options"
    ]
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=group_hints[field.name]
        )
        for field in fields(group)
    ]

    def run_spread(**values: Any) -> None:
        options = group(**{field.name: values.pop(field.name) for field in fields(group)})
        run(**values, options=options)

    run_spread.__doc__ = run.__doc__
    run_spread.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    run_spread.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *shared)}
    return run_spread
