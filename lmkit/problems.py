"""What a check finds: problems by level and kind, listed up to a limit and counted beyond it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lmkit.one_line import one_line

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
LISTED = 10_000  # problems of one level and kind that are listed; more are counted
QUOTED = 60  # characters of a line that a message shows


@one_line
@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, odd, or worth knowing."""

    level: (
        Level  # error: readers fail, or figures are wrong; warning: some readers fail, or it is odd; note: a convention
    )
    line: int | None  # of the file, from 1; None where there is none
    kind: str
    message: str


class Problems:
    """Collects problems."""

    are_collected = True

    def __init__(self) -> None:
        self._listed: dict[tuple[Level, str], list[Problem]] = {}
        self._totals: dict[tuple[Level, str], int] = {}

    def add(self, level: Level, kind: str, message: str, line: int | None = None) -> None:
        """Take in one problem."""
        self.add_each(level, kind, 1, lambda _: (line, message))

    def add_each(self, level: Level, kind: str, number: int, describe: Callable[[int], tuple[int | None, str]]) -> None:
        """Take in several problems of a kind. describe: the line and the message of the problem of this number, from 0."""
        if not number:
            return
        listed = self._listed.setdefault((level, kind), [])
        self._totals[level, kind] = self._totals.get((level, kind), 0) + number
        for place in range(min(number, LISTED - len(listed))):
            listed.append(Problem(level, describe(place)[0], kind, describe(place)[1]))

    def join(self, other: "Problems") -> None:
        """Take in what another one has collected."""
        for key, found in other._listed.items():  # noqa: SLF001 (of its own class)
            listed = self._listed.setdefault(key, [])
            listed += found[: LISTED - len(listed)]
            self._totals[key] = self._totals.get(key, 0) + other._totals[key]  # noqa: SLF001

    def forget_all_but(self, kind: str) -> None:
        """Drop all problems of other kinds."""
        for key in [key for key in self._listed if key[1] != kind]:
            del self._listed[key], self._totals[key]

    def listed(self) -> tuple[Problem, ...]:
        """The problems: errors first; kinds as the file comes to them; each kind in the order of the lines."""

        def place(key: tuple[Level, str]) -> tuple[int, float]:
            lines = [problem.line for problem in self._listed[key] if problem.line is not None]
            return LEVELS.index(key[0]), min(lines, default=math.inf)

        keys = sorted(self._listed, key=place)
        return tuple(
            problem for key in keys for problem in sorted(self._listed[key], key=lambda found: found.line or 0)
        )

    def totals(self) -> dict[Level, dict[str, int]]:
        """The number of problems of each level and kind."""
        return {
            level: {kind: total for (its_level, kind), total in self._totals.items() if its_level == level}
            for level in LEVELS
        }

    def of_kind(self, *kinds: str) -> int:
        """The number of problems of these kinds."""
        return sum(total for (_, kind), total in self._totals.items() if kind in kinds)


def line_or_none(line: Any) -> int | None:
    """A line number for a problem; None where it is 0 or below: the n-gram stands in no line."""
    return int(line) if line > 0 else None


def named(words: Sequence[bytes]) -> str:
    """An n-gram as messages name it."""
    return f"the {len(words)}-gram {b' '.join(words).decode()!r}"


def quoted(text: bytes) -> str:
    """A text that may hold anything, as messages show it."""
    shown = repr(text.decode(errors="replace")).replace("\\\\", "\\")
    return shown if len(shown) <= QUOTED else f"{shown[:QUOTED]}…"
