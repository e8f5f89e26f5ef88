"""Damages of files, counted: `python -m tests.flips`. The suite tries one bit of every byte; this tries all bits, and bits of a large file.

python -m tests.flips                       every bit of small counts, models and vectors
python -m tests.flips FILE --flips 100000   bits of a file drawn by chance, each looked for by the sums of the array that it is in;
                                            300 of them by opening the file
python -m tests.flips FILE --command 'perplexity {} TEXT'     so, but 300 of them by a command that reads the file, or writes one: -o {out}
"""

import argparse
import hashlib
import io
import json
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
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
LMKIT = (sys.executable, "-m", "lmkit")


def outcome(data: bytes) -> str:
    """What becomes of a damaged file."""
    try:
        lmkit.load(io.BytesIO(data))
    except DataError:
        return "refused"
    return "opened"


def flipped(data: bytes, place: int, bit: int) -> bytes:
    """The file with a bit of a byte another one."""
    damaged = bytearray(data)
    damaged[place] ^= 1 << bit
    return bytes(damaged)


def every_flip(data: bytes) -> Iterator[bytes]:
    """The file with each of its bits another one."""
    return (flipped(data, *divmod(bit, 8)) for bit in range(8 * len(data)))


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


class Commanded:
    """A command with a file, which may be damaged, in a folder of its own."""

    def __init__(self, command: str, file: Path, folder: Path) -> None:
        self._file, self._out = folder / file.name, folder / f"out{file.suffix}"
        self._line = [*LMKIT, *(word.format(self._file, out=self._out) for word in shlex.split(command))]
        shutil.copyfile(file, self._file)
        self._whole = self._ended()

    def _ended(self) -> tuple[int, bytes, str, str]:
        """Its exit code, what it prints and tells, and a digest of what it writes, if it writes something."""
        self._out.unlink(missing_ok=True)
        done = subprocess.run(self._line, capture_output=True, check=False)
        written = hashlib.sha256(self._out.read_bytes()).hexdigest() if self._out.exists() else ""
        return done.returncode, done.stdout, written, done.stderr.decode()

    def outcome(self, place: int, bit: int) -> str:
        """What becomes of the command where this bit of the file is another one."""
        self._flip(place, bit)
        code, *found, told = self._ended()
        self._flip(place, bit)
        if code == 0 and found == [*self._whole[1:3]]:
            return "with the same figures"
        if code == 1 and found == [b"", ""] and told.startswith("lmkit: ") and "is damaged" in told:
            return "refused"
        return f"something else (bit {bit} of byte {place:,})"

    def _flip(self, place: int, bit: int) -> None:
        with self._file.open("r+b") as file:
            file.seek(place)
            old = file.read(1)[0]
            file.seek(place)
            file.write(bytes([old ^ 1 << bit]))


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
    parser.add_argument("--command", help="of lmkit, with {} in place of the file, and {out} of what it writes")
    given = parser.parse_args()
    if given.file is None:
        for name, save in FILES.items():
            tell(f"{name}, {len(save()):,} bytes", Counter(map(outcome, every_flip(save()))))
        return
    data, drawn = given.file.read_bytes(), random.Random(given.seed)  # noqa: S311
    flips = [(drawn.randrange(len(data)), drawn.randrange(8)) for _ in range(given.flips)]
    large = Large(data)
    tell("by sums", Counter(large.outcome(*flip) for flip in flips))
    if given.command:
        with tempfile.TemporaryDirectory(prefix="lmkit-flips-") as folder:
            commanded = Commanded(given.command, given.file, Path(folder))
            tell(f"by {given.command}", Counter(commanded.outcome(*flip) for flip in flips[:OPENED]))
        return
    tell("by opening the file", Counter(outcome(flipped(data, *flip)) for flip in flips[:OPENED]))


if __name__ == "__main__":
    main()
