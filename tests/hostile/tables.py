"""Changes to Parquet files that know what they are made of: types of columns, how their values are kept, and in which groups of rows."""

import io
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.mutators import ODD_TEXTS

LINES = ("le chat dort .", "le chien voit", "", "un chat", "le chat dort .")
END = 8  # bytes behind the footer
CODECS = ("none", "snappy", "gzip", "zstd", "brotli", "lz4")


def nested_table() -> bytes:
    """A file with texts in a column, in lists, in structs, in lists of these, and kept once."""
    lines = list(LINES)
    turns = [[{"role": "user", "content": line}, {"role": "assistant", "content": line[::-1]}] for line in lines]
    columns = {
        "id": pa.array(range(len(lines))),
        "text": pa.array(lines).dictionary_encode(),
        "list": pa.array([[line, line] for line in lines]),
        "doc": pa.array([{"body": line, "tags": line.split()} for line in lines]),
        "turns": pa.array(turns),
    }
    return as_file(Random(1), pa.table(columns))  # noqa: S311 (no secret)


def as_file(chance: Random, table: pa.Table) -> bytes:
    """A table in a file, written in one way or another."""
    stream = io.BytesIO()
    pq.write_table(
        table,
        stream,
        row_group_size=chance.choice((1, 2, 1000)),
        use_dictionary=chance.random() < 0.5,
        compression=chance.choice(CODECS),
        version=chance.choice(("1.0", "2.4", "2.6")),
        data_page_version=chance.choice(("1.0", "2.0")),
        data_page_size=chance.choice((1, 100, 1 << 20)),
        write_statistics=chance.random() < 0.5,
        store_schema=chance.random() < 0.7,
    )
    return stream.getvalue()


def change_column(chance: Random, data: bytes) -> bytes:
    """A column is of another type, has nulls, or another name; it is gone, or there twice; the rows are none, or many."""
    table = pq.read_table(io.BytesIO(data))
    place = chance.randrange(table.num_columns)
    name = table.column_names[place]
    match chance.randrange(8):
        case 0:
            table = table.remove_column(place)
        case 1:
            names = table.column_names
            names[place] = chance.choice((*ODD_TEXTS, "text", "doc.body", "doc"))
            table = table.rename_columns(names)
        case 2:
            table = table.append_column(name, table.column(place))
        case 3:
            table = table.slice(0, chance.choice((0, 1)))
        case 4:
            table = pa.concat_tables([table] * 20)
        case _:
            table = table.set_column(place, name, other_column(chance, table.num_rows))
    return as_file(chance, table)


def other_column(chance: Random, rows: int) -> Any:
    """A column of so many rows, of any type."""
    texts = [chance.choice((*LINES, None, "a" * 5000, "x\ny", "\x00", "\u202e")) for _ in range(rows)]
    numbers = [chance.choice((0, -1, 2**40, None)) for _ in range(rows)]
    lists = [chance.choice((None, [], [None], [text], [text] * 50)) for text in texts]
    structs = [chance.choice((None, {"body": text}, {"body": None})) for text in texts]
    nested = pa.struct([("body", pa.list_(pa.struct([("text", pa.string())])))])
    return chance.choice(
        (
            lambda: pa.array(texts, pa.large_string()),
            lambda: pa.array(texts).dictionary_encode(),
            lambda: pa.array([text and text.encode() + b"\xff" for text in texts], pa.binary()),
            lambda: pa.array([b"abc"] * rows, pa.binary(3)),
            lambda: pa.array(lists, pa.list_(pa.string())),
            lambda: pa.array(lists, pa.large_list(pa.string())),
            lambda: pa.array(lists, pa.list_(pa.dictionary(pa.int32(), pa.string()))),
            lambda: pa.array([["a", "b"]] * rows, pa.list_(pa.string(), 2)),
            lambda: pa.array([lists] * rows, pa.list_(pa.list_(pa.string()))),
            lambda: pa.array(structs, pa.struct([("body", pa.string())])),
            lambda: pa.array([{"body": [{"text": text}]} for text in texts], nested),
            lambda: pa.array([[("body", text)] for text in texts], pa.map_(pa.string(), pa.string())),
            lambda: pa.array(numbers, pa.int64()),
            lambda: pa.array(numbers, pa.float64()),
            lambda: pa.array([True] * rows),
            lambda: pa.nulls(rows),
            lambda: pa.nulls(rows, pa.string()),
            lambda: pa.array([Decimal("1.5")] * rows),
            lambda: pa.array([date(2026, 1, 1)] * rows),
        )
    )()


def change_footer(chance: Random, data: bytes) -> bytes:
    """A number in the footer is another one, and the footer as long as it says."""
    start = len(data) - END - int.from_bytes(data[-END:-4], "little")
    place = chance.randrange(start, len(data) - END)
    footer = data[start:place] + varint(chance) + data[behind_varint(data, place) : -END]
    return data[:start] + footer + len(footer).to_bytes(4, "little") + data[-4:]


def change_page(chance: Random, data: bytes) -> bytes:
    """A number among the pages is another one, which takes other bytes' places if it is longer."""
    start = len(data) - END - int.from_bytes(data[-END:-4], "little")
    place, number = chance.randrange(4, start), varint(chance)
    return data[:place] + number + data[place + len(number) :]


def varint(chance: Random) -> bytes:
    """A number as footers have it: its sign in the last bit, seven bits a byte."""
    number = chance.choice((0, 1, -1, 2, 5, 6, 100, 10**6, 2**31 - 1, -(2**31), 2**31, 2**62, 2**63 - 1, -(2**63)))
    left, found = number << 1 ^ number >> 63, bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*found, left])


def behind_varint(data: bytes, place: int) -> int:
    """The place behind the number that begins at this one."""
    while data[place] & 0x80:
        place += 1
    return place + 1


FOOTERS = (change_footer, change_footer, change_page)
TABLES = (change_column, change_column, change_column, *FOOTERS)
