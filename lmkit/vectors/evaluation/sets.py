"""Sets that vectors are measured with: pairs of words with a judgement, questions of four words; told by what they hold."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.problems import quoted
from lmkit.text.sources.names import source_name
from lmkit.vectors.queries.questions import SECTION, Line, lines_of

FORMATS = (
    "Pairs are two words and a number a line (with tabs, commas or blanks between them, other columns behind); "
    "analogies are four words a line, sections begin with a line as `: name`."
)


@one_line
@dataclass(frozen=True, eq=False)
class SimilaritySet:
    """Pairs of words, and how similar people find them."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    judgements: NDArray[np.float64]  # (pairs,)


@one_line
@dataclass(frozen=True, eq=False)
class AnalogySet:
    """Questions: a is to b as c is to d."""

    name: str
    questions: tuple[tuple[str, str, str, str], ...]
    sections: tuple[str, ...]  # in the order of the file; one without a name where it has none
    section: NDArray[np.int64]  # (questions,) the number of the section


def read_set(path: str | PathLike[str]) -> SimilaritySet | AnalogySet:
    """The set in a file, plain or compressed; "-" is standard input.

    Comments (lines that begin with #), blank lines and a line with the names of columns are left out. DataError for a file
    with nothing else, and for the first line that is not as the others are.
    """
    source = source_name(path)
    name = source if path == "-" else Path(source).name
    lines = [(number, line) for number, line in lines_of(path) if not line.startswith("#")]
    if not lines:
        raise DataError(f"{source} holds no pair and no question.", FORMATS)
    if is_of_analogies(lines):
        return analogy_set(name, source, lines)
    return similarity_set(name, source, lines)


def is_of_analogies(lines: Sequence[Line]) -> bool:
    """Whether lines are those of analogies: one begins a section, or the second one (the first may name columns) is four words."""
    if lines[0][1].startswith(SECTION):
        return True
    _, line = lines[:2][-1]
    return len(line.split()) == 4 and score_place(cells_of(line)) is None


def cells_of(line: str) -> list[str]:
    """The cells of a line of pairs; between commas they may stand in quotes."""
    if "," in line and "\t" not in line:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True))]
    return [cell.strip() for cell in line.split("\t" if "\t" in line else None)]


def score_place(cells: Sequence[str]) -> int | None:
    """The first cell behind two words that is a number; None if there is none."""
    return next((place for place, cell in enumerate(cells) if place > 1 and number_in(cell) is not None), None)


def number_in(cell: str) -> float | None:
    """The number in a cell; None if it is no finite number."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def similarity_set(name: str, source: str, lines: Sequence[Line]) -> SimilaritySet:
    """The pairs of lines, the first of which may have the names of columns."""
    place = score_place(cells_of(lines[0][1]))
    if place is None:
        lines = lines[1:] or lines
        place = score_place(cells_of(lines[0][1]))
    pairs: list[tuple[str, str]] = []
    judgements: list[float] = []
    for number, line in lines:
        cells = cells_of(line)
        judgement = number_in(cells[place]) if place is not None and place < len(cells) else None
        if judgement is None or not (cells[0] and cells[1]):
            text = f"{source}:{number}: {quoted(line.encode())}"
            if pairs:
                text = f"{text} is no pair of words with a number in the same column as on the lines before."
            else:
                text = f"{text} is neither a pair of words with a number nor an analogy of four words."
            raise DataError(text, FORMATS)
        pairs.append((cells[0], cells[1]))
        judgements.append(judgement)
    return SimilaritySet(name, tuple(pairs), np.array(judgements))


def analogy_set(name: str, source: str, lines: Sequence[Line]) -> AnalogySet:
    """The questions of lines."""
    sections: dict[str, int] = {}
    questions, numbers = [], []
    if not lines[0][1].startswith(SECTION):
        sections[""] = 0
    current = 0
    for number, line in lines:
        if line.startswith(SECTION):
            current = sections.setdefault(line.removeprefix(SECTION).strip(), len(sections))
            continue
        words = line.split()
        if len(words) != 4:
            raise DataError(
                f"{source}:{number}: {quoted(line.encode())} has {len(words)} words, and an analogy has four.", FORMATS
            )
        questions.append((words[0], words[1], words[2], words[3]))
        numbers.append(current)
    if not questions:
        raise DataError(f"{source} has sections and no question.", FORMATS)
    return AnalogySet(name, tuple(questions), tuple(sections), np.array(numbers, np.int64))
