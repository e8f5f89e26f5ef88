"""What the lines of a file of classes are, in each form that programs write."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lmkit.classes.files.names import ClassFormat
from lmkit.errors import DataError

Row = list[bytes]  # what stands on a line, between blanks and TABs
COUNT = re.compile(rb"\d{1,15}")  # longer ones may not add up in 64 bits
BITS = re.compile(rb"[01]+")
DECIMAL = re.compile(rb"\d*\.?\d+([eE][+-]?\d+)?|\d+\.")
HEADER = (b"word", b"class")  # how lmkit's own files begin


@dataclass(frozen=True)
class Lines:
    """The lines of a file that are not blank."""

    name: str
    rows: Sequence[Row]
    numbers: Sequence[int]  # of each line, from 1

    def where(self, place: int) -> str:
        """Where a line is."""
        return f"{self.name}:{self.numbers[place]}"

    def shown(self, place: int) -> str:
        """A line, for a message."""
        text = b" ".join(self.rows[place]).decode()
        return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


@dataclass(frozen=True)
class Read:
    """The words of a file, in its order."""

    words: Sequence[bytes]
    classes: Sequence[bytes]
    counts: Sequence[int] | None
    probabilities: Sequence[float] | None = None
    first: int = 0  # the place of the line of the first word

    def taken(self, places: Sequence[int]) -> "Read":
        """The words in these places only."""
        return Read(
            [self.words[at] for at in places],
            [self.classes[at] for at in places],
            None if self.counts is None else [self.counts[at] for at in places],
            None if self.probabilities is None else [self.probabilities[at] for at in places],
        )


@dataclass(frozen=True)
class Form:
    """How files are written."""

    title: str
    read: Callable[[Lines], Read]  # DataError for a line of another form


def is_count(text: bytes) -> bool:
    """Whether this is how often a word was seen."""
    return COUNT.fullmatch(text) is not None


def is_probability(text: bytes) -> bool:
    """Whether this is a number of 0 to 1."""
    return DECIMAL.fullmatch(text) is not None and float(text) <= 1


COLUMNS = {b"count": is_count, b"probability": is_probability}  # that may follow words and classes


def misfit(lines: Lines, place: int, line: str) -> DataError:
    """The error for a line that is of another form."""
    return DataError(
        f"{lines.where(place)}: here is {lines.shown(place)}, and each line must be: {line}.",
        "Mend the line, or say with --class-format what the file is, if it was taken for something else.",
    )


def read_words_first(lines: Lines) -> Read:
    """The words of lines `word class`, with counts and the like after them, as a first line or their number says."""
    header = tuple(lines.rows[0])
    names: tuple[bytes, ...] = (b"count",) * (len(header) == len(HEADER) + 1)
    first = 0
    if header[:2] == HEADER and set(header[2:]) <= COLUMNS.keys() and len(set(header)) == len(header):
        names, first = header[2:], 1
    width = len(HEADER) + len(names)
    title = " ".join(name.decode() for name in HEADER + names)
    rows = lines.rows[first:]
    checks = [(at, COLUMNS[name]) for at, name in enumerate(names, start=len(HEADER))]
    for place, row in enumerate(rows, start=first):
        if len(row) != width or not all(fits(row[at]) for at, fits in checks):
            raise misfit(lines, place, title)
    columns = {name: [row[at] for row in rows] for at, name in enumerate(HEADER + names)}
    counts, probabilities = columns.get(b"count"), columns.get(b"probability")
    return Read(
        columns[b"word"],
        columns[b"class"],
        None if counts is None else list(map(int, counts)),
        None if probabilities is None else list(map(float, probabilities)),
        first,
    )


def read_srilm(lines: Lines) -> Read:
    """The words of lines `CLASS probability word`; where others have a probability and a line has none, it is 1 (SRILM's classes-format)."""
    for place, row in enumerate(lines.rows):
        if not (len(row) == 2 or (len(row) == 3 and is_probability(row[1]))):
            expansion = row[2:] if DECIMAL.fullmatch(row[min(1, len(row) - 1)]) else row[1:]
            if len(expansion) > 1:
                raise DataError(
                    f"{lines.where(place)}: {row[0].decode()} stands for several words, {b' '.join(expansion).decode()!r}.",
                    "lmkit has classes of single words: leave such lines out, or join their words in the file and in the text.",
                )
            raise misfit(lines, place, SRILM_LINE)
    told = any(len(row) == 3 for row in lines.rows)
    return Read(
        [row[-1] for row in lines.rows],
        [row[0] for row in lines.rows],
        None,
        [float(row[1]) if len(row) == 3 else 1.0 for row in lines.rows] if told else None,
    )


def read_paths(lines: Lines) -> Read:
    """The words of lines `bits word count`."""
    for place, row in enumerate(lines.rows):
        if not (len(row) == 3 and BITS.fullmatch(row[0]) and is_count(row[2])):
            raise misfit(lines, place, PATHS_LINE)
    rows = lines.rows
    return Read([row[1] for row in rows], [row[0] for row in rows], [int(row[2]) for row in rows])


SHOWN = 50  # characters of a line in a message
SRILM_LINE = "CLASS word, or CLASS probability word"
PATHS_LINE = "bits word count"
FORMS: dict[ClassFormat, Form] = {  # a line that is in several is taken for the first of them
    "paths": Form("Brown's paths", read_paths),
    "word-class": Form("words with their classes", read_words_first),
    "srilm": Form("a class file of SRILM", read_srilm),
}
