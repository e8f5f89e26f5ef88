"""Command lines that are plain: known options with plain values behind them, and arguments. They are read without typer.

Typer reads all others, gives help, and says what is wrong: importing it takes a fifth of the time of a start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import Any, get_args, get_origin

from lmkit.cli.declared import Argument, taken_apart
from lmkit.cli.negative_numbers import is_negative_number
from lmkit.cli.plain_values import NotPlainError, plain

SAID = {"help", "metavar", "min", "max", "show_default"}  # what may be said of a parameter that is read here


@dataclass(repr=False, eq=False)
class Place:
    """A parameter, and what was written for it."""

    name: str
    kind: Any  # of a value, or of each of several
    several: bool
    default: Any
    limits: dict[str, Any]
    written: Any = Parameter.empty

    def value(self) -> Any:
        """The value. NotPlainError if it is not plain."""
        if self.written is Parameter.empty:
            if self.default is Parameter.empty:
                raise NotPlainError
            return self.default if self.default is None or self.several else self.plain(self.default)
        return list(map(self.plain, self.written)) if self.several else self.plain(self.written)

    def plain(self, written: Any) -> Any:
        """One value."""
        exact = float(written) if self.kind is float and type(written) is int else written
        return plain(self.kind, exact, self.limits.get("min"), self.limits.get("max"))


def values_of(parameters: Iterable[Parameter], words: Sequence[str]) -> dict[str, Any]:
    """The values of the parameters of a command that words give. NotPlainError if they are for typer."""
    if not words:  # that asks for help
        raise NotPlainError
    places, arguments, switches = [], [], dict[str, tuple[Place, bool | None]]()
    for parameter in parameters:
        place, names = place_of(parameter)
        places.append(place)
        if names is None:
            arguments.append(place)
        else:
            switches |= names
    fill_arguments(arguments, fill_options(switches, words))
    return {place.name: place.value() for place in places}


def place_of(parameter: Parameter) -> tuple[Place, dict[str, tuple[Place, bool | None]] | None]:
    """The place of a parameter and, if it is an option, of each of its names: the place, and what it is set to by a flag."""
    kind, told = taken_apart(parameter.annotation)
    if not told.how.keys() <= SAID:
        raise NotPlainError
    kinds = [each for each in get_args(kind) if each is not type(None)] if type(None) in get_args(kind) else [kind]
    several = get_origin(kinds[0]) is list
    place = Place(parameter.name, get_args(kinds[0])[0] if several else kinds[0], several, parameter.default, told.how)
    if isinstance(told, Argument):
        return place, None
    is_flag, written = place.kind is bool, parameter.name.replace("_", "-")
    names: dict[str, tuple[Place, bool | None]] = {}
    for name in told.names or [f"--{written}/--no-{written}" if is_flag else f"--{written}"]:
        yes, _, no = name.partition("/")
        names[yes] = place, True if is_flag else None
        if no:
            names[no] = place, False
    return place, names


def fill_options(switches: dict[str, tuple[Place, bool | None]], words: Iterable[str]) -> list[str]:
    """Put what is written behind options into their places; returns the other words."""
    others = []
    rest = iter(words)
    for word in rest:
        if word == "-" or not word.startswith("-") or is_negative_number(word):
            others.append(word)
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if name not in switches:
            raise NotPlainError
        place, flag = switches[name]
        if flag is not None:
            if equals or place.several:
                raise NotPlainError
            place.written = flag
            continue
        if not equals:
            value = next(rest, "--")
            if value.startswith("-") and value != "-" and not is_negative_number(value):
                raise NotPlainError
        if not place.several:
            place.written = value
        elif place.written is Parameter.empty:
            place.written = [value]
        else:
            place.written.append(value)
    return others


def fill_arguments(places: Sequence[Place], words: list[str]) -> None:
    """Put words into the places of arguments, from left to right."""
    left = words
    for number, place in enumerate(places, start=1):
        if place.several and number < len(places):
            raise NotPlainError
        if left and place.several:
            place.written, left = left, []
        elif left:
            place.written, *left = left
    if left:
        raise NotPlainError
