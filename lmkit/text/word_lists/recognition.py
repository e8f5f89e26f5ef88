"""In which format a list of words is written, by what all its first lines have in common."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from lmkit.errors import DataError
from lmkit.text.sources.blocks import Block
from lmkit.text.word_lists.names import ListFormat
from lmkit.text.word_lists.rows import COLUMNS, COUNTS, NUMBER, OPTION, WHITE, Layout, cells_of

Rows = Sequence[Sequence[bytes]]

JSON = re.compile(
    rb'\s*(\{\s*"([^"\\\n]|\\.)*"\s*:|\[\s*"([^"\\\n]|\\.)*"\s*[],])'
)  # how an object, or a list of words, begins
QUOTED = re.compile(rb'"([^"]|"")*"')
FIRST_LINES = 20_000  # that are looked at
EPSILON = [b"<eps>", b"0"]  # the first line of lists of Kaldi
KINDS = (b"word", b"label")  # in the third column of dictionaries of fastText
DELIMITERS = (",", ";")  # of CSV
PIECE = "▁".encode()
LEAST_VALUES = 3  # of vectors without a first line that tells how many there are


def layout_of(block: Block, wanted: ListFormat) -> Layout:
    """How a list that begins with this block is written: as wanted, or as it looks. DataError where it may be written in two ways."""
    all_lines = [line.strip(WHITE) for line in block.data.split(b"\n", FIRST_LINES)[:FIRST_LINES]]
    numbers = [number for number, line in enumerate(all_lines, start=1) if line] or [1]
    found = layout_of_lines([all_lines[number - 1] for number in numbers], block, wanted)
    return replace(found, first_line=numbers[0])


def layout_of_lines(lines: Sequence[bytes], block: Block, wanted: ListFormat) -> Layout:
    """The same, of the lines that have something on them."""
    if wanted == "json" or (wanted == "auto" and JSON.match(block.data)):
        return Layout("json", "a vocabulary in JSON")
    if wanted == "csv":
        return csv_layout(lines, max((*DELIMITERS, "\t"), key=lines[0].decode().count))
    if wanted in TOLD:
        return TOLD[wanted]([line.split() for line in lines])
    if wanted == "lines":
        return Layout("lines")
    if any(b"\t" in line for line in lines):
        return with_tabs(lines, block.source)
    return as_csv(lines, block.source) or with_spaces([line.split() for line in lines], block.source)


def with_tabs(lines: Sequence[bytes], name: str) -> Layout:
    """The layout of lines with TABs: the word comes first, unless the first line says otherwise, or numbers that repeat come first.

    DataError for numbers before words that do not repeat.
    """
    rows = table_of(lines, "\t")
    if any(len(row) < 2 for row in rows):
        return Layout("lines")
    if rows[0][:2] == EPSILON:
        return word_number_layout(rows)
    has_numbers = any(not is_number(cell) and are_numbers(rows[1:], place) for place, cell in enumerate(rows[0]))
    if len(rows) > 1 and has_numbers and column_of_words(rows[0]) is not None and all_as_wide(rows):
        return csv_layout(lines, "\t")
    if are_numbers(rows, 0) and not are_numbers(rows, 1):
        if len({row[0] for row in rows}) < len(rows):
            return number_word_layout(rows)
        raise two_ways(
            name, "each line begins with a number: is it the word, or does the word follow", "lines", "number-word"
        )
    scores = are_numbers(rows, 1) and any(row[1].startswith(b"-") for row in rows)
    is_pieces = scores and any(row[0].startswith(PIECE) for row in rows)
    return Layout("lines", "a list of the pieces of SentencePiece" if is_pieces else "")


def as_csv(lines: Sequence[bytes], name: str) -> Layout | None:
    """The layout of CSV, whose first line names a column of words; None of what is no CSV. DataError if it may be CSV without one."""
    for delimiter in DELIMITERS:
        is_quoted = all(QUOTED.fullmatch(line) for line in lines)  # one column, perhaps
        if len(lines) < 2 or not (is_quoted or all(delimiter.encode() in line for line in lines)):
            continue
        rows = table_of(lines, delimiter)
        if not all_as_wide(rows):
            continue
        if column_of_words(rows[0]) is not None:
            return csv_layout(lines, delimiter)
        if are_numbers(rows[1:], 1) and not are_numbers(rows[1:], 0):
            raise two_ways(
                name, f"each line has a {delimiter} and a number: are these a part of the word", "lines", "csv"
            )
    return None


def with_spaces(rows: Rows, name: str) -> Layout:
    """The layout of lines with spaces in them. DataError for numbers beside numbers."""
    head, rest = rows[0], rows[1:]
    if all(len(row) == 2 for row in rows):
        first, second = are_numbers(rows, 0), are_numbers(rows, 1)
        if first and second:
            raise two_ways(name, "each line has two numbers: which is the word", "word-number", "number-word")
        if first or second:
            return number_word_layout(rows) if first else word_number_layout(rows)
    dictionary = rest if len(head) == 1 and head[0].isdigit() else rows
    if dictionary and all(len(row) == 3 and is_number(row[1]) and row[2] in KINDS for row in dictionary):
        return word_number_layout(rows)
    found = vectors_layout(rows)
    least = 2 if found.header else LEAST_VALUES + 1
    vectors = rest if found.header else rows
    if found.width >= least and all(holds_vector(row, found.width) for row in vectors) and not are_numbers(vectors, 0):
        return found
    return Layout("lines")


def word_number_layout(rows: Rows) -> Layout:
    """The layout of words before numbers: a list of Kaldi, a dictionary of fastText, words with their counts."""
    if rows[0][:2] == EPSILON:
        return Layout("word-number", "a word list of Kaldi", symbols=True, counted=False)
    last = rows[-1]
    if len(last) == 3:
        return Layout("word-number", "a dictionary of fastText", header=len(rows[0]) == 1, width=3)
    counted = not are_places(rows, 1)
    return Layout("word-number", "words and their counts" if counted else "words and their numbers", counted=counted)


def number_word_layout(rows: Rows) -> Layout:
    """The layout of words after numbers."""
    counted = not are_places(rows, 0)
    return Layout(
        "number-word", "words after their counts" if counted else "words after their numbers", counted=counted
    )


def vectors_layout(rows: Rows) -> Layout:
    """The layout of words before the values of vectors; a first line may tell how many words and values there are."""
    head = rows[0]
    header = len(head) == 2 and all(cell.isdigit() for cell in head) and len(rows) > 1
    width = int(head[1]) + 1 if header else len(head)
    return Layout("vectors", "words with vectors", header=header, width=width, counted=False)


def csv_layout(lines: Sequence[bytes], delimiter: str) -> Layout:
    """The layout of CSV. Its first line has names if one of them is that of a column of words, or where all others have numbers."""
    rows = table_of(lines, delimiter)
    place = column_of_words(rows[0])
    numbers = [at for at in range(len(rows[0])) if len(rows) > 1 and are_numbers(rows[1:], at)]
    header = place is not None or any(not is_number(rows[0][at]) for at in numbers)
    title = "a table" if delimiter == "\t" else "CSV"
    return Layout(
        "csv",
        f"{title} with the columns {', '.join(cell.decode() for cell in rows[0])}" if header else title,
        header=header,
        delimiter=delimiter,
        place=place or 0,
        width=len(rows[0]),
        counted=header and are_counts(rows[0][(place or 0) + 1 :][:1]),
    )


def table_of(lines: Sequence[bytes], delimiter: str) -> list[list[bytes]]:
    """The cells of lines of CSV."""
    return [[cell.encode().strip(WHITE) for cell in cells_of(line, delimiter)] for line in lines]


def all_as_wide(rows: Rows) -> bool:
    """Whether all rows have as many cells as the first."""
    return all(len(row) == len(rows[0]) for row in rows)


def column_of_words(names: Sequence[bytes]) -> int | None:
    """The place of the column of words, by its name."""
    return next((place for place, name in enumerate(names) if name.lower().decode() in COLUMNS), None)


def are_counts(names: Sequence[bytes]) -> bool:
    """Whether these are names of a column of counts, and there are some."""
    return bool(names) and all(name.lower().decode() in COUNTS for name in names)


def is_number(cell: bytes) -> bool:
    """Whether this is written as a number."""
    return NUMBER.fullmatch(cell) is not None


def are_numbers(rows: Rows, place: int) -> bool:
    """Whether each row has a number there."""
    return all(place < len(row) and is_number(row[place]) for row in rows)


def are_places(rows: Rows, place: int) -> bool:
    """Whether the numbers there are those of the rows themselves, from 0 or 1 on; of one row, nobody can tell."""
    found = [row[place] for row in rows]
    return len(rows) > 1 and any(
        found == [b"%d" % number for number in range(least, least + len(rows))] for least in (0, 1)
    )


def holds_vector(row: Sequence[bytes], width: int) -> bool:
    """Whether a row ends in the values of a vector."""
    return len(row) >= width and all(map(is_number, row[1 - width :]))


def two_ways(name: str, question: str, *formats: ListFormat) -> DataError:
    """The error for a list that can be read in two ways."""
    return DataError(
        f"{name}: a list of words, but which? {question[0].upper()}{question[1:]}?",
        f"Say so with {' or '.join(f'{OPTION} {each}' for each in formats)}.",
    )


TOLD: dict[str, Callable[[Rows], Layout]] = {
    "word-number": word_number_layout,
    "number-word": number_word_layout,
    "vectors": vectors_layout,
}
