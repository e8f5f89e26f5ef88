"""On which line of a TOML file each key stands: Python's own reader gives values alone."""

import re
import tomllib
from collections.abc import Iterator
from typing import cast

Path = tuple[str | int, ...]  # keys, and places in arrays

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
STRINGS = (  # the longer quotes first; they may hold up to two quotes right before the three at their end
    re.compile(r'"""(?:\\.|[^\\])*?"""("{0,2})', re.DOTALL),
    re.compile(r"'''.*?'''('{0,2})", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
)
ATOM = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^,\]}#\s]*|[^,\]}#\s]+")  # a date and its time may have a space between


def lines_of_keys(text: str) -> dict[Path, int]:
    """The line, from 1, of each table, key and array element of a valid TOML text."""
    return Scanner(text).scan()


class Scanner:
    """A place in a valid TOML text, and what was found so far."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._lines: dict[Path, int] = {}
        self._newest: dict[Path, int] = {}  # array of tables -> its last element

    def scan(self) -> dict[Path, int]:
        """Go through the whole text."""
        table: Path = ()
        self._skip(BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(BLANK)
        return self._lines

    def _header(self) -> Path:
        """Read [table] or [[array of tables]]; returns its path."""
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        path: Path = ()
        for key in self._keys(closing="]"):
            self._note(path)
            path = (*path, key)
            if path in self._newest and not (is_array and self._text[self._at] == "]"):
                path = (*path, self._newest[path])
        self._note(path)
        if is_array:
            self._newest[path] = self._newest.get(path, -1) + 1
            path = (*path, self._newest[path])
            self._note(path)
        self._at += 2 if is_array else 1
        return path

    def _pair(self, table: Path) -> None:
        """Read key = value."""
        path = table
        for key in self._keys(closing="="):
            path = (*path, key)
            self._note(path)
        self._at += 1
        self._skip(BLANK)
        self._value(path)

    def _keys(self, closing: str) -> Iterator[str]:
        """The parts of a dotted key, up to what ends it; when a part is given, its end is already known."""
        while True:
            self._skip(BLANK)
            start = self._at
            quoted = self._text[start] in "\"'"
            self._skip(STRINGS[2 if self._text[start] == '"' else 3] if quoted else BARE_KEY)
            raw = self._text[start : self._at]
            self._skip(BLANK)
            yield tomllib.loads(f"key = {raw}")["key"] if quoted else raw
            if self._text[self._at] == closing:
                return
            self._at += 1  # the dot

    def _value(self, path: Path) -> None:
        """Read a value."""
        self._note(path)
        opening = self._text[self._at]
        if opening == "[":
            self._at += 1
            place = 0
            while not self._ended("]"):
                self._value((*path, place))
                place += 1
        elif opening == "{":
            self._at += 1
            while not self._ended("}"):
                self._pair(path)
        elif opening in "\"'":
            self._skip(next(string for string in STRINGS if string.match(self._text, self._at)))
        else:
            self._skip(ATOM)

    def _ended(self, closing: str) -> bool:
        """Whether an array or inline table ends here; else go to its next element."""
        self._skip(BLANK)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(BLANK)
        if self._text[self._at] != closing:
            return False
        self._at += 1
        return True

    def _note(self, path: Path) -> None:
        """Take the current line as that of the path, unless it was met before."""
        if path:
            self._lines.setdefault(path, self._text.count("\n", 0, self._at) + 1)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        """Go behind what matches here."""
        self._at = cast(re.Match[str], pattern.match(self._text, self._at)).end()
