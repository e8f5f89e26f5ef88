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


def is_chosen(names: Sequence[str], include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether a file, of these names from a folder on, is one of those to include, if there are such, and none of those to exclude."""
    return (not include or any(matches(names, each) for each in include)) and not any(
        matches(names, each) for each in exclude
    )


def matches(names: Sequence[str], pattern: str) -> bool:
    """Whether a pattern matches a file, or a folder that it lies in: one of the names, or, with a /, the names from the first on."""
    wanted = [part for part in slashed(pattern).split("/") if part not in ("", os.curdir)]
    if "/" not in slashed(pattern).strip("/"):
        return any(fnmatch(name, part) for name in names for part in wanted)
    matched = reached(wanted, {0})
    for name in names:
        matched = step(wanted, matched, name)
        if len(wanted) in matched:
            return True
    return False


def names_below(named: str, place: str) -> list[str]:
    """The names of folders and of the file on the way from a folder, or from where a pattern begins, to a file there."""
    start, names = (
        [part for part in slashed(path).split("/") if part not in ("", os.curdir)] for path in (named, place)
    )
    shared = 0
    while shared < min(len(start), len(names) - 1) and start[shared] == names[shared]:
        shared += 1
    return names[shared:]


def slashed(path: str) -> str:
    """A path with / between its names."""
    return path.replace(os.sep, "/")
