"""Pairs and questions of words, one a line."""

from collections.abc import Iterator
from os import PathLike

from lmkit.errors import DataError
from lmkit.problems import quoted
from lmkit.text.sources.names import source_name
from lmkit.text.sources.reading import read_lines

Line = tuple[int, str]  # its number, from 1
SECTION = ":"  # begins a line that names the section of the analogies below it


def lines_of(path: str | PathLike[str]) -> Iterator[Line]:
    """The lines of a file that are not blank."""
    for block in read_lines(path):
        for place, line in enumerate(block.data.decode().split("\n")):
            if line.strip():
                yield block.line(place), line.rstrip("\r")


def read_words(
    path: str | PathLike[str], fewest: int, most: int | None = None, *, sections: bool = False
) -> list[tuple[str, ...]]:
    """The words on each line of a file, at least `fewest` of them and at most `most` (None: as many), blank lines left out.

    Words that have blanks in them stand between TABs. sections: lines that begin with : name sections and are left out, too.
    DataError for a line with more or fewer words, and for a file without any.
    """
    most = most or fewest
    found = []
    for number, line in lines_of(path):
        if sections and line.startswith(SECTION):
            continue
        words = tuple(line.split("\t") if "\t" in line else line.split())
        if not fewest <= len(words) <= most or not all(words):
            wanted = f"{fewest}" if fewest == most else f"{fewest} or {most}"
            raise DataError(
                f"{source_name(path)}:{number}: {quoted(line.encode())} has {len(words)} words, and {wanted} are needed.",
                "Write one pair or question a line, with blanks or TABs between the words.",
            )
        found.append(words)
    if not found:
        raise DataError(f"{source_name(path)} holds no words.")
    return found
