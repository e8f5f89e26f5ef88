"""What the footer of a Parquet file says of its columns. Arrow says it, too, but ends the process where some of that is damaged.

The footer is written in Thrift's compact protocol; numbers of fields are those of parquet.thrift (Apache Parquet).
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

END = 8  # bytes behind the footer: its length, and PAR1
DEEPEST = 16  # structs within structs; footers have four
DEEPEST_COLUMN = 200  # columns within columns
SCHEMA, GROUPS, COLUMNS, META_DATA = 2, 4, 1, 3  # of a footer, of a group of rows, of a chunk
NAME, CHILDREN = 4, 5  # of an element of the schema
# Of what is said of a chunk; of an element, too: its type.
TYPE, CODEC, VALUES, SIZE, LENGTH, DATA, DICTIONARY = 1, 4, 5, 6, 7, 9, 11
TEXT = 6  # BYTE_ARRAY
CODECS = ("none", "snappy", "gzip", "none", "brotli", "lz4", "zstd", "lz4")  # as files are written anew


class FooterError(ValueError):
    """The footer is damaged."""


@dataclass(frozen=True)
class Chunk:
    """The values of a column in a group of rows."""

    path: str
    is_text: bool
    has_dictionary: bool  # values that come again are kept once
    size: int  # bytes, not compressed
    codec: str
    start: int  # of its first page, in the file
    length: int  # bytes in the file
    values: int  # how many there are


def chunks_of(file: IO[bytes]) -> list[Chunk]:
    """All chunks of a Parquet file, group by group. FooterError where the footer is damaged.

    A chunk is of the column that has its place in the schema, whatever path it says it has: Arrow reads it so.
    """
    try:
        file.seek(-END, io.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-END - length, io.SEEK_END)
        footer = Reading(file.read(length)).struct()
        root, *elements = footer[SCHEMA]
        paths = list(paths_of(iter(elements), root.get(CHILDREN, 0)))
        return [
            chunk_of(path, chunk[META_DATA])
            for group in footer[GROUPS]
            for path, chunk in zip(paths, group[COLUMNS], strict=True)
        ]
    except (LookupError, TypeError, AttributeError, ValueError, OSError) as error:
        raise FooterError("its footer is damaged") from error


def paths_of(elements: Iterator[dict[int, Any]], number: int, before: tuple[str, ...] = ()) -> Iterator[str]:
    """The columns with values, as a.b, of so many elements of a schema, each of which comes before those in it. before: the names of what they are in."""
    if len(before) > DEEPEST_COLUMN:
        raise IndexError
    for _ in range(number):
        element = next(elements, {})
        names, inner = (*before, element[NAME].decode()), element.get(CHILDREN, 0)
        if TYPE in element and not inner:
            yield ".".join(names)
        yield from paths_of(elements, inner, names)


def chunk_of(path: str, told: dict[int, Any]) -> Chunk:
    """A chunk by its column and by what is said of it."""
    codec, start, dictionary = told[CODEC], told[DATA], told.get(DICTIONARY)
    return Chunk(
        path,
        told[TYPE] == TEXT,
        dictionary is not None,
        max(told[SIZE], 0),
        CODECS[codec] if 0 <= codec < len(CODECS) else "none",
        max(dictionary if dictionary and 0 < dictionary < start else start, 0),
        max(told[LENGTH], 0),
        told[VALUES],
    )


class Reading:
    """Reads values one after the other; at: how far it has come."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0
        self._readers: dict[int, Callable[[int], Any]] = {
            1: lambda _: True,
            2: lambda _: False,
            3: lambda _: self.take(1),
            **dict.fromkeys((4, 5, 6), lambda _: self.integer()),
            7: lambda _: self.take(8),
            8: lambda _: self.take(self.varint()),
            **dict.fromkeys((9, 10), self.sequence),
            12: self.struct,
            13: lambda _: self.take(16),
        }

    def take(self, size: int) -> bytes:
        """So many bytes."""
        found = self._data[self.at : self.at + size]
        if len(found) < size:
            raise IndexError
        self.at += size
        return found

    def varint(self) -> int:
        """A whole number, seven bits a byte."""
        number = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
            if shift > 63:
                raise IndexError

    def integer(self) -> int:
        """A whole number, with its sign in the last bit."""
        number = self.varint()
        return (number >> 1) ^ -(number & 1)

    def sequence(self, depth: int) -> list[Any]:
        """Values of one type; truth values take a byte each."""
        head = self.take(1)[0]
        size, kind = head >> 4, head & 0x0F
        size = self.varint() if size == 15 else size
        if size > len(self._data) - self.at:
            raise IndexError
        return [self.take(1) if kind in (1, 2) else self._readers[kind](depth) for _ in range(size)]

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Fields by their numbers."""
        if depth > DEEPEST:
            raise IndexError
        found: dict[int, Any] = {}
        number = 0
        while head := self.take(1)[0]:
            number = number + (head >> 4) if head >> 4 else self.integer()
            found[number] = self._readers[head & 0x0F](depth + 1)
        return found
