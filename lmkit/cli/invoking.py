"""What a command line asks for: a command with values, help, completions; and what is said where it asks for nothing that there is."""

from collections.abc import Sequence

from lmkit.cli import command
from lmkit.cli.command import EndedError
from lmkit.cli.command_lines import HELP, HelpAskedError, MissingArgumentError, UnknownOptionError, values_in
from lmkit.cli.output import rendering
from lmkit.version import NAME_AND_VERSION

VERSION = ("--version", "-V", "version")


def invoke(words: Sequence[str]) -> int:
    """Run a command line; returns the exit code. UsageError for what makes no sense."""
    called, module, rest = command.found_by(words)
    told = command.declared(module)
    try:
        if told.is_group:
            return of_group(called, module, rest)
        work, _ = command.spread(told.run)
        parameters = command.parameters_of(told)
        values = values_in(parameters, told.rewrite(rest) if told.rewrite else rest, rendering.tell_renamed)
    except HelpAskedError as asked:
        show_help(called, module, full=asked.full)
        return 0
    except UnknownOptionError as unknown:
        from lmkit.cli.nearest import no_such_option

        raise no_such_option(called, module, unknown.name) from None
    except MissingArgumentError as missing:
        from lmkit.cli.nearest import nothing_given

        raise nothing_given(called, told, missing.parameter) from None
    try:
        work(**values)
    except EndedError as ended:
        return ended.code
    return 0


def of_group(called: list[str], module: str, rest: list[str]) -> int:
    """What a line does that names no command, or only the group of it; returns the exit code."""
    if not rest:
        show_help(called, module, full=False, asked=False)
        return 2
    first, *others = rest
    if first == "help":  # of the group, or of a command that is named behind it
        return invoke([*called, *others, "--help"])
    if first in HELP:
        raise HelpAskedError(full=first == "--help")
    if not called and first in VERSION:
        print(NAME_AND_VERSION)
        return 0
    if not called and first in ("--install-completion", "--show-completion"):
        from lmkit.cli.completion.installing import completion_for_shell

        completion_for_shell(install=first == "--install-completion", told=others)
        return 0
    if first.startswith("-"):
        raise UnknownOptionError(first)
    from lmkit.cli.nearest import no_such_command

    raise no_such_command(called, first)


def show_help(called: list[str], module: str, *, full: bool, asked: bool = True) -> None:
    """Print help: to standard output where it was asked for, else to standard error."""
    from lmkit.cli.help.layout import width_of_terminal
    from lmkit.cli.help.page import page

    text = page(called, module, width_of_terminal(), full=full)
    if asked:
        print(text)
    else:
        rendering.tell(text)
