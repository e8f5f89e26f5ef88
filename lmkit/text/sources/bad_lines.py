"""Lines that break the format of their file: errors, or counted and skipped."""

import warnings
from collections.abc import Callable

from lmkit.errors import DataError, SkippedLinesWarning

Refuse = Callable[[int, str, str], None]  # line, what is wrong with it, what to do


class BadLines:
    """Raises an error for a bad line, or counts it."""

    def __init__(self) -> None:
        self._number = 0
        self._files: set[str] = set()
        self._first = ""

    def of(self, name: str, *, skip: bool) -> Refuse:
        """What takes the bad lines of a file: DataError at the first one, unless they are skipped."""

        def refuse(line: int, what: str, remedy: str) -> None:
            message = f"{name}:{line}: {what}"
            if not skip:
                goes_on = "--skip-bad-lines skips such lines, and tells how many they were."
                raise DataError(f"{message}.", f"{remedy} {goes_on}" if remedy else goes_on)
            self._first = self._first or message
            self._files.add(name)
            self._number += 1

        return refuse

    def add(self, later: "BadLines") -> None:
        """Take in those of the texts that come next."""
        self._number += later._number  # noqa: SLF001 (of its own class)
        self._files |= later._files  # noqa: SLF001
        self._first = self._first or later._first  # noqa: SLF001

    def warn(self) -> None:
        """Tell of the lines that were skipped, if there are any."""
        if self._number:
            files = f" in {len(self._files):,} files" if len(self._files) > 1 else ""
            one = f"1 bad line was skipped; {self._first}."
            text = (
                one
                if self._number == 1
                else f"{self._number:,} bad lines were skipped{files}; the first: {self._first}."
            )
            warnings.warn(text, SkippedLinesWarning, stacklevel=2)
