"""A table of a TOML file that is read with all that is wrong with it: problems are gathered, and reported together by line."""

import difflib
import json
import math
import os
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lmkit.errors import DataError, Place
from lmkit.escaping import visible
from lmkit.evaluation.toml_lines import Path, lines_of_keys
from lmkit.text.sources.names import source_name
from lmkit.text.sources.opening import SMALL, open_source, read_whole

Name = TypeVar("Name", bound=str)

DEEP_KEY = re.compile(  # the reader of TOML takes time and memory as the square of the parts of a key
    r"""(?:(?<![\w-])[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){30}"""
)
AT_END = re.compile(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)
LARGEST = sys.float_info.max
MOST = (1 << 63) - 1  # of whole numbers


@dataclass(frozen=True, eq=False)
class Table:
    """A table, and where it stands in the file."""

    values: dict[str, Any]
    title: str  # as the file has it
    path: Path
    file: str
    lines: dict[Path, int] = field(repr=False)
    problems: list[tuple[int, str]] = field(default_factory=list)  # of the whole file, with their lines

    def problem(self, message: str, *path: str | int) -> None:
        """Note what is wrong with a key, or with the table."""
        self.problems.append((self.line(*path), message))

    def line(self, *path: str | int) -> int:
        """The line of a key of this table, or that of the table itself."""
        return self.lines.get((*self.path, *path), self.lines.get(self.path, 0))

    def refuse_problems(self) -> None:
        """DataError that lists the problems by line, if there are any."""
        if self.problems:
            listed = sorted(set(self.problems))
            lines = (
                visible(f"{self.file}:{line}: {message}" if line else f"{self.file}: {message}")
                for line, message in listed
            )
            errors = "1 error" if len(listed) == 1 else f"{len(listed)} errors"
            places = [Place(self.file, line, message) for line, message in listed]
            raise DataError(f"{self.file} has {errors}, and nothing was done.", "\n".join(lines), places)

    def known(self, names: Iterable[str]) -> None:
        """All keys must be among these."""
        allowed = list(names)
        for key in self.values:
            if key not in allowed:
                self.problem(f"unknown key {key!r} in {self.title}{meant(key, allowed)}", key)

    def names(self, wanted: Iterable[str], known: Collection[str], kind: str, *path: str) -> None:
        """All these must be names of models or texts."""
        for name in wanted:
            if name not in known:
                self.problem(f"there is no {kind} {name!r}{meant(name, known)}", *path)

    def table(self, key: str) -> "Table":
        """The table of this name; an empty one if there is none."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.problem(f"{key} is {shown(value)}; it must be a table: [{key}].", key)
            value = {}
        title = f"[{key}]" if not self.path else f"{'.'.join(map(str, self.path))}.{key}"
        return Table(value, title, (*self.path, key), self.file, self.lines, self.problems)

    def tables(self, key: str) -> "list[Table]":
        """The tables of the array of this name; none if there is no such array."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.problem(f"{key} is {shown(value)}; write [[{key}]] above each one.", key)
            return []
        return [
            Table(each, f"[[{key}]]", (*self.path, key, place), self.file, self.lines, self.problems)
            for place, each in enumerate(value)
        ]

    def number(self, key: str, low: float, high: float, default: float = 0.0) -> float:
        """A number within these bounds."""
        value = self.values.get(key, default)
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and low <= value <= high
            and abs(value) <= LARGEST
        ):
            return float(value)
        bounds = f"of {low:g} or more" if high == math.inf else f"from {low:g} to {high:g}"
        self.problem(f"{key} is {shown(value)}; it must be a number {bounds}.", key)
        return default

    def integer(self, key: str, low: int, default: int, most: int | None = None) -> int:
        """A whole number from a lowest one, to a largest one if there is one."""
        value = self.values.get(key, default)
        if type(value) is int and low <= value <= (most or MOST):
            return value
        range_ = f"of {low} or more" if most is None else f"from {low} to {most:,}"
        self.problem(f"{key} is {shown(value)}; it must be a whole number {range_}.", key)
        return default

    def choice(self, key: str, names: Sequence[Name]) -> Name:
        """One of the names; the first if it is not there."""
        value = self.values.get(key, names[0])
        for name in names:
            if value == name:
                return name
        *others, last = map(shown, names)
        self.problem(f"{key} is {shown(value)}; it must be {', '.join(others)} or {last}.", key)
        return names[0]

    def boolean(self, key: str) -> bool:
        """A truth value; false if it is not there."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.problem(f"{key} is {shown(value)}; it must be true or false.", key)
        return value is True

    def string(self, key: str) -> str:
        """A text that is not empty; "" if it is wrong or not there."""
        value = self.values.get(key)
        if key in self.values and not (isinstance(value, str) and value):
            self.problem(f"{key} is {shown(value)}; it must be a string that is not empty.", key)
        return value if isinstance(value, str) else ""

    def strings(self, key: str) -> tuple[str, ...] | None:
        """One string or several; None if they are wrong or not there."""
        value = self.values.get(key)
        listed = value if isinstance(value, list) and value else [value]
        if all(isinstance(each, str) and each for each in listed):
            return tuple(listed)
        if key in self.values:
            self.problem(f"{key} is {shown(value)}; it must be a string or an array of strings.", key)
        return None


def read_table(path: str | os.PathLike[str]) -> Table:
    """The whole of a TOML file; "-" is standard input. DataError if it is none."""
    file = source_name(path)
    with open_source(path) as source:
        data = read_whole(source, file, SMALL)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{file}:{line}: invalid UTF-8 (byte 0x{data[error.start]:02x}).", "TOML is UTF-8 text."
        ) from None
    if found := DEEP_KEY.search(text):
        raise DataError(
            f"{file}:{text.count(chr(10), 0, found.start()) + 1}: this key has too many parts.",
            "Tables in a suite are two deep at most.",
        )
    try:
        values, lines = tomllib.loads(text), lines_of_keys(text)
    except (ValueError, RecursionError) as error:  # of numbers too long and of nesting too deep, too
        found = AT_END.match(str(error))
        message, line_number = (found[1], found[2]) if found else (str(error), None)
        number = int(line_number or text.rstrip("\n").count("\n") + 1)
        told, remedy = f"{file}:{number}: this is not TOML: {message}.", "See https://toml.io for the format."
        raise DataError(told, remedy, places=[Place(file, number, f"{told}\n{remedy}")]) from None
    return Table(values, "the suite", (), file, lines)


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a message on an unknown word: the nearest one that is known, or all of them."""
    listed = list(known)
    nearest = difflib.get_close_matches(word, listed, 1)
    if nearest:
        return f"; did you mean {nearest[0]!r}?"
    return f"; it can be: {', '.join(listed)}." if listed else "."


def shown(value: Any) -> str:
    """A value as TOML has it, or what it is."""
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "a table"
    return "an array" if isinstance(value, list) else str(value)
