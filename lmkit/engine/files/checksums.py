"""Checksums of arrays in files: sums, which tell damage at the speed of memory, and digests, for whoever must be certain.

An array is a table of 64-bit words, a page of 4 KiB a row, zeros after the last one. Of each row the words are added up (modulo
2⁶⁴), of each column they are combined by exclusive or, and the sums of an array are a digest of all these. Found is each change of a
single bit, by both; all that changes within one page; two words or two pages that have changed places. What changes in several pages is missed
only if neither a row nor a column tells: by chance, one in 2⁶⁴.

Against whoever means to deceive there is no checksum: they would write it, too.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.threads import map_in_order

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Fill = Callable[[Bytes, int], None]  # fills a room with the bytes from a place on

PAGE = 4096  # bytes; a part of the file format
WORD = np.dtype("<u8")
BLOCK = 64 * PAGE  # bytes that stay in a core's cache
PIECE = 16 * BLOCK  # bytes that a thread works on at a time
DIGITS = 32  # of sums: more would be of no use, as a row has 64 bits


@dataclass(frozen=True)
class Checksums:
    """What tells whether an array is as it was written."""

    sums: str
    sha256: str  # of its bytes


def checksums_of(arrays: Mapping[str, NDArray[Any]], release: Callable[[], None]) -> dict[str, Checksums]:
    """The checksums of arrays, by name. release: gives memory back."""
    largest_first = sorted(arrays, key=lambda name: (-arrays[name].nbytes, name))
    found = map_in_order(lambda name: both_of(bytes_of(arrays[name]), release), largest_first, None)
    return dict(zip(largest_first, found, strict=True))


def both_of(data: Bytes, release: Callable[[], None]) -> Checksums:
    """The checksums of an array, in one pass."""
    digest, sums = hashlib.sha256(), Sums()

    def fill(room: Bytes, at: int) -> None:
        room[:] = data[at : at + len(room)]
        digest.update(room.data)

    for first, last in pieces_of(0, len(data)):
        sums.add(*rows_and_columns(fill, first, last))
        release()
    return Checksums(sums.hexdigest(), digest.hexdigest())


def changed(fill: Fill, places: Mapping[str, tuple[int, int]], sums: Mapping[str, str]) -> str | None:
    """The first array that is not as it was when these sums were taken; None: they all are. KeyError where there are none of an array.

    fill: gives the bytes of the file; places: of each array, where it begins and ends.
    """
    pieces = [(name, *piece) for name, place in places.items() for piece in pieces_of(*place)]
    workers = 1 if sum(last - first for _, first, last in pieces) <= PIECE else None
    found = {name: Sums() for name in places}
    for (name, *_), of_piece in zip(
        pieces, map_in_order(lambda piece: rows_and_columns(fill, *piece[1:]), pieces, workers), strict=True
    ):
        found[name].add(*of_piece)
    return next((name for name in places if found[name].hexdigest() != sums[name]), None)


def not_digested(fill: Fill, places: Mapping[str, tuple[int, int]], digests: Mapping[str, str]) -> str | None:
    """The first array that has not this SHA-256; None: they all have. KeyError where there is none of an array."""
    found = map_in_order(lambda place: digest_of(fill, *place), places.values(), None)
    return next((name for name, digest in zip(places, found, strict=True) if digest != digests[name]), None)


def digest_of(fill: Fill, first: int, last: int) -> str:
    """The SHA-256 of the bytes from one place to another."""
    digest, room = hashlib.sha256(), np.empty(min(BLOCK, last - first), np.uint8)
    for at in range(first, last, BLOCK):
        part = room[: last - at]
        fill(part, at)
        digest.update(part.data)
    return digest.hexdigest()


class Sums:
    """The sums of an array, piece by piece from its beginning."""

    def __init__(self) -> None:
        self._rows = hashlib.sha256()
        self._columns: Words = np.zeros(PAGE // WORD.itemsize, WORD)

    def add(self, rows: Words, columns: Words) -> None:
        """Take in a piece, which is whole pages, but for the last one."""
        self._rows.update(rows.data)
        self._columns ^= columns

    def hexdigest(self) -> str:
        """All of them in DIGITS digits."""
        whole = self._rows.copy()
        whole.update(self._columns.data)
        return whole.hexdigest()[:DIGITS]


def rows_and_columns(fill: Fill, first: int, last: int) -> tuple[Words, Words]:
    """The sum of each page (pages,), and the exclusive or of each column (512,), of the bytes from one place to another."""
    rows: Words = np.empty(-(-(last - first) // PAGE), WORD)
    columns: Words = np.zeros(PAGE // WORD.itemsize, WORD)
    room: Bytes = np.empty(min(BLOCK, len(rows) * PAGE), np.uint8)
    for number, at in enumerate(range(first, last, BLOCK)):
        size = min(BLOCK, last - at)
        pages = -(-size // PAGE)
        fill(room[:size], at)
        room[size : pages * PAGE] = 0
        words = room[: pages * PAGE].view(WORD).reshape(pages, -1)
        np.add.reduce(words, axis=1, out=rows[number * (BLOCK // PAGE) :][:pages])
        columns ^= np.bitwise_xor.reduce(words, axis=0)
    return rows, columns


def bytes_of(array: NDArray[Any]) -> Bytes:
    """(bytes,) those of an array, where they are."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def pieces_of(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The places from one to another in pieces for threads."""
    return ((at, min(at + PIECE, last)) for at in range(first, last, PIECE))
