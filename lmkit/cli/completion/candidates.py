"""What may stand at the end of a command line: commands, options, their values, names of files by kind."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmkit.cli import command
from lmkit.cli.command_lines import is_option, switches_of
from lmkit.cli.completion.file_names import file_names
from lmkit.cli.completion.scripts import SCRIPTS
from lmkit.cli.declared import Parameter
from lmkit.cli.help.layout import HELP

SHELLS_FOLLOW = ("--install-completion", "--show-completion")
ROOT_OPTIONS = {
    "--version": "Show the version.",
    "--install-completion": "Let Tab complete command lines: bash, zsh, fish.",
    "--show-completion": "Show what would be installed.",
}


@dataclass(repr=False, eq=False)
class Candidate:
    """What may stand there, and what is said of it."""

    value: str
    said: str = ""
    is_file: bool = False


def candidates(words: Sequence[str], begun: str) -> list[Candidate]:
    """What may stand behind some words, if it begins so."""
    if words and words[-1] in SHELLS_FOLLOW:
        return beginning(map(Candidate, SCRIPTS), begun)
    called, module, rest = command.found_by(words[1:] if words[:1] == ["help"] else words)
    if command.declared(module).is_group:
        return [] if rest else beginning(of_group(called, module, begun), begun)
    parameters = command.parameters_of(command.declared(module))
    if (asked := waiting(parameters, rest)) is not None:
        return values(asked, begun, rest)
    if begun.startswith("--") and "=" in begun:
        name, _, value = begun.partition("=")
        switch = switches_of(parameters).get(name)
        found = [] if switch is None else values(switch.parameter, value, rest)
        return [Candidate(f"{name}={each.value}", each.said, each.is_file) for each in found]
    if begun.startswith("-") and "--" not in rest:
        return beginning(options(parameters), begun)
    place = argument_at(parameters, rest)
    return [] if place is None else values(place, begun, rest)


def beginning(found: Iterable[Candidate], begun: str) -> list[Candidate]:
    """Those that begin so."""
    return [each for each in found if each.value.startswith(begun)]


def of_group(called: list[str], module: str, begun: str) -> Iterator[Candidate]:
    """The commands of a group, and, where an option is begun, what may stand in place of a command."""
    if begun.startswith("-"):
        yield from (Candidate(*each) for each in ({} if called else ROOT_OPTIONS).items())
        yield from (Candidate(name, "Help.") for name in HELP)
        return
    for name, told in command.glimpsed(module).items():
        yield Candidate(name, told.short)


def options(parameters: Iterable[Parameter]) -> Iterator[Candidate]:
    """The names of all options."""
    for each in parameters:
        if not each.is_argument:
            said = each.told.how.get("help", "").partition(";")[0]
            yield from (Candidate(name, said) for name in each.names)
    yield from (Candidate(name, "Help.") for name in HELP)


def waiting(parameters: Iterable[Parameter], rest: Sequence[str]) -> Parameter | None:
    """The option whose value is to come, if the last words are one."""
    switches = switches_of(parameters)
    for back, word in enumerate(reversed(rest), start=1):
        if is_option(word):
            switch = switches.get(word)
            is_waiting = switch is not None and switch.sets is None and back <= switch.parameter.number
            return switch.parameter if switch is not None and is_waiting else None
    return None


def argument_at(parameters: Iterable[Parameter], rest: Sequence[str]) -> Parameter | None:
    """The argument that is to come."""
    listed = list(parameters)
    switches, places = switches_of(listed), [each for each in listed if each.is_argument]
    given, skipped = 0, 0
    for word in rest:
        if skipped:
            skipped -= 1
        elif is_option(word):
            switch = switches.get(word)
            skipped = 0 if switch is None or switch.sets is not None else switch.parameter.number
        else:
            given += 1
    if given < len(places):
        return places[given]
    return places[-1] if places and places[-1].several else None


def values(parameter: Parameter, begun: str, rest: Sequence[str]) -> list[Candidate]:
    """The values of a parameter that begin so; of a list with commas, each with what stands before it."""
    before, comma, last = begun.rpartition(",") if "," in parameter.metavar else ("", "", begun)
    names = [Candidate(before + comma + name) for name in names_of(parameter, rest) if name.startswith(last)]
    paths = file_names(parameter.metavar, begun) if parameter.kind in (str, Path) else []
    return names + [Candidate(path, is_file=True) for path in paths]


def names_of(parameter: Parameter, rest: Sequence[str]) -> Sequence[str]:
    """The names that may stand there."""
    if parameter.metavar == "FIELD":
        from lmkit.cli.completion.fields import fields

        return fields(rest)
    told: Sequence[str] | Callable[[], Sequence[str]] = parameter.told.how.get("complete", ())
    return parameter.choices or (told() if callable(told) else told)
