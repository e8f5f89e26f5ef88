"""Damages of files, counted: `python -m tests.flips`. The suite tries one bit of every byte; this tries all bits, and bits of a large file.

python -m tests.flips                       every bit of small counts, models and vectors
python -m tests.flips FILE --flips 100000   bits of a file drawn by chance, each looked for by the sums of the array that it is in;
                                            300 of them by opening the file
"""

import argparse
import hashlib
import io
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import lmkit
from lmkit.engine.files.checksums import DIGITS, PAGE, rows_and_columns
from lmkit.engine.files.own_files import SUMS, check_header, places_of
from lmkit.engine.files.tensors import header_of, tensors_listed
from lmkit.errors import DataError
from tests.engine.test_checksums import FILES

OPENED = 300  # of the flips in a large file


def outcome(data: bytes) -> str:
    """What becomes of a damaged file."""
    try:
        lmkit.load(io.BytesIO(data))
    except DataError:
        return "refused"
    return "opened"


def every_flip(data: bytes) -> Iterator[bytes]:
    """The file with each of its bits another one."""
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


class Large:
    """A file, with what the sums of its arrays are taken of."""

    def __init__(self, data: bytes) -> None:
        self._data = np.frombuffer(data, np.uint8)
        start, entries, metadata = tensors_listed(data)
        self._header, self._start = header_of(data), start
        self._places = places_of(start, entries)
        self._sums = json.loads(metadata[SUMS])
        self._parts = {name: rows_and_columns(self._fill, *place) for name, place in self._places.items()}

    def _fill(self, room: np.ndarray, at: int) -> None:
        room[:] = self._data[at : at + len(room)]

    def outcome(self, place: int, bit: int) -> str:
        """What becomes of the file with this bit another one: only the page that it is in is looked at again."""
        if place < self._start:
            return self._of_header(place, bit)
        name, (first, last) = next(item for item in self._places.items() if item[1][0] <= place < item[1][1])
        rows, columns = self._parts[name]
        row = (place - first) // PAGE
        page = (first + row * PAGE, min(first + (row + 1) * PAGE, last))
        damaged = self._data[slice(*page)].copy()
        old, before = rows_and_columns(lambda room, at: room.__setitem__(slice(None), damaged[at:]), 0, len(damaged))
        damaged[place - page[0]] ^= 1 << bit
        new, after = rows_and_columns(lambda room, at: room.__setitem__(slice(None), damaged[at:]), 0, len(damaged))
        changed = rows.copy()
        changed[row : row + 1] += new - old
        digest = hashlib.sha256(changed.tobytes() + (columns ^ before ^ after).tobytes()).hexdigest()[:DIGITS]
        return "opened" if digest == self._sums[name] else "refused"

    def _of_header(self, place: int, bit: int) -> str:
        if place < 8:
            return "refused"  # the header has another length: the small files try all of these
        header = bytearray(self._header)
        header[place - 8] ^= 1 << bit
        try:
            check_header(bytes(header))
        except ValueError:
            return "refused"
        return "opened"


def tell(what: str, found: Counter[str]) -> None:
    """Print how often what came out."""
    sys.stdout.write(f"{what}: {', '.join(f'{number:,} {name}' for name, number in found.items())}\n")
    sys.stdout.flush()


def main() -> None:
    """Count what becomes of damaged files."""
    parser = argparse.ArgumentParser(prog="python -m tests.flips")
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--flips", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.file is None:
        for name, save in FILES.items():
            tell(f"{name}, {len(save()):,} bytes", Counter(map(outcome, every_flip(save()))))
        return
    data, drawn = given.file.read_bytes(), random.Random(given.seed)  # noqa: S311
    flips = [(drawn.randrange(len(data)), drawn.randrange(8)) for _ in range(given.flips)]
    large = Large(data)
    tell("by sums", Counter(large.outcome(*flip) for flip in flips))
    found: Counter[str] = Counter()
    for place, bit in flips[:OPENED]:
        damaged = bytearray(data)
        damaged[place] ^= 1 << bit
        found[outcome(bytes(damaged))] += 1
    tell("by opening the file", found)


if __name__ == "__main__":
    main()
