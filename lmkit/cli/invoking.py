"""What a command line asks for: a command with values, help, completions; and what is said where it asks for nothing that there is."""

from collections.abc import Sequence

from lmkit.cli import command
from lmkit.cli.command import EndedError
from lmkit.cli.command_lines import NotPlainError, written_in
from lmkit.cli.help.layout import HELP, width_of_terminal
from lmkit.cli.output import rendering
from lmkit.cli.values import values_of


def invoke(words: Sequence[str]) -> int:
    """Run a command line; returns the exit code. UsageError for what makes no sense."""
    called, module, rest = command.found_by(words)
    told = command.declared(module)
    if told.is_group:
        return of_group(called, module, rest)
    parameters = command.parameters_of(told)
    try:
        written = written_in(parameters, told.rewrite(rest) if told.rewrite else rest)
    except NotPlainError:
        if asked := [word for word in rest if word in HELP]:
            show_help(called, module, full=HELP[1] in asked)
            return 0
        return by_typer(called, module, rest)
    work, _ = command.spread(told.run)
    try:
        work(**values_of(parameters, written))
    except EndedError as ended:
        return ended.code
    return 0


def by_typer(called: list[str], module: str, rest: list[str]) -> int:
    """Have typer read the words behind a command, and run it; returns the exit code. UsageError for what makes no sense."""
    import typer

    from lmkit.cli.typed import built

    made = built(called, module)
    try:
        # Not made.main(): it would turn a closed pipe into exit code 1.
        with made.make_context(" ".join(["lmkit", *called]), rest) as context:
            made.invoke(context)
    except EndedError as ended:
        return ended.code
    except typer.Exit as ended:  # help was shown
        return ended.exit_code
    return 0


def of_group(called: list[str], module: str, rest: list[str]) -> int:
    """What a line does that names no command, or only the group of it; returns the exit code."""
    if not rest:
        show_help(called, module, full=False, asked=False)
        return 2
    from lmkit.cli.nearest import no_such_command, no_such_option

    first, *others = rest
    if first == "help":  # of the group, or of a command that is named behind it
        return invoke([*called, *others, "--help"])
    if first in HELP:
        show_help(called, module, full=first == "--help")
        return 0
    if not called and first in ("--install-completion", "--show-completion"):
        from lmkit.cli.completion.installing import completion_for_shell

        completion_for_shell(install=first == "--install-completion", told=others)
        return 0
    if first.startswith("-"):
        raise no_such_option(called, module, first)
    raise no_such_command(called, first)


def show_help(called: list[str], module: str, *, full: bool, asked: bool = True) -> None:
    """Print help: to standard output where it was asked for, else to standard error."""
    from lmkit.cli.help.page import page

    text = page(called, module, width_of_terminal(), full=full)
    if asked:
        print(text)
    else:
        rendering.tell(text)
