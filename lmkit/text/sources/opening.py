"""The bytes of a file, decompressed if it is compressed."""

import bz2
import errno
import gzip
import io
import lzma
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import IO, Any, cast

from lmkit.engine.files.in_use import Stamp, changed_meanwhile, reading, stamp_of
from lmkit.engine.memory import default_memory, megabytes
from lmkit.engine.remote.names import advice_on_collapsed, is_remote
from lmkit.engine.system.errors import remedy_for
from lmkit.errors import DataError
from lmkit.text.in_memory import Lines
from lmkit.text.sources.names import Part, Place, Texts, is_corpus, is_one_file, source_name, sources

HEAD_BYTES = 512  # by which files are recognised
READ_AT_ONCE = 4 << 20  # bytes of what is read whole
ALL = 1 << 62  # more bytes than any file has
SMALL = 16 << 20  # bytes of a file that people write, or that says a few things
GZIP, XZ, ZSTD = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
BZIP2, EMPTY_BZIP2 = b"BZh91AY&SY", b"\x17\x72\x45\x38\x50\x90"  # any digit; what follows it in an empty file
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


def not_opened(text: Place, error: OSError) -> DataError:
    """The error for a file that cannot be opened."""
    remedy = advice_on_collapsed(text) if isinstance(text, os.PathLike) else ""
    if error.errno == errno.ENOENT and isinstance(text, str) and " " in text:
        remedy = "Check the name of the file. If these are words of a text, pipe them in, or in Python give lmkit.Lines([…])."
    return DataError(
        f"cannot read {source_name(text)}: {error.strerror}.",
        remedy or remedy_for(error, "Check the name of the file and its permissions."),
    )


def refuse_missing(texts: Texts) -> None:
    """DataError if one of the texts is a file that is not there; nothing is opened, as pipes are read once."""
    for text in sources(texts) if texts else ():
        place = text.source
        if isinstance(place, str | os.PathLike) and place != "-" and not is_remote(place) and not is_corpus(place):
            try:
                os.stat(place)  # noqa: PTH116 (which takes what Path does not)
            except OSError as error:
                raise not_opened(place, error) from None


@contextmanager
def open_raw(text: Place) -> Iterator[IO[bytes]]:
    """The bytes of a source as they are; what was opened here is closed at the end. DataError if it cannot be read."""
    if isinstance(text, Lines):
        with text.open() as lines:
            yield lines
        return
    if not isinstance(text, str | os.PathLike):
        yield cast(IO[bytes], text)  # or of text, see `as_bytes`
        return
    if isinstance(text, str) and is_remote(text):
        from lmkit.engine.remote.opening import opened_remote

        with opened_remote(text) as remote:
            yield remote
        return
    if text == "-" and sys.stdin is None:
        raise DataError("standard input is closed.", "Name a file, or pipe text in.")
    try:
        raw = open(sys.stdin.fileno() if text == "-" else text, "rb", closefd=text != "-")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise not_opened(text, error) from None
    with raw, reading(text, raw) if isinstance(text, str) and text != "-" else nullcontext():
        yield raw


@contextmanager
def open_source(text: Place) -> Iterator[IO[bytes]]:
    """The decompressed bytes of a source; what was opened here is closed at the end. DataError if it cannot be read."""
    with ExitStack() as opened:
        raw = opened.enter_context(open_raw(text))
        start = b""
        while len(start) < HEAD_BYTES and (piece := read_bytes(raw, HEAD_BYTES - len(start), source_name(text))):
            start += piece  # which may be less than what is there, or more: characters, of text
        stream = Rejoined(start, raw, source_name(text))
        yield opened.enter_context(decompressed(start, io.BufferedReader(stream, 1 << 16)))


@contextmanager
def open_part(text: Place, part: Part) -> Iterator[IO[bytes]]:
    """The bytes of a part of a file, as they are. DataError if it cannot be read, or is not as it was when it was cut into parts."""
    with open_raw(text) as file:
        before = stamp_in(text, file, part)
        if before is not None and before[0] != part.size:
            raise changed_meanwhile(source_name(text))
        file.seek(part.start)
        yield io.BufferedReader(Limited(file, part.stop - part.start), 1 << 16)
        if stamp_in(text, file, part) != before:
            raise changed_meanwhile(source_name(text))


def stamp_in(text: Place, file: IO[bytes], part: Part) -> Stamp | None:
    """How a file is now that this part is of; None of one elsewhere: whoever reads that sees to it."""
    return None if part.size is None or is_remote(text) else stamp_of(file.fileno())


class Limited(io.RawIOBase):
    """The next bytes of a stream, so many at most. Closing it leaves the stream open."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes."""
        piece = self._stream.read(min(self._left, len(buffer)))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


class Rejoined(io.RawIOBase):
    """A stream from which some bytes were read, with these bytes at its start again. Closing it leaves the stream open."""

    def __init__(self, start: bytes, rest: IO[bytes], name: str) -> None:
        self._start, self._rest, self.name = start, rest, name

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes."""
        if not self._start and isinstance(self._rest, io.BufferedIOBase):
            return self._rest.readinto(buffer)  # without a copy
        piece = self._start or as_bytes(self._rest.read(len(buffer)), self.name)
        self._start = piece[len(buffer) :]  # also of a stream that gives more than it was asked for
        size = min(len(buffer), len(piece))
        buffer[:size] = piece[:size]
        return size


def decompressed(start: bytes, stream: io.BufferedReader) -> IO[bytes]:
    """The stream, decompressed when its first bytes are those of gzip, bzip2, xz or zstd; it can be peeked into."""
    if start.startswith(GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=stream))
    if start[:3] == BZIP2[:3] and start[3:4].isdigit() and start[4:10] in (BZIP2[4:], EMPTY_BZIP2):
        return cast(IO[bytes], bz2.BZ2File(stream))
    if start.startswith(XZ):
        return cast(IO[bytes], lzma.LZMAFile(stream))
    if start.startswith(ZSTD):
        import pyarrow as pa

        return io.BufferedReader(pa.CompressedInputStream(stream, "zstd"), 1 << 16)
    return stream


def read_bytes(stream: IO[bytes], size: int, name: str) -> bytes:
    """Up to `size` bytes; a damaged compressed file is a DataError."""
    try:
        return as_bytes(stream.read(size), name)
    except (*DAMAGED, OSError) as error:
        raise unreadable(error, name) from None


def read_whole(stream: IO[bytes], name: str, most: int | None = None, *, take: int = ALL) -> bytes:
    """All bytes of a stream, or the first ones: a compressed file of a few bytes may hold any number.

    most: as many as there may be (default: half of the memory). DataError for more, and for a damaged compressed file.
    take: as many as are wanted.
    """
    limit = default_memory() if most is None else most
    pieces, size = [], 0
    while size < take and (piece := read_bytes(stream, min(READ_AT_ONCE, take - size), name)):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise DataError(
                f"{name} holds more than {megabytes(limit)}, decompressed if it is compressed, and such a file is read whole.",
                "Is it what it should be? A small compressed file can hold any number of the same byte.",
            )
    return b"".join(pieces)


def head_of(path: str | os.PathLike[str]) -> bytes:
    """The first bytes of a file that can be read again; nothing of pipes and folders, and of what is not there."""
    if not is_one_file(path):
        return b""
    with open_source(path) as source:
        return read_bytes(source, HEAD_BYTES, source_name(path))


def as_bytes(data: object, name: str) -> bytes:
    """What a stream gave, which may be text, or anything like bytes. DataError for what is neither."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):  # of `io.StringIO`, or a file that was opened as text
        return data.encode("utf-8", "surrogatepass")
    try:
        return bytes(memoryview(cast(bytes, data)))
    except TypeError:
        raise DataError(
            f"{name} is a stream of {type(data).__name__}, and not of bytes or text.",
            "Open files in binary mode: open(name, 'rb').",
        ) from None


def first_bytes(stream: IO[bytes], name: str) -> bytes:
    """The first bytes of a stream of `open_source`, which stay in it: up to HEAD_BYTES, fewer if it has fewer."""
    try:
        return cast(io.BufferedReader, stream).peek(HEAD_BYTES)[:HEAD_BYTES]
    except (*DAMAGED, OSError) as error:
        raise unreadable(error, name) from None


def unreadable(error: Exception, name: str) -> DataError:
    """The error for bytes that could not be read or decompressed."""
    if isinstance(error, DAMAGED):
        return DataError(
            f"{name}: the compressed file is damaged or cut short ({error}).", "Fetch or compress it again."
        )
    reason = getattr(error, "strerror", None) or str(error)
    remedy = "If the file is compressed, it may be damaged or cut short."
    if isinstance(error, OSError):
        remedy = remedy_for(error, remedy)
    return DataError(f"{name}: reading failed ({reason}).", remedy)
