"""Commands declare themselves where they are: `ngram prune` is commands/ngram/prune.py, and nothing else lists it.

A file is imported when its command is asked for; all of a folder when its help is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, getdoc, signature
from pkgutil import iter_modules
from typing import Annotated, Any, get_type_hints

from lmkit.cli.declared import RESOURCES, Option
from lmkit.cli.declared import Parameter as DeclaredParameter

COMMANDS = "lmkit.cli.commands"  # the package of them all

Work = Callable[..., None]
Rewrite = Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class Declaration:
    """What a file says of its command, or the `__init__` of a folder of its group of commands."""

    run: Work  # of a group: nothing
    short: str  # one line in the list of commands
    after: str | None  # the name beside which it is listed; None: it comes first
    help: str  # what it does, in a sentence; examples; more
    topic: str | None = None  # what people want to do with it (see `TOPICS`), of those that stand by themselves
    known_as: tuple[str, ...] = ()  # what people call it who know it from elsewhere
    rewrite: Rewrite | None = None  # of the arguments, before they are parsed
    is_group: bool = False


@dataclass(frozen=True)
class Glimpse:
    """What can be seen of a declaration in the text of its file."""

    short: str
    after: str | None = None
    topic: str | None = None


class EndedError(Exception):
    """The command has said all that it has to say, and ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


Quiet = Annotated[bool, Option("--quiet", "-q", help="No narration on stderr.", panel=RESOURCES)]
QUIET = Parameter("quiet", Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)
DECLARATION = re.compile(  # how a file declares its command
    r"^(?:@command|group)\((.*?)(?=^def |\Z)", re.MULTILINE | re.DOTALL
)
SEEN = re.compile(r"\b(short|after|topic)=\"([^\"]*)\"")
TOPICS = ("Train", "Measure", "Filter", "Look", "Text")  # what people want to do, in the order of help

_DECLARED: dict[str, Declaration] = {}  # by module


def command(
    *,
    short: str | None = None,
    after: str | None = None,
    topic: str | None = None,
    known_as: tuple[str, ...] = (),
    rewrite: Rewrite | None = None,
) -> Callable[[Work], Work]:
    """Declare the function to be the command that its file is named after, or its folder, if it stands in the `__init__` of one.

    A parameter `options` that is a dataclass becomes one option for each of its fields, after those of the function's own.
    """

    def declare(run: Work) -> Work:
        told = getdoc(run) or ""
        line = told.partition("\n")[0] if short is None else short
        _DECLARED[run.__module__] = Declaration(run, line, after, told, topic, known_as, rewrite)
        return run

    return declare


def group(
    package: str,
    about: str,
    *,
    short: str,
    after: str | None = None,
    topic: str | None = None,
    known_as: tuple[str, ...] = (),
) -> None:
    """Declare a package to be a group of commands."""
    _DECLARED[package] = Declaration(lambda: None, short, after, about, topic, known_as, is_group=True)


def names(package: str = COMMANDS) -> list[str]:
    """All commands by their full names, groups left out, as help lists them."""
    found: list[str] = []
    for name, module in Commands(package).modules().items():
        below = names(module) if _DECLARED[module].is_group else None
        found += [name] if below is None else [f"{name} {each}" for each in below]
    return found


class Commands(Mapping[str, Declaration]):
    """The commands and groups of a package by name, in the order of help."""

    def __init__(self, package: str) -> None:
        self._package = package
        found = iter_modules(import_module(package).__path__, f"{package}.")
        # A command that is called as Python calls something of its own has a file such as import_.py.
        self.files = {file.name.rpartition(".")[2].removesuffix("_").replace("_", "-"): file.name for file in found}

    def __getitem__(self, name: str) -> Declaration:
        return _DECLARED[self.module_of(name)]

    def module_of(self, name: str) -> str:
        """The module of a command or group. KeyError if there is none."""
        module = self.files[name]
        import_module(module)
        if module not in _DECLARED:  # it is there for the commands beside it
            raise KeyError(name)
        return module

    def __iter__(self) -> Iterator[str]:
        return iter(self.modules())

    def __len__(self) -> int:
        return len(self.modules())

    def modules(self) -> dict[str, str]:
        """The modules of the commands by their names: by topic, each after the one that it says it is listed after."""
        for module in self.files.values():
            import_module(module)
        declared = {name: _DECLARED[module] for name, module in self.files.items() if module in _DECLARED}
        return {name: self.files[name] for name in in_order(declared)}


def in_order(told: Mapping[str, Declaration | Glimpse]) -> list[str]:
    """The names of commands in the order of help. LookupError for one that is declared to come after none."""
    ordered: list[str] = []
    waiting: list[str | None] = [None]
    while waiting:
        before = waiting.pop()
        ordered += [] if before is None else [before]
        waiting += [name for name in sorted(told, reverse=True) if told[name].after == before]
    if lost := sorted(told.keys() - set(ordered)):
        raise LookupError(f"{', '.join(lost)}: declared to come after no command that there is.")
    return sorted(ordered, key=lambda name: TOPICS.index(told[name].topic or TOPICS[-1]))


def glimpsed(package: str) -> dict[str, Glimpse]:
    """The commands and groups of a package, in the order of help, as the text of their files declares them: none is imported."""
    found = {}
    for name, module in Commands(package).files.items():
        spec: Any = find_spec(module)
        if told := DECLARATION.search(spec.loader.get_data(spec.origin).decode()):
            found[name] = Glimpse(**dict(SEEN.findall(told[1])))
    return {name: found[name] for name in in_order(found)}


def found_by(words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """The command or group that a command line begins with: its names, its module, and the words behind it."""
    module, called, left = COMMANDS, list[str](), list(words)
    import_module(module)
    while left and _DECLARED[module].is_group:
        try:
            module = Commands(module).module_of(left[0])
        except KeyError:
            break
        called.append(left.pop(0))
    return called, module, left


def declared(module: str) -> Declaration:
    """What a module has declared."""
    import_module(module)
    return _DECLARED[module]


def parameters_of(told: Declaration) -> list[DeclaredParameter]:
    """The parameters of a command, in the order of help. All have -q, those that narrate nothing, too."""
    parameters = spread(told.run)[1]
    if all(each.name != QUIET.name for each in parameters):
        parameters.append(QUIET)
    return list(map(DeclaredParameter, parameters))


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
        if all(each.name != QUIET.name for each in parameters):
            values.pop(QUIET.name, None)
        if group is not None:
            values["options"] = group(**{field.name: values.pop(field.name) for field in fields(group)})
        run(**values)

    run_spread.__doc__ = run.__doc__
    return run_spread, parameters
