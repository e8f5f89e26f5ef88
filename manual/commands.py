"""What the program says of its commands, as plain values. It imports no library but lmkit's command line: wheels are built without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter as Signed
from inspect import cleandoc, getdoc
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from lmkit.cli import command
from lmkit.cli.declared import Argument, Declared, taken_apart

MARK = "\b"  # a line of its own before lines that stay as they are: examples
OWN = "Options"  # where the options stand that are of no panel


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of help."""

    lines: list[str]
    is_example: bool  # its lines stay as they are

    @property
    def text(self) -> str:
        """The paragraph on one line."""
        return " ".join(self.lines)


@dataclass(frozen=True)
class Parameter:
    """An option or an argument."""

    names: list[str]  # of an option, short ones first; of an argument, what stands for it
    value: str  # what stands for the value of an option; nothing for those that are given or not
    told: str
    panel: str
    is_argument: bool
    is_required: bool


@dataclass(frozen=True)
class Command:
    """A command, or a group of commands."""

    name: str  # with that of its group, without the program's
    short: str
    paragraphs: list[Paragraph]
    parameters: list[Parameter]
    commands: "list[Command]"  # of a group

    @property
    def called(self) -> str:
        """What is typed."""
        return f"lmkit {self.name}".rstrip()

    @property
    def usage(self) -> str:
        """What stands where."""
        needed = [f"{each.names[-1]} {each.value}" for each in self.options if each.is_required]
        places = [each.names[0] for each in self.parameters if each.is_argument]
        words = ["COMMAND ..."] if self.commands else ["[OPTIONS]", *needed, *places]
        return " ".join([self.called, *words])

    @property
    def options(self) -> list[Parameter]:
        """What has a name."""
        return [each for each in self.parameters if not each.is_argument]

    @property
    def panels(self) -> dict[str, list[Parameter]]:
        """The parameters under the headings where they are listed: arguments, the command's own options, those that many have."""
        found: dict[str, list[Parameter]] = {"Arguments": [], OWN: []}
        for each in self.parameters:
            found.setdefault("Arguments" if each.is_argument else each.panel, []).append(each)
        return {panel: listed for panel, listed in found.items() if listed}

    def walk(self) -> "Iterator[Command]":
        """The command, and all that belong to it, as help lists them."""
        yield self
        for each in self.commands:
            yield from each.walk()


def program() -> Command:
    """The command that all others belong to."""
    return command_of("", command.COMMANDS)


def command_of(name: str, module: str) -> Command:
    """The command or group that a module declares."""
    import_module(module)
    told = command._DECLARED[module]  # noqa: SLF001
    within = command.Commands(module).modules() if told.is_group else {}
    paragraphs = paragraphs_of(cleandoc(told.help or getdoc(told.run) or ""))
    return Command(
        name,
        told.short or paragraphs[0].text,
        paragraphs,
        [parameter_of(each) for each in command.spread(told.run)[1]],
        [command_of(f"{name} {each}".lstrip(), below) for each, below in within.items()],
    )


def paragraphs_of(told: str) -> list[Paragraph]:
    """The paragraphs of a text of help."""
    parts = [part.split("\n") for part in told.split("\n\n")]
    return [Paragraph(lines[1:], True) if lines[0] == MARK else Paragraph(lines, False) for lines in parts]


def parameter_of(signed: Signed) -> Parameter:
    """What is said of a parameter of the function behind a command."""
    annotation, said = taken_apart(signed.annotation)
    kind = alone(annotation)
    is_argument = isinstance(said, Argument)
    is_flag = kind is bool and not is_argument
    value = "" if is_flag else value_of(kind, signed.name, said)
    names = [value] if is_argument else names_of(signed.name, said, is_flag=is_flag)
    is_required = signed.default is Signed.empty
    return Parameter(names, value, told_of(signed, said), said.how.get("panel", OWN), is_argument, is_required)


def names_of(name: str, said: Declared, *, is_flag: bool) -> list[str]:
    """All names of an option, short ones first."""
    written = name.replace("_", "-")
    given = said.names or (f"--{written}/--no-{written}" if is_flag else f"--{written}",)
    names = [part for each in given for part in each.split("/")]
    return sorted(names, key=lambda each: each.startswith("--"))


def value_of(kind: Any, name: str, said: Declared) -> str:
    """What stands for a value."""
    if (metavar := said.how.get("metavar")) is not None:
        return str(metavar)
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    return "|".join(choices) or {int: "N", float: "X"}.get(kind, name.upper())


def told_of(signed: Signed, said: Declared) -> str:
    """What help says, with the default, unless it is nothing or stands there already."""
    told: str = said.how.get("help", "")
    default = signed.default
    is_plain = default in (None, "", []) or isinstance(default, bool) or default is Signed.empty
    if is_plain or isinstance(said, Argument) or not said.how.get("show_default", True) or "[default" in told:
        return told
    return f"{told.removesuffix('.')} [default: {default}]."


def alone(annotation: Any) -> Any:
    """A type without None."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = [each for each in get_args(annotation) if each is not type(None)]
    return annotation
