"""Which files match a pattern such as data/**/*.txt.gz, here and elsewhere."""

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

MAGIC = "*?["  # characters that make a name a pattern
ANY_DEPTH = "**"  # in a pattern: folders at any depth, or none


def is_pattern(path: str) -> bool:
    """Whether there is a character of MAGIC in a path."""
    return any(character in path for character in MAGIC)


def parts_of_pattern(pattern: str) -> tuple[str, list[str]]:
    """The folder that a pattern begins with, empty if it has none, and the names after it, the first of which has a character of MAGIC."""
    start = min(pattern.index(character) for character in MAGIC if character in pattern)
    folder, first = os.path.split(pattern[:start])
    names = (first + pattern[start:]).replace(os.altsep or os.sep, os.sep).split(os.sep)  # noqa: PTH206 (a / at the end counts)
    return folder, [name for name in names[:-1] if name not in ("", os.curdir)] + names[-1:]


def step(pattern: Sequence[str], matched: Iterable[int], name: str) -> set[int]:
    """How many names of a pattern can be matched once this one has come, after so many."""
    after: set[int] = set()
    for number in matched:
        part = pattern[number] if number < len(pattern) else ""
        if part == ANY_DEPTH and not name.startswith("."):
            after.add(number)
        elif part and fnmatch(name, part) and (part.startswith(".") or not name.startswith(".")):
            after.add(number + 1)
    return reached(pattern, after)


def reached(pattern: Sequence[str], matched: set[int]) -> set[int]:
    """The same, with each ** that stands for no folder."""
    for number in range(min(matched, default=len(pattern)), len(pattern)):
        if number in matched and pattern[number] == ANY_DEPTH:
            matched.add(number + 1)
    return matched


def path_parts(path: str) -> tuple[str, ...]:
    """What paths are sorted by: folder by folder."""
    return Path(path).parts
