"""Negative numbers among arguments: no option of lmkit is called like a number, so -2 is never taken for one."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

NUMBER = r"(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)"
NEGATIVE = re.compile(f"-{NUMBER}(?:,[+-]?{NUMBER})*", re.ASCII | re.IGNORECASE)


def is_negative_number(word: str) -> bool:
    """Whether a word is a number with a minus before it, or a list that begins so, as -1,2; infinite ones are for others to refuse."""
    return NEGATIVE.fullmatch(word) is not None


def numbers_as_arguments(words: Sequence[str], taking: Collection[str]) -> list[str]:
    """A command line for click, which takes whatever begins with - for an option: if there are negative arguments, all stand behind --.

    taking: the names of options that take a value, which may be negative, too, and stays with them.
    """
    options: list[str] = []
    arguments: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            arguments += rest
        elif word == "-" or not word.startswith("-") or is_negative_number(word):
            arguments.append(word)
        else:
            options.append(word)
            if takes_next(word, taking):
                options += islice(rest, 1)
    return [*options, "--", *arguments] if any(map(is_negative_number, arguments)) else list(words)


def takes_next(word: str, taking: Collection[str]) -> bool:
    """Whether the value of an option, or of the last of several in one word, as -qn, is the word behind it."""
    if word.startswith("--"):
        return word in taking
    first = next((place for place, letter in enumerate(word) if f"-{letter}" in taking), None)
    return first == len(word) - 1


def names_taking_values(parameters: Iterable[Any]) -> set[str]:
    """The names of the options of a command, as click has them, that take a value."""
    return {
        name
        for each in parameters
        if each.param_type_name == "option" and not each.is_flag and not each.count
        for name in each.opts
    }
