"""Records that are objects of JSON lines."""

import json
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import text_to_arrow, to_arrow, to_numpy
from lmkit.engine.columns import join_columns
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.records.block import BAD, BLANK, HAS_TEXT, NO_TEXT, Added, Values
from lmkit.text.records.conversion import too_deep
from lmkit.text.records.lines import LineRecords, as_cells, batch_of, line_ends, there_already
from lmkit.text.records.pieces import Found, raw_blocks
from lmkit.text.sources.bad_lines import Refuse
from lmkit.text.sources.blocks import Block, valid
from lmkit.text.sources.fields import missing_field, path_of, paths_of
from lmkit.text.sources.json_lines import JsonReader
from lmkit.text.sources.names import Format, TextFile

if TYPE_CHECKING:
    import pyarrow as pa

CLOSING = ord("}")
MISSING = object()  # in place of the value of a field that is not there
LONGEST_NUMBER = 4000  # digits of a whole number that Python reads; longer ones stay as they are written
DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < LONGEST_NUMBER else digits)


class JsonRecords(LineRecords):
    """Objects, one a line. What is added becomes their last fields."""

    @property
    def format(self) -> Format:
        """That of the source."""
        return "jsonl"

    def object(self, place: int) -> Any:
        """One of the records, read. DataError where it is nested deeper than Python reads."""
        try:
            return DECODER.decode(self.record(place).decode("utf-8", "replace"))
        except RecursionError:
            raise too_deep(f"{self.source}:{self.first_line + place}: the record") from None

    def insertions(self, names: Sequence[str]) -> NDArray[np.int64]:
        """(records,) where in the data fields are added to each: before its last brace."""
        self._refuse_fields(names)
        characters = np.frombuffer(self.data, np.uint8)
        places = self.ends - 2
        odd = np.flatnonzero((characters.take(np.maximum(places, 0)) != CLOSING) & (self.kinds < BLANK))
        for place in odd.tolist():
            places[place] = self.data.rindex(b"}", 0, int(self.ends[place]))
        return np.where(self.kinds < BLANK, places, self.ends - 1)

    def _refuse_fields(self, names: Sequence[str]) -> None:
        """DataError if a record has a field of one of these names already."""
        written = ((name, json.dumps(name, ensure_ascii=escaped)) for name in names for escaped in (True, False))
        for name, key in written:
            at = 0
            while (at := self.data.find(key.encode(), at)) >= 0:
                place = int(np.searchsorted(self.ends, at, side="right"))
                if self.kinds[place] < BLANK and name in self.object(place):
                    line = self.first_line + place
                    raise there_already(f"{self.source}:{line}: the record has a field {name}, which is to be added.")
                at = int(self.ends[place])

    def additions(self, places: NDArray[np.int64], added: Added) -> "pa.Array[Any]":
        """(places,) the fields to be added to the records there; null is what is not finite."""
        columns: list[Any] = []
        for name, values in added.items():
            columns += [text_to_arrow(f", {json.dumps(name)}: "), as_json(values, places)]
        fields = join_columns(columns, "")
        empty = (
            np.array([self.is_empty(place) for place in places.tolist()], bool) if b"{" in self.near_ends() else None
        )
        if empty is None or not empty.any():
            return fields
        return call_arrow("if_else", to_arrow(empty), call_arrow("utf8_slice_codeunits", fields, start=2), fields)

    def near_ends(self) -> bytes:
        """The characters before the last braces of all records, and white space for what may stand further off."""
        characters = np.frombuffer(self.data, np.uint8)
        before = characters.take(np.maximum(self.ends - 3, 0))
        return (
            b"{"
            if (before <= ord(" ")).any() or (characters.take(self.ends - 2) != CLOSING).any()
            else before.tobytes()
        )

    def is_empty(self, place: int) -> bool:
        """Whether a record is an object without fields."""
        return self.kinds[place] < BLANK and self.record(place).strip()[1:-1].strip() == b""

    def rows(self, kept: NDArray[np.bool_], added: Added | None) -> "pa.RecordBatch":
        """The objects as rows of a table, by Arrow's rules; without columns if there is none. DataError where these do not take them."""
        import pyarrow as pa
        from pyarrow import json as arrow_json

        chosen = kept & (self.kinds < BLANK)
        if not chosen.any():
            return pa.record_batch([], names=[])
        data = str(self.chosen(chosen), "utf-8", "replace").encode()
        try:
            table = arrow_json.read_json(
                pa.BufferReader(data), arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1)
            )
        except pa.ArrowInvalid as error:
            raise DataError(
                f"{self.source}: records from line {self.first_line} on do not make a table ({error}).",
                "Write JSON lines: end the name in .jsonl.",
            ) from None
        columns = dict(zip(table.column_names, (column.combine_chunks() for column in table.columns), strict=True))
        return batch_of(columns, np.flatnonzero(chosen), added, self.source)

    def values(self, field: str, *, required: bool = False) -> list[Any]:
        """(records,) what a field holds; a name with dots leads into nested objects. DataError if none of the first records has it; required: if any lacks it."""
        found: list[Any] = [None] * len(self)
        is_there = self.first_line > 1  # later records may all lack what earlier ones have
        places = np.flatnonzero(self.kinds < BLANK).tolist()
        for place in places:
            value = value_at(self.object(place), field)
            if value is MISSING and required:
                raise self.lacks(field, place, f":{self.first_line + place}")
            is_there |= value is not MISSING
            found[place] = None if value is MISSING else value
        if places and not is_there:
            raise self.lacks(field, places[0])
        return found

    def lacks(self, field: str, place: int, line: str = "") -> DataError:
        """The error for a field that one of the records lacks."""
        what, remedy = missing_field(field, paths_of(self.object(place)), given=True)
        return DataError(f"{self.source}{line}: {what}.", remedy)


def value_at(record: Any, field: str) -> Any:
    """What stands in a field of an object; MISSING if there is no such field."""
    for name in path_of(field, record):
        if record is None:
            return None
        if not isinstance(record, dict) or name not in record:
            return MISSING
        record = record[name]
    return record


def as_json(values: Values, places: NDArray[np.int64]) -> "pa.Array[Any]":
    """(places,) the values there as JSON has them; null is what is not finite."""
    if not isinstance(values, np.ndarray):
        return as_cells([json.dumps(value, ensure_ascii=False) for value in values], places)
    texts = as_cells(values, places)
    if values.dtype.kind != "f":
        return texts
    return call_arrow("if_else", to_arrow(np.isfinite(values[places])), texts, text_to_arrow("null"))


def json_records(stream: IO[bytes], text: TextFile, refuse: Refuse, reading: Reading) -> Iterator[Found]:
    """The lines of a stream and the texts in their objects. Bad ones are refused."""
    bad: list[int] = []

    def remember(line: int, what: str, remedy: str) -> None:
        refuse(line, what, remedy)
        bad.append(line)

    reader = JsonReader(text, remember, reading.encoding_errors)
    for found in raw_blocks(stream, text, reading):
        raw = found.block
        bad.clear()
        values, lines = reader.read(valid(raw))
        ends, first = line_ends(raw.data), raw.first_line
        there = lines[to_numpy(call_arrow("is_valid", values))] - first if values.null_count else lines - first
        kinds = kinds_of(raw, ends, there, np.array(bad, np.int64) - first)
        records = JsonRecords(raw.data, ends, kinds, raw.source, first, found.ended, found.mark)
        texts = call_arrow("drop_null", values) if values.null_count else values
        yield Found(records, kinds, np.arange(first, first + len(ends)), texts, there)


def kinds_of(
    raw: Block, ends: NDArray[np.int64], there: NDArray[np.int64], bad: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """(lines,) the kinds of the lines that end at these places. there, bad: which have a text, and which are no records."""
    kinds = np.full(len(ends), NO_TEXT, np.uint8)
    kinds[there] = HAS_TEXT
    kinds[bad] = BAD
    for place in np.flatnonzero(kinds == NO_TEXT).tolist():
        if not raw.data[int(ends[place - 1]) if place else 0 : int(ends[place])].strip():
            kinds[place] = BLANK
    return kinds
