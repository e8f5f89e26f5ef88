"""Lines of a word and the values of its vector. Arrow reads those that are alike; a block with any other is read line by line."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.blocks import BYTE_ORDER_MARK, CR_ENDS, Block, checked
from lmkit.text.word_lists.recognition import is_number

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 40  # characters of a word in a message
FRACTION = re.compile(rb".*[.eE].*")  # of a number: it is not written as a whole one
LATIN_1 = (
    "The file may be in another encoding, such as Latin-1: convert it with iconv -f LATIN1 -t UTF-8. "
    "Or `lmkit vectors convert --encoding-errors replace` puts U+FFFD in the place of bad bytes."
)


@dataclass(frozen=True, eq=False)
class Rows:
    """Some words with their vectors."""

    words: "pa.Array[Any]"  # (rows,) large_binary, valid UTF-8; those without a letter are empty
    matrix: NDArray[np.float32]  # (rows, dimensions), finite
    places: NDArray[np.int64]  # (rows,) where each stands: the number of its line, or of itself in a binary file


@dataclass(frozen=True)
class Width:
    """How many values each line has, and how that is known."""

    dimensions: int
    why: str


def rows_of(block: Block, width: Width, encoding_errors: EncodingErrors) -> Rows:
    """The rows of a block of lines. DataError for a line that is not as the others are, by its number, and for a value that is no number."""
    found = rows_at_once(block, width.dimensions)
    if found is None or not is_utf8(found.words):
        block = valid_block(block, encoding_errors)
        found = rows_by_lines(block, width)
    for at in np.flatnonzero(~np.isfinite(found.matrix).all(axis=1)):
        row = found.matrix[at]
        column = int(np.flatnonzero(~np.isfinite(row))[0])
        where = f"{block.source}:{found.places[at]}"
        raise not_finite(where, f"value {column + 1}", found.words[int(at)].as_py(), row[column])
    return found


def not_finite(where: str, what: str, word: bytes, value: np.float32) -> DataError:
    """The error for a vector that has no length."""
    return DataError(
        f"{where}: {what} of {shown(word)} is {value}, and no finite number of 32 bits.",
        "The program that made the vectors failed, perhaps: take the line out, or make them again.",
    )


def is_utf8(words: "pa.Array[Any]") -> bool:
    """Whether all words (large_binary) are valid UTF-8."""
    import pyarrow as pa

    try:
        words.view(pa.large_string()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def valid_block(block: Block, encoding_errors: EncodingErrors) -> Block:
    """The block with U+FFFD in the place of what is no UTF-8, if so asked; else DataError where there is such."""
    try:
        block.data.decode()
    except UnicodeDecodeError as error:
        if encoding_errors != "replace":
            line = block.line(block.data.count(b"\n", 0, error.start))
            raise DataError(
                f"{block.source}:{line}: invalid UTF-8 (byte 0x{block.data[error.start]:02x}).", LATIN_1
            ) from None
        return checked(block, encoding_errors)
    return block


def rows_at_once(block: Block, dimensions: int) -> Rows | None:
    """The rows of a block whose lines are all alike, one blank between fields, and one after them perhaps; None of any other."""
    import pyarrow as pa
    from pyarrow import csv

    data = block.data
    if b"\t" in data and b" " not in data:
        data = data.replace(b"\t", b" ")
    end = data.find(b"\n")
    if data[:end].rstrip(b"\r").endswith(b" "):  # as word2vec.c and GloVe's older versions write
        data = data.replace(b" \n", b"\n").replace(b" \r\n", b"\n")
    if data.startswith(BYTE_ORDER_MARK) or data[:end].count(b" ") < dimensions:
        return None  # Arrow would drop the mark from a word, and make a column of each number that is promised
    names = ["word", *map(str, range(dimensions))]
    types = {name: pa.float32() for name in names} | {"word": pa.large_binary()}
    try:
        table = csv.read_csv(
            pa.py_buffer(data),
            csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
            csv.ParseOptions(delimiter=" ", quote_char=False, double_quote=False, escape_char=False),
            csv.ConvertOptions(column_types=types, null_values=[], check_utf8=False),
        )
    except (pa.ArrowInvalid, OverflowError):
        return None
    lines = data.count(b"\n")
    if len(table) != lines:  # blank ones, or a CR within one
        return None
    words, *columns = (column.chunk(0) for column in table.columns)
    matrix = np.stack([to_numpy(column) for column in columns]).T
    return Rows(words, matrix, block.lines(lines) if block.record_lines is None else block.record_lines)


def rows_by_lines(block: Block, width: Width) -> Rows:
    """The rows of a block in which words have blanks, lines are blank, or something is wrong."""
    import pyarrow as pa

    words: list[bytes] = []
    values: list[bytes] = []
    places: list[int] = []
    for number, line in enumerate(block.data.split(b"\n")[:-1]):
        if line.strip():
            word, cells = word_and_values(line, width, f"{block.source}:{block.line(number)}")
            words.append(word)
            values += cells
            places.append(block.line(number))
    texts = bytes_to_arrow(values).view(pa.large_string())
    try:
        numbers = to_numpy(call_arrow("cast", texts, target_type=pa.float32()))
    except pa.ArrowInvalid:
        refuse_number(values, words, [f"{block.source}:{place}" for place in places], width.dimensions)
    matrix = numbers.reshape(len(words), width.dimensions)
    return Rows(bytes_to_arrow(words), matrix, np.array(places, np.int64))


def word_and_values(line: bytes, width: Width, where: str) -> tuple[bytes, list[bytes]]:
    """The word of a line, which may have blanks in it, and its values. DataError for more or fewer values than there must be.

    What stands before the values is the word, unless it ends in a number that is written as they are.
    """
    cells = line.rsplit(None, width.dimensions)
    if len(cells) == width.dimensions and line[:1] in b" \t" and all(map(is_number, cells)):
        cells.insert(0, b"")
    word, *values = cells
    before = word.split()
    more = 0
    while len(before) > 1 and is_number(before[-1]) and is_alike(before[-1], values):
        before.pop()
        more += 1
    if len(values) < width.dimensions or more:
        raise DataError(
            f"{where}: the vector of {shown(before[0] if before else word)} has {len(values) + more} values, and not {width.dimensions}, as {width.why}.",
            "Lines are a word and its values, with blanks between: the line is damaged, or the file is of another kind.",
        )
    if b"\r" in word:
        raise DataError(f"{where}: {CR_ENDS[0]}.", CR_ENDS[1])
    return word.strip(b" \t\v\f"), values


def is_alike(number: bytes, values: list[bytes]) -> bool:
    """Whether a number is written as the values are: with a fraction, or as all of them without one."""
    return bool(FRACTION.fullmatch(number)) or not any(map(FRACTION.fullmatch, values))


def refuse_number(values: list[bytes], words: list[bytes], wheres: list[str], dimensions: int) -> NoReturn:
    """DataError for the first value that is no number."""
    at = next(at for at, value in enumerate(values) if not is_number(value))
    row, column = divmod(at, dimensions)
    raise DataError(
        f"{wheres[row]}: value {column + 1} of {shown(words[row])} is no number: {shown(values[at])}.",
        "Lines are a word and its values, with blanks between: the line is damaged, or the file is of another kind.",
    )


def shown(word: bytes) -> str:
    """A word in a message, of moderate length."""
    text = word.decode("utf-8", "replace")
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
