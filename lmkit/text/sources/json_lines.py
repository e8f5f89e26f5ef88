"""JSON lines: one object a line, one field of which is the text.

Arrow reads block by block. A block that it does not take, or whose lines are not one object each, is read line by line
with Python's parser, which is slower, and says what is wrong with which line.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.reading import EncodingErrors
from lmkit.text.sources.bad_lines import Refuse
from lmkit.text.sources.blocks import CR_ENDS, Block, checked
from lmkit.text.sources.fields import block_of_values, missing_field, path_of, paths_of
from lmkit.text.sources.lists import joined_lists, text_of_list
from lmkit.text.sources.names import TextFile
from lmkit.text.whitespace import NEWLINE

if TYPE_CHECKING:
    import pyarrow as pa

OPENING, CLOSING = b"{}"
LARGEST_BLOCK = 2**31 - 1  # that Arrow takes
KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a text"}
ONE_VALUE = "If the file is one JSON value, make it JSON lines with jq -c '.[]' (of a list) or jq -c . (of one object)."
USE_REPLACE = " Use --encoding-errors replace to put U+FFFD in its place."
DECODER = json.JSONDecoder(parse_int=lambda _: 0)  # Python refuses to read very long numbers, which nobody wants


def json_blocks(
    blocks: Iterable[Block], text: TextFile, refuse: Refuse, encoding_errors: EncodingErrors
) -> Iterator[Block]:
    """The texts in one field of the objects, a line each, from blocks of JSON lines."""
    reader = JsonReader(text, refuse, encoding_errors)
    for block in blocks:
        found = block_of_values(*reader.read(block), block.source)
        if found is not None:
            yield checked(found, encoding_errors)


class JsonReader:
    """Reads the field out of blocks of one file."""

    def __init__(self, text: TextFile, refuse: Refuse, encoding_errors: EncodingErrors) -> None:
        self._field, self._given = text.field_name, text.field is not None
        self._refuse, self._encoding_errors = refuse, encoding_errors
        self._path = path_of(self._field, ())  # to the field, which the first object may hold under a name with dots
        self._seen_object = False
        self._levels = 0  # how many lists are around a text, as far as was seen

    def read(self, block: Block) -> "tuple[pa.Array[Any], NDArray[np.int64]]":
        """The texts (or nulls) and their lines."""
        if not self._seen_object and (record := first_object(block.data)):
            self._path, self._seen_object = path_of(self._field, record), True
            self._text_in(record, block.source)
        values = read_column(block.data, self._path, self._levels)
        if values is None:
            return self._read_lines(block)
        number = len(values)
        if one_object_a_line(block.data, number):
            lines = np.arange(block.first_line, block.first_line + number)
        else:
            places = places_of_objects(block.data)
            if places is None or len(places) != number:
                return self._read_lines(block)
            lines = block.first_line + places
        if values.null_count and self._lacks_field(block, values, lines):
            return self._read_lines(block)
        return joined_lists(values, block.source), lines

    def _lacks_field(self, block: Block, values: "pa.Array[Any]", lines: NDArray[np.int64]) -> bool:
        """Whether an object has no such field at all, rather than null there, which Arrow does not tell."""
        listed = block.data.split(b"\n")
        nulls = np.flatnonzero(to_numpy(call_arrow("is_null", values)))
        return any(
            self._value(listed[line - block.first_line], block.source) is not None for line in lines[nulls].tolist()
        )

    def _read_lines(self, block: Block) -> "tuple[pa.Array[Any], NDArray[np.int64]]":
        """The same line by line; the bad ones are refused."""
        values, lines = [], []
        for line, data in enumerate(block.data.split(b"\n"), start=block.first_line):
            if not data.strip():
                continue
            value = self._value(data, block.source)
            if isinstance(value, BadValue):
                self._refuse(line, value.what, value.remedy)
            elif value is not None:
                values.append(self._encoded(value, f"{block.source}:{line}"))
                lines.append(line)
        return bytes_to_arrow(values), np.array(lines, np.int64)

    def _value(self, line: bytes, source: str) -> "str | BadValue | None":
        """The text of a line; None where it is null."""
        try:
            record = DECODER.decode(line.decode())
        except json.JSONDecodeError as error:
            if error.msg == "Extra data" and b"\r" in line.strip():
                return BadValue(*CR_ENDS)
            alone = line.strip() in (b"[", b"{", b"[{")
            return BadValue(
                f"not valid JSON ({error.msg.removesuffix(' at')} at column {error.colno})", ONE_VALUE if alone else ""
            )
        except RecursionError:
            return BadValue("not valid JSON (it is nested too deeply)", "")
        if not isinstance(record, dict):
            return BadValue(f"{kind_of(record)}, not a JSON object", ONE_VALUE)
        return self._text_in(record, source)

    def _text_in(self, record: dict[str, Any], source: str) -> "str | BadValue | None":
        """The text of an object; None where it is null."""
        value: Any = record
        for name in self._path:
            if value is None:
                return None
            if not isinstance(value, dict) or name not in value:
                return BadValue(*missing_field(self._field, paths_of(record), given=self._given))
            value = value[name]
        if isinstance(value, list):
            self._levels = 2 if any(isinstance(each, list) for each in value) else max(1, self._levels)
            text = text_of_list(value, source)
            inside = f"the field {self._field} is a list with something else than texts in it"
            return BadValue(inside, "") if text is None else text
        if value is None or isinstance(value, str):
            return value
        return BadValue(f"the field {self._field} is {kind_of(value)}, not text", "")

    def _encoded(self, value: str, where: str) -> bytes:
        """The value as UTF-8. DataError for half a surrogate pair, unless it is to be replaced."""
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            if self._encoding_errors == "replace":
                return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
            raise DataError(
                f"{where}: half a surrogate pair (\\u{ord(value[error.start]):04x}) in the text of the record.",
                "The text was probably cut there." + (USE_REPLACE if self._encoding_errors else ""),
            ) from None


class BadValue:
    """Why a line has no text."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    return "null" if value is None else KINDS[type(value)]


def read_column(data: bytes, path: tuple[str, ...], levels: int) -> "pa.Array[Any] | None":
    """(objects,) the texts at the end of the path, in so many lists, null where there is none; None if Arrow finds a fault."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    nested: pa.DataType = pa.string()
    for _ in range(levels):
        nested = pa.list_(nested)
    for name in reversed(path[1:]):
        nested = pa.struct([(name, nested)])
    try:
        table = arrow_json.read_json(
            pa.BufferReader(data),
            arrow_json.ReadOptions(use_threads=False, block_size=min(len(data) + 1, LARGEST_BLOCK)),
            arrow_json.ParseOptions(explicit_schema=pa.schema([(path[0], nested)]), unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid:
        return None
    column: pa.Array[Any] = table.column(0).combine_chunks() if len(table) else pa.nulls(0, nested)
    return call_arrow("struct_field", column, indices=list(path[1:])) if len(path) > 1 else column


def one_object_a_line(data: bytes, objects: int) -> bool:
    """Whether valid JSON with so many objects has exactly one on each line, and nothing else.

    Arrow itself does not mind where lines end. "}" at the end of a line with "{" after it only stands between objects.
    """
    characters = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(characters == NEWLINE)
    opens, closes = characters.take(ends[:-1] + 1) == OPENING, characters.take(ends - 1) == CLOSING
    return len(ends) == objects and data[0] == OPENING and bool(opens.all()) and bool(closes.all())


def places_of_objects(data: bytes) -> NDArray[np.int64] | None:
    """The places of the lines that are not blank, if each begins with "{" and ends with "}"; else None."""
    lines = [(place, line.strip()) for place, line in enumerate(data.split(b"\n"))]
    lines = [(place, line) for place, line in lines if line]
    if any(line[0] != OPENING or line[-1] != CLOSING for _, line in lines):
        return None
    return np.array([place for place, _ in lines], np.int64)


def first_object(data: bytes) -> dict[str, Any]:
    """The first line that is a JSON object; an empty one if there is none."""
    start = 0
    while start < len(data):
        end = data.index(b"\n", start)
        try:
            record = DECODER.decode(data[start:end].decode())
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            return record
        start = end + 1
    return {}
