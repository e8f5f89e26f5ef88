"""Pairs and questions of words, one a line."""

from os import PathLike

from lmkit.errors import DataError
from lmkit.problems import quoted
from lmkit.text.sources.names import source_name
from lmkit.text.sources.reading import read_lines


def read_words(path: str | PathLike[str], fewest: int, most: int | None = None) -> list[tuple[str, ...]]:
    """The words on each line of a file, at least `fewest` of them and at most `most` (None: as many), blank lines left out.

    Words that have blanks in them stand between TABs. DataError for a line with more or fewer words, and for a file without any.
    """
    most = most or fewest
    found = []
    for block in read_lines(path):
        for place, line in enumerate(block.data.decode().split("\n")):
            words = tuple(line.rstrip("\r").split("\t") if "\t" in line else line.split())
            if not line.strip():
                continue
            if not fewest <= len(words) <= most or not all(words):
                wanted = f"{fewest}" if fewest == most else f"{fewest} or {most}"
                raise DataError(
                    f"{source_name(path)}:{block.line(place)}: {quoted(line.encode())} has {len(words)} words, and {wanted} are needed.",
                    "Write one pair or question a line, with blanks or TABs between the words.",
                )
            found.append(words)
    if not found:
        raise DataError(f"{source_name(path)} holds no words.")
    return found
