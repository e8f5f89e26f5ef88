"""Command lines: options with their values, and arguments, as the parameters of a command ask for them.

An option's value stands behind it, or after =, or directly behind a short name; short flags may be joined. Options and arguments stand
in any order; behind -- all are arguments. No option is called like a number, so that -2 is never taken for one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lmkit.cli.declared import Parameter
from lmkit.cli.values import several_of, shown, value_of, values_of
from lmkit.errors import UsageError

NUMBER = r"(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)"
HELP = ("-h", "--help")  # options of all commands
NEGATIVE = re.compile(f"-{NUMBER}(?:,[+-]?{NUMBER})*", re.ASCII | re.IGNORECASE)


def is_negative_number(word: str) -> bool:
    """Whether a word is a number with a minus before it, or a list that begins so, as -1,2; infinite ones are for others to refuse."""
    return NEGATIVE.fullmatch(word) is not None


def is_option(word: str) -> bool:
    """Whether a word is written as an option is."""
    return len(word) > 1 and word.startswith("-") and not is_negative_number(word)


class UnknownOptionError(UsageError):
    """The command has no option of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no option {name}.")
        self.name = name


class HelpAskedError(Exception):
    """Help is wanted, and nothing else. full: all of it."""

    def __init__(self, *, full: bool) -> None:
        super().__init__(full)
        self.full = full


class MissingArgumentError(UsageError):
    """The command needs an argument, or an option, that is not there."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(f"{parameter.long_name} is missing.")
        self.parameter = parameter


@dataclass(repr=False, eq=False)
class Switch:
    """A name of an option: what it sets, and to what, if it is a flag."""

    parameter: Parameter
    sets: bool | None = None
    renamed: str | None = None  # what it is called now, if this is a former name


@dataclass(repr=False, eq=False)
class CommandLine:
    """What was read: values by parameter, and notices on names that options had."""

    switches: dict[str, Switch]
    values: dict[str, Any] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)  # former names that were written, and what they are now

    def read(self, words: Iterable[str]) -> None:
        """Read all words. UsageError for options that there are not, and for values that are none."""
        rest = iter(words)
        for word in rest:
            if word == "--":
                self.others += rest
            elif not is_option(word):
                self.others.append(word)
            elif len(word) > 2 and f"-{word.partition('=')[0]}" in self.switches:
                raise UsageError(f"{word} has one dash, and names of several letters have two.", f"Write -{word}.")
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                self.take(name, [value] if equals else [], rest)
            else:
                self.read_short(word, rest)

    def read_short(self, word: str, rest: Iterator[str]) -> None:
        """Read a word of short names, the last of which may have its value there, or behind it."""
        for place in range(1, len(word)):
            name, attached = f"-{word[place]}", word[place + 1 :]
            if name not in self.switches and name not in HELP:
                raise UnknownOptionError(word if place == 1 else name)
            if name not in self.switches or self.switches[name].sets is None:
                self.take(name, [attached.removeprefix("=")] if attached else [], rest)
                return
            self.take(name, [], rest)

    def take(self, name: str, attached: list[str], rest: Iterator[str]) -> None:
        """Take an option, and its value, which may be attached to it."""
        if name not in self.switches:
            raise HelpAskedError(full=name == "--help") if name in HELP else UnknownOptionError(name)
        switch = self.switches[name]
        parameter = switch.parameter
        if switch.renamed is not None:
            self.renamed[name] = switch.renamed
        if switch.sets is not None:
            if attached:
                raise UsageError(f"{name} takes no value, and {shown(attached[0])} was given.", f"Write {name} alone.")
            self.values[parameter.name] = switch.sets
            return
        words = attached
        while len(words) < parameter.number:
            words.append(self.behind(name, parameter, rest))
        if parameter.several:
            self.values.setdefault(parameter.name, []).extend(several_of(parameter, name, words[0]))
        else:
            self.values[parameter.name] = (
                value_of(parameter, name, words[0]) if parameter.number == 1 else values_of(parameter, name, words)
            )

    def behind(self, name: str, parameter: Parameter, rest: Iterator[str]) -> str:
        """The word behind an option. UsageError if there is none, or another option."""
        word = next(rest, None)
        if word is None or word == "--" or (is_option(word) and word.partition("=")[0] in self.switches):
            found = "nothing follows" if word is None else f"{word} follows"
            raise UsageError(f"{name} needs a value, and {found}.", f"Write {name} {parameter.metavar}.")
        return word

    def fill(self, arguments: Sequence[Parameter]) -> None:
        """Give the words that are no options to the arguments, from left to right. UsageError for more than there is place for."""
        left = self.others
        for parameter in arguments:
            if not left:
                return
            if parameter.several:  # which is the last one
                self.values[parameter.name] = [value_of(parameter, parameter.metavar, word) for word in left]
                return
            self.values[parameter.name] = value_of(parameter, parameter.metavar, left[0])
            left = left[1:]
        if left:
            refuse_more(arguments, left[0])


def refuse_more(arguments: Sequence[Parameter], word: str) -> NoReturn:
    """UsageError for an argument that there is no place for."""
    if not arguments:
        raise UsageError(f"{shown(word)} is one argument too many.", "This command takes options alone.")
    listed = " ".join(each.metavar for each in arguments)
    raise UsageError(
        f"{shown(word)} is one argument too many.", f"The arguments are {listed}; a text with spaces stands in quotes."
    )


def values_in(
    parameters: Sequence[Parameter], words: Sequence[str], notice: Callable[[str, str], None]
) -> dict[str, Any]:
    """The values of the parameters of a command that words give. notice: is told of former names, and what these are now.

    UsageError where there is no such option, or value, or where one is missing.
    """
    line = CommandLine(switches_of(parameters))
    line.read(words)
    line.fill([each for each in parameters if each.is_argument])
    for former, now in line.renamed.items():
        notice(former, now)
    missing = next((each for each in parameters if each.is_required and each.name not in line.values), None)
    if missing is not None:
        raise MissingArgumentError(missing)
    return {each.name: line.values.get(each.name, as_declared(each)) for each in parameters}


def as_declared(parameter: Parameter) -> Any:
    """The default of a parameter; of decimals, one."""
    default = parameter.default
    return float(default) if parameter.kind is float and type(default) is int else default


def switches_of(parameters: Iterable[Parameter]) -> dict[str, Switch]:
    """The options by all their names, former ones among them."""
    found: dict[str, Switch] = {}
    for each in parameters:
        if each.is_argument:
            continue
        for yes, no in each.switches:
            found[yes] = Switch(each, True if each.is_flag else None)
            if no:
                found[no] = Switch(each, sets=False)
        for former in each.formerly:
            sets = None if not each.is_flag else not former.startswith("--no-")
            found[former] = Switch(each, sets, each.long_name)
    return found
