"""Plain command lines, which are read at once: without typer, whose import would take a fifth of the time of a small command.

An option's value stands behind it, or after =, or directly behind a short name; short flags may be joined. Options and arguments stand
in any order; behind -- all are arguments. Whatever is not plain, or wrong, is for typer to read (see `typed`). No option is called like a
number, so that -2 is never taken for one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lmkit.cli.declared import Parameter

NUMBER = r"(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)"
NEGATIVE = re.compile(f"-{NUMBER}(?:,[+-]?{NUMBER})*", re.ASCII | re.IGNORECASE)

Written = dict[str, Any]  # by parameter: whether a flag is set; the word of any other; several, where it has several


class NotPlainError(Exception):
    """The line is for typer."""


def is_negative_number(word: str) -> bool:
    """Whether a word is a number with a minus before it, or a list that begins so, as -1,2; infinite ones are for others to refuse."""
    return NEGATIVE.fullmatch(word) is not None


def is_option(word: str) -> bool:
    """Whether a word is written as an option is."""
    return len(word) > 1 and word.startswith("-") and not is_negative_number(word)


@dataclass(repr=False, eq=False)
class Switch:
    """A name of an option: what it sets, and to what, if it is a flag."""

    parameter: Parameter
    sets: bool | None = None
    renamed: str | None = None  # what it is called now, if this is a former name


@dataclass(repr=False, eq=False)
class CommandLine:
    """What was read so far."""

    switches: dict[str, Switch]
    written: Written = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def read(self, words: Iterable[str]) -> None:
        """Read all words. NotPlainError for options that there are not, and for values that are missing."""
        rest = iter(words)
        for word in rest:
            if word == "--":
                self.others += rest
            elif not is_option(word):
                self.others.append(word)
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                self.take(name, [value] if equals else [], rest)
            elif len(word) > 2 and f"-{word.partition('=')[0]}" in self.switches:  # -order for --order
                raise NotPlainError
            else:
                self.read_short(word, rest)

    def read_short(self, word: str, rest: Iterator[str]) -> None:
        """Read a word of short names, the last of which may have its value there, or behind it."""
        for place in range(1, len(word)):
            name, attached = f"-{word[place]}", word[place + 1 :]
            if name not in self.switches or self.switches[name].sets is None:
                self.take(name, [attached] if attached else [], rest)
                return
            self.take(name, [], rest)

    def take(self, name: str, attached: list[str], rest: Iterator[str]) -> None:
        """Take an option, and its value, which may be attached to it."""
        switch = self.switches.get(name)
        if switch is None or switch.renamed is not None or (attached and switch.sets is not None):
            raise NotPlainError
        parameter = switch.parameter
        if switch.sets is not None:
            self.written[parameter.name] = switch.sets
            return
        words = attached
        while len(words) < parameter.number:
            word = next(rest, None)
            if word is None or (is_option(word) and word.partition("=")[0] in (*self.switches, "--")):
                raise NotPlainError
            words.append(word)
        if parameter.several:
            self.written.setdefault(parameter.name, []).append(words[0])
        else:
            self.written[parameter.name] = words[0] if parameter.number == 1 else tuple(words)

    def fill(self, arguments: Sequence[Parameter]) -> None:
        """Give the words that are no options to the arguments, from left to right. NotPlainError for more than there is place for."""
        left = self.others
        for parameter in arguments:
            if not left:
                return
            if parameter.several:  # which is the last one
                self.written[parameter.name] = left
                return
            self.written[parameter.name] = left[0]
            left = left[1:]
        if left:
            raise NotPlainError


def written_in(parameters: Sequence[Parameter], words: Sequence[str]) -> Written:
    """What words say of the parameters of a command. NotPlainError where anything is wrong, or missing, or called as it was formerly."""
    line = CommandLine(switches_of(parameters))
    line.read(words)
    line.fill([each for each in parameters if each.is_argument])
    if any(each.is_required and each.name not in line.written for each in parameters):
        raise NotPlainError
    return line.written


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
