"""The errors lmkit reports to people, each with the exit code of the command line.

A message says what was asked, what was found and where; `remedy` says what to do about it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lmkit.audience import addressed
from lmkit.escaping import visible


class Place(NamedTuple):
    """What is wrong, and where."""

    file: str
    line: int  # from 1; 0: none
    message: str


class Told(Exception):
    """What people are told: a message of one line, and what to do about it. Both name files and show what is in them: see `visible`.

    They name options where they are told at the command line, else the keywords of Python: see `lmkit.audience`.
    """

    def __init__(self, message: str, remedy: str = "", places: "Sequence[Place]" = ()) -> None:
        """places: what it is about, where files and lines of theirs are known."""
        super().__init__(visible(message), visible(remedy, keep="\n"))
        self.places = tuple(places)

    @property
    def message(self) -> str:
        """What is wrong, in one line."""
        return addressed(self.args[0])

    @property
    def remedy(self) -> str:
        """What to do about it; empty where nothing is known."""
        return addressed(self.args[1])

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class LmkitError(Told):
    """Base of all errors that lmkit raises on purpose."""

    exit_code = 1


class DataError(LmkitError):
    """The data or the files do not allow what was asked."""


class UsageError(LmkitError):
    """The options or arguments contradict each other or make no sense."""

    exit_code = 2


class GateError(LmkitError):
    """A measured figure is above the limit that was set for it."""

    exit_code = 3


class LmkitWarning(Told, UserWarning):
    """Base of all warnings that lmkit gives; the command line tells them on stderr."""


class VocabularyWarning(LmkitWarning):
    """No token of a text is in the vocabulary that was given, or its list is written as other tools do; the message says more."""


class ModelWarning(LmkitWarning):
    """A model can be read, and what it holds makes its figures worth less, or nothing; the message says why."""


class ListWarning(LmkitWarning):
    """Lists of words were read whose words have white space in them, and may be sentences; the message says what became of them."""


class CountsWarning(LmkitWarning):
    """Lists of counts lack n-grams that longer ones contain, or ends of sentences; the message says what became of that."""


class SkippedLinesWarning(LmkitWarning):
    """Lines of a text were skipped because they break its format, as was asked; the message says how many."""


class VectorsWarning(LmkitWarning):
    """Word vectors are written or read otherwise than they stand, such as without words that come twice; the message says what became of them."""


class MatchesWarning(LmkitWarning):
    """A text is matched with itself; the message says which."""


class WorkerWarning(LmkitWarning):
    """A worker process died, and its work was done again; the message says of what it died."""


class JournalWarning(LmkitWarning):
    """What was kept of a job that was broken off is damaged; the message says what becomes of it."""
