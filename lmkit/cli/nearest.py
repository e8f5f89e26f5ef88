"""What may have been meant where a command line names a command, or an option, that there is not: the nearest one, of all commands."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from lmkit.cli import command
from lmkit.cli.command import Declaration
from lmkit.cli.declared import Parameter
from lmkit.cli.help.layout import HELP, examples_of
from lmkit.errors import UsageError

NEAR, FAR = 0.8, 0.6  # how alike words are, of 1: what is surely meant, and what may be
LISTED = 4  # commands that a message names


def no_such_command(called: list[str], word: str) -> UsageError:
    """The error for a command that there is not, with those that may be meant."""
    group = " ".join(["lmkit", *called])
    return UsageError(f"there is no command {word} of {group}." if called else f"there is no command {word}.", remedy(
        [f"`lmkit {name}`" for name in commands_meant(called, word)], f"`{group} -h` lists all commands."
    ))  # fmt: skip


def remedy(meant: list[str], otherwise: str) -> str:
    """A question after what may be meant, if there is anything, and where to look."""
    return f"Did you mean {' or '.join(meant[:LISTED])}?\n{otherwise}" if meant else otherwise


def commands_meant(called: list[str], word: str) -> list[str]:
    """The full names of commands that a word may mean: called so in any group, known as that elsewhere, or nearly called so."""
    known = dict(everything())
    word = word.lower()
    exact = [name for name, told in known.items() if word in (name.rpartition(" ")[2], *told.known_as)]
    if exact:
        return exact
    parts = {name: name.rpartition(" ")[2] for name in known}
    for likeness in (NEAR, FAR):
        near = get_close_matches(word, {*parts.values(), *known}, n=2, cutoff=likeness)
        found = [name for each in near for name, part in parts.items() if each in (name, part)]
        if found:
            return [name for name in found if name.split(" ")[:-1] == called] or found
    return []


def everything(package: str = command.COMMANDS, before: str = "") -> Iterator[tuple[str, Declaration]]:
    """All commands and groups by their full names, as help lists them."""
    for name, module in command.Commands(package).modules().items():
        told = command.declared(module)
        yield before + name, told
        if told.is_group:
            yield from everything(module, f"{before}{name} ")


def no_such_option(called: list[str], module: str, name: str) -> UsageError:
    """The error for an option that a command has not: the nearest it has, or the commands that have it."""
    told = command.declared(module)
    line = " ".join(["lmkit", *called])
    own = [] if told.is_group else [each for each in command.parameters_of(told) if not each.is_argument]
    names = [switch for each in own for switch in each.names] + [*HELP]
    said = f"{line} has no option {name}."
    if near := like(name, names, NEAR):
        return UsageError(said, f"Did you mean {near[0]}?")
    elsewhere = {each: option for each, option in options_elsewhere(name) if each != " ".join(called)}
    if elsewhere:
        listed = [f"`lmkit {each} {option.long_name}`" for each, option in elsewhere.items()]
        return UsageError(said, remedy(listed, f"`{line} -h` lists the options that it has."))
    return UsageError(said, remedy(like(name, names, FAR), f"`{line} -h` lists its options."))


def like(name: str, names: Iterable[str], likeness: float) -> list[str]:
    """The two names that begin so, or are most alike, if any do."""
    written = name.lstrip("-").lower()
    if name.startswith("--") and (begun := [each for each in names if each.lstrip("-").startswith(written)]):
        return begun[:2]
    bare = {each.lstrip("-"): each for each in names if each.startswith("--")}
    return [bare[each] for each in get_close_matches(written, bare, n=2, cutoff=likeness)]


def options_elsewhere(name: str) -> Iterator[tuple[str, Parameter]]:
    """The commands that have an option of this name, or had it, with two dashes or one."""
    wanted = {name, f"-{name}"}
    for called, told in everything():
        for each in () if told.is_group else command.parameters_of(told):
            if not each.is_argument and wanted & {*each.names, *each.formerly}:
                yield called, each


def nothing_given(called: list[str], told: Declaration, missing: Parameter) -> UsageError:
    """The error for a command without an argument, or an option, that it needs, with an example."""
    line = " ".join(["lmkit", *called])
    needs = missing.metavar.removesuffix("...") if missing.is_argument else f"{missing.long_name} {missing.metavar}"
    example = next(iter(examples_of(told.help)), "").partition("  #")[0].strip()
    return UsageError(f"{line} needs {needs}.", f"As in: {example}" if example else f"`{line} -h` says how.")
