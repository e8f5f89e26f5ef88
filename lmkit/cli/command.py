"""Commands declare themselves where they are: `ngram prune` is commands/ngram/prune.py, and nothing else lists it.

A file is imported when its command is asked for; all of a folder when its help is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from inspect import Parameter, Signature, getdoc, signature
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from lmkit.cli.declared import for_typer
from lmkit.cli.plain_lines import values_of
from lmkit.cli.plain_values import NotPlainError
from lmkit.locales import help_said, said

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

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
    is_group: bool = False


class EndedError(Exception):
    """The command has said all that it has to say, and ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_DECLARED: dict[str, Declaration] = {}  # by module


def command(
    *, short: str | None = None, after: str | None = None, rewrite: Rewrite | None = None
) -> Callable[[Work], Work]:
    """Declare the function to be the command that its file is named after, or its folder, if it stands in the `__init__` of one.

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
    _DECLARED[package] = Declaration(run, short, after, help=about or getdoc(run), is_group=True)


def root() -> "TyperGroup":
    """The command that all others belong to."""
    import_module(COMMANDS)
    return cast("TyperGroup", built("lmkit", COMMANDS, completion=True))


def names(package: str = COMMANDS) -> list[str]:
    """All commands by their full names, groups left out, as help lists them."""
    found: list[str] = []
    for name, module in Commands(package).modules().items():
        below = names(module) if _DECLARED[module].is_group else None
        found += [name] if below is None else [f"{name} {each}" for each in below]
    return found


class Commands(Mapping[str, Any]):
    """The commands and groups of a package by name, in the order of help; each is made when it is asked for."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._made: dict[str, Any] = {}
        found = iter_modules(import_module(package).__path__, f"{package}.")
        # A command that is called as Python calls something of its own has a file such as import_.py.
        self._files = {file.name.rpartition(".")[2].removesuffix("_").replace("_", "-"): file.name for file in found}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = built(name, self.module_of(name))
        return self._made[name]

    def module_of(self, name: str) -> str:
        """The module of a command or group. KeyError if there is none."""
        module = self._files[name]
        import_module(module)
        if module not in _DECLARED:  # it is there for the commands beside it
            raise KeyError(name)
        return module

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


def plain_work(words: Sequence[str]) -> Callable[[], None] | None:
    """The work that a plain command line asks for; None if typer is to read it."""
    module = COMMANDS
    try:
        import_module(module)
        while (told := _DECLARED[module]).is_group:
            name, *words = words or [""]
            module = Commands(module).module_of(name)
        work, parameters = spread(told.run)
        values = values_of(parameters, told.rewrite(list(words)) if told.rewrite else words)
    except (KeyError, NotPlainError):
        return None
    return lambda: work(**values)


def built(name: str, module: str, *, completion: bool = False) -> "TyperCommand | TyperGroup":
    """The command or group that a module has declared, as typer has it. completion: it has options for that of shells."""
    import typer

    from lmkit.cli.typed import GroupOfCommands, rewriting

    told = _DECLARED[module]
    maker = typer.Typer(
        name=name,
        help=help_said(told.help or ""),
        short_help=said(told.short or "") or None,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=completion,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    work, parameters = spread(told.run)
    work.__signature__ = Signature([each.replace(annotation=for_typer(each.annotation)) for each in parameters])  # type: ignore[attr-defined]
    work.__annotations__ = {each.name: each.annotation for each in signature(work).parameters.values()}
    if told.is_group:
        maker.callback(cls=GroupOfCommands)(work)
        made = cast("TyperGroup", typer.main.get_command(maker))
        made.commands = cast(Any, Commands(module))
        return made
    work.__doc__ = help_said(getdoc(told.run) or "")
    maker.command(name, short_help=said(told.short or "") or None, cls=rewriting(told.rewrite))(work)
    return cast("TyperCommand", typer.main.get_command(maker))


def spread(run: Work) -> tuple[Work, list[Parameter]]:
    """The function, called by keywords, and its parameters, with `options`, if there is such a one, spread into single ones."""
    hints = get_type_hints(run, include_extras=True)
    own = signature(run).parameters
    group = hints.get("options")
    parameters = [
        each.replace(annotation=hints[name], kind=Parameter.KEYWORD_ONLY)
        for name, each in own.items()
        if name != "options"
    ]
    if group is not None:
        group_hints = get_type_hints(group, include_extras=True)
        parameters += [
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=group_hints[field.name])
            for field in fields(group)
        ]

    def run_spread(**values: Any) -> None:
        if group is not None:
            values["options"] = group(**{field.name: values.pop(field.name) for field in fields(group)})
        run(**values)

    run_spread.__doc__ = run.__doc__
    return run_spread, parameters
