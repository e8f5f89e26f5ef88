"""The program as values: its commands in the order of help, with what they declare. It imports no library but lmkit's command line: wheels are built without any."""

from collections.abc import Iterator
from dataclasses import dataclass

from lmkit.cli import command
from lmkit.cli.command import Declaration
from lmkit.cli.declared import Parameter
from lmkit.cli.help.layout import paragraphs_of
from lmkit.cli.help.options import panels_of, right, synopsis

ARGUMENTS = "Arguments"  # their heading


@dataclass(frozen=True)
class Command:
    """A command, or a group of commands."""

    name: str  # with that of its group, without the program's
    told: Declaration
    parameters: list[Parameter]
    commands: "list[Command]"  # of a group

    @property
    def called(self) -> str:
        """What is typed."""
        return f"lmkit {self.name}".rstrip()

    @property
    def usage(self) -> str:
        """What stands where."""
        return f"{self.called} {'COMMAND ...' if self.commands else synopsis(self.parameters)}"

    @property
    def paragraphs(self) -> list[tuple[bool, list[str]]]:
        """The paragraphs of its help: whether they are examples, and their lines."""
        return [*paragraphs_of(self.told.help)]

    @property
    def panels(self) -> dict[str, list[Parameter]]:
        """The parameters under the headings where they are listed: arguments, the command's own options, those that many have."""
        arguments = [each for each in self.parameters if each.is_argument]
        return ({ARGUMENTS: arguments} if arguments else {}) | panels_of(self.parameters)

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
    told = command.declared(module)
    if not told.is_group:
        return Command(name, told, command.parameters_of(told), [])
    below = command.Commands(module).modules()
    return Command(name, told, [], [command_of(f"{name} {each}".lstrip(), beside) for each, beside in below.items()])


def explained(parameter: Parameter) -> str:
    """What help says of a parameter, and the names that it had."""
    before = f" Formerly {', '.join(parameter.formerly)}." if parameter.formerly else ""
    return right(parameter) + before
