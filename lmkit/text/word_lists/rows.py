"""The words on the lines of a list, in each of its formats."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lmkit.errors import DataError
from lmkit.text.sources.blocks import CR_ENDS, Block
from lmkit.text.word_lists.names import ListFormat

OPTION = "--vocabulary-format"
NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf|[+-]?nan", re.IGNORECASE)
SYMBOLS = re.compile(rb"<eps>|#\d+|</?s>|<unk>", re.IGNORECASE)  # what lists of Kaldi have beside words
LABEL = b"label"  # so fastText marks what is no word, in the third column of its dictionaries
COLUMNS = ("word", "words", "token", "tokens", "term", "type", "form", "mot")  # what a column of words is called
COUNTS = ("count", "counts", "freq", "frequency", "occurrences", "n")  # what a column of counts is called
WHITE = b" \r\v\f"  # around a word, in a line
JSON_REMEDY = "Make it a list of words, one a line: of the keys of an object, with jq -r 'keys_unsorted[]'; of a list, with jq -r '.[]'."


class Row(NamedTuple):
    """A word of a list."""

    word: bytes
    column: bytes  # what follows it on its line
    line: int  # number of that line, from 1


class Rows(NamedTuple):
    """The words of some lines of a list."""

    words: Sequence[bytes]
    columns: Sequence[bytes]
    lines: Sequence[int]


@dataclass(frozen=True)
class Layout:
    """How a list is written."""

    format: ListFormat
    title: str = ""  # what it was taken for; "": one word a line, and no more to say
    header: bool = False  # its first line has no word
    first_line: int = 1  # number of the first line that is not blank
    delimiter: str = ","  # of CSV
    place: int = 0  # the column of the words in CSV
    width: int = 2  # columns, which all lines have
    counted: bool = True  # the numbers may be counts
    symbols: bool = False  # what `SYMBOLS` has are no words
    left_out: dict[bytes, None] = field(default_factory=dict)  # the entries that are no words, as they are found


def rows_of(block: Block, layout: Layout) -> Rows:
    """The words in a block of a list. DataError for a line that is not as the others are."""
    if layout.format == "lines":
        return filled_lines(block)
    if layout.format == "json":
        rows = list(kept((Row(word, b"", 1) for word in json_words(block)), layout))
    else:
        rows = list(kept(columns_of(block, layout), layout))
    return Rows(*zip(*rows, strict=True)) if rows else Rows((), (), ())


def filled_lines(block: Block) -> Rows:
    """The words before a TAB, and what follows it. DataError for several words."""
    cells = [text.partition(b"\t") for text in block.data.split(b"\n")]
    words = [word.strip(WHITE) for word, _, _ in cells]
    together = b"\n".join(words)
    if any(byte in together for byte in WHITE):
        line, word = next((line, word) for line, word in enumerate(words) if any(byte in word for byte in WHITE))
        raise several_words(word, f"{block.source}:{block.first_line + line}")
    places = [place for place, word in enumerate(words) if word]
    columns = [cells[place][2].strip(WHITE) for place in places]
    return Rows([words[place] for place in places], columns, [block.first_line + place for place in places])


def columns_of(block: Block, layout: Layout) -> Iterator[Row]:
    """The words in lines of a word and something else."""
    read = READERS[layout.format]
    for line, text in enumerate(block.data.split(b"\n"), start=block.first_line):
        if not text.strip() or (layout.header and line == layout.first_line):
            continue
        found = read(text, layout)
        if found is None:
            raise another_line(text, f"{block.source}:{line}", layout)
        yield Row(*found, line)


def kept(rows: Iterable[Row], layout: Layout) -> Iterator[Row]:
    """The rows that are words; the others are among what is left out: special symbols, labels, nothing, several words."""
    for row in rows:
        number, _, kind = row.column.partition(b" ")
        if len(row.word.split()) != 1 or kind == LABEL or (layout.symbols and SYMBOLS.fullmatch(row.word)):
            layout.left_out[row.word] = None
        else:
            yield row._replace(column=number if layout.counted else b"")


def word_number(text: bytes, layout: Layout) -> tuple[bytes, bytes] | None:
    """The word before a number; after this, dictionaries of fastText say what it is."""
    cells = text.split()
    if len(cells) != layout.width or not NUMBER.fullmatch(cells[1]):
        return None
    return cells[0], b" ".join(cells[1:])


def number_word(text: bytes, layout: Layout) -> tuple[bytes, bytes] | None:
    """The word after a number."""
    cells = text.split()
    return (cells[1], cells[0]) if len(cells) == layout.width and NUMBER.fullmatch(cells[0]) else None


def vector(text: bytes, layout: Layout) -> tuple[bytes, bytes] | None:
    """The word before so many values, of which the first and the last are looked at. There may be spaces in words."""
    cells = text.rstrip().rsplit(None, layout.width - 1)
    fits = len(cells) == layout.width and NUMBER.fullmatch(cells[1]) and NUMBER.fullmatch(cells[-1])
    return (cells[0], b"") if fits else None


def cell(text: bytes, layout: Layout) -> tuple[bytes, bytes] | None:
    """The word in its column of CSV, and the number in the next one, if there is one."""
    cells = cells_of(text, layout.delimiter)
    if len(cells) != layout.width:
        return None
    column = cells[layout.place + 1] if layout.place + 1 < len(cells) else ""
    return cells[layout.place].encode().strip(WHITE), column.encode().strip(WHITE)


def cells_of(text: bytes, delimiter: str) -> list[str]:
    """The cells of a line of CSV; quotes mean nothing between TABs."""
    if delimiter == "\t":
        return text.decode().strip("\r").split("\t")
    try:
        return next(csv.reader([text.decode().strip("\r")], delimiter=delimiter), [])
    except csv.Error:  # a cell longer than that module takes
        return []


READERS: dict[str, Callable[[bytes, Layout], tuple[bytes, bytes] | None]] = {
    "word-number": word_number,
    "number-word": number_word,
    "vectors": vector,
    "csv": cell,
}


def another_line(text: bytes, where: str, layout: Layout) -> DataError:
    """The error for a line that has not the form of the others."""
    wanted = {
        "word-number": "a word and a number",
        "number-word": "a number and a word",
        "vectors": f"a word and {layout.width - 1} values",
        "csv": f"{layout.width} cells",
    }[layout.format]
    return DataError(
        f"{where}: here is {shortened(text)!r}, and not {wanted} as on the lines before.",
        f"Mend the line, or say how the list is written with {OPTION}.",
    )


def several_words(word: bytes, where: str) -> DataError:
    """The error for a line with more than a word, in a list with one a line."""
    if b"\r" in word:
        return DataError(f"{where}: {CR_ENDS[0]}.", CR_ENDS[1])
    return DataError(
        f"{where}: a vocabulary has one word a line, here are several: {word.decode()!r}.",
        "Put each word on its own line; columns after a TAB are ignored.",
    )


def shortened(text: bytes) -> str:
    """The beginning of a line, for a message."""
    shown = text.decode()
    return shown if len(shown) <= 50 else shown[:50] + "…"


def json_words(block: Block) -> list[bytes]:
    """The words of a JSON object, which are its keys, by their numbers if it gives them numbers, or of a list. DataError for other JSON."""
    try:
        found = json.loads(block.data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{block.source} begins as JSON, and is none: {error}.", JSON_REMEDY) from None
    words = words_in(found)
    if words is None:
        if isinstance(found, dict) and "model" in found:
            raise DataError(f"{block.source} is a tokenizer, and no vocabulary.", "Commands take it as --tokenizer.")
        raise DataError(
            f"{block.source} is JSON, and neither an object with a number for each word nor a list of words.",
            JSON_REMEDY,
        )
    try:
        return [word.encode() for word in words]
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise DataError(
            f"{block.source}: half a surrogate pair ({half}) in a word.", "Mend the word, or leave it out."
        ) from None


def words_in(found: Any) -> list[str] | None:
    """The words in a value of JSON; None if it is no vocabulary."""
    if isinstance(found, dict) and all(isinstance(number, int | float) for number in found.values()):
        numbered = sorted(found.values()) == list(range(len(found)))
        return sorted(found, key=found.__getitem__) if numbered else list(found)
    if isinstance(found, list) and all(isinstance(word, str) for word in found):
        return found
    return None
