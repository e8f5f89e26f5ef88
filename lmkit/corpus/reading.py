"""Text files, compressed or not, as blocks of whole lines; nothing is ever held but one block."""

import bz2
import gzip
import io
import lzma
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.settings import EncodingErrors, TextSettings
from lmkit.errors import DataError

BLOCK_BYTES = 4 << 20  # small enough for the caches of a processor, large enough to hide the cost of a block
LONGEST_LINE = 2**31 - 1  # bytes: offsets within a block are 32-bit
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP, XZ, ZSTD = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
BZIP2, EMPTY_BZIP2 = b"BZh91AY&SY", b"\x17\x72\x45\x38\x50\x90"  # any digit; what follows it in an empty file

Source = str | os.PathLike[str] | BinaryIO
Texts = Source | Sequence[Source]


@dataclass(frozen=True, eq=False)
class Block:
    """Consecutive whole lines of one source, or its sentences, one a line."""

    data: bytes  # ends with a newline
    source: str  # file name, or <stdin>
    first_line: int  # number of its first line, from 1
    offset: int  # bytes of the (decompressed) source before it
    numbers: NDArray[np.int64] | None = (
        None  # (lines,) those of the source that the lines of data begin on; None: its own
    )
    raw: bytes | None = None  # what the source has in place of data; None: the same

    @property
    def text(self) -> bytes:
        """The text as it stands in the source."""
        return self.data if self.raw is None else self.raw

    def line_numbers(self, lines: int) -> NDArray[np.int64]:
        """(lines,) the numbers, in the source, of the first lines of data."""
        return np.arange(self.first_line, self.first_line + lines) if self.numbers is None else self.numbers[:lines]


def read_blocks(
    texts: Texts,
    *,
    encoding_errors: EncodingErrors = "strict",
    block_bytes: int = BLOCK_BYTES,
    on_bytes: Callable[[int], None] | None = None,
    check: bool = True,
) -> Iterator[Block]:
    """Blocks of whole lines of valid UTF-8 without control bytes, cut at line ends.

    texts: a path, an open binary file, "-" for standard input, or a sequence of these. gzip, bzip2, xz and
    zstd are recognised by their first bytes. The end of a file ends its last line. A line longer than a block
    makes a longer block. A byte order mark at the start of a file is dropped.
    encoding_errors: "strict" raises DataError with file, line and byte offset at invalid UTF-8 and at control
    bytes (below 32 but for TAB LF VT FF CR, and DEL); "replace" puts U+FFFD in their place. check: False leaves that
    to the caller (see `checked`).
    """
    for text in sources(texts):
        name = source_name(text)
        with open_source(text) as stream:
            lines, offset = 1, 0
            for data in whole_lines(stream, name, block_bytes):
                size = len(data)
                if on_bytes is not None:
                    on_bytes(size)
                block = Block(data, name, lines, offset)
                block = checked(block, encoding_errors) if check else block
                if lines == 1 and block.data.startswith(BYTE_ORDER_MARK):
                    block = Block(block.data[len(BYTE_ORDER_MARK) :], name, 1, len(BYTE_ORDER_MARK))
                yield block
                lines += data.count(b"\n")
                offset += size


def block_bytes_for(settings: TextSettings) -> int:
    """How many bytes of text to take at a time, so that blocks hold about as many tokens, whatever these are."""
    return BLOCK_BYTES if settings.unit == "word" else BLOCK_BYTES // 4


def sources(texts: Texts) -> list[Source]:
    """The texts as a list; standard input when there are none."""
    if isinstance(texts, str | os.PathLike) or hasattr(texts, "read"):
        return [cast(Source, texts)]
    return list(texts) or ["-"]


def source_name(text: Source) -> str:
    """The name of a source in messages and results."""
    if isinstance(text, str | os.PathLike):
        name = os.fsencode(text).decode("utf-8", "replace")  # names of files need not be UTF-8
        return "<stdin>" if name == "-" else name
    given: object = getattr(text, "name", None)
    return "<stdin>" if given == 0 else given if isinstance(given, str) and given else "<stream>"


@contextmanager
def open_source(text: Source) -> Iterator[IO[bytes]]:
    """The decompressed bytes of a source; what was opened here is closed at the end. DataError if it cannot be read."""
    with ExitStack() as opened:
        if isinstance(text, str) and text == "-":
            if sys.stdin is None:
                raise DataError("standard input is closed.", "Name a file, or pipe text in.")
            raw: IO[bytes] = opened.enter_context(open(sys.stdin.fileno(), "rb", closefd=False))
        elif isinstance(text, str | os.PathLike):
            try:
                raw = opened.enter_context(Path(text).open("rb"))
            except OSError as error:
                raise DataError(
                    f"cannot read {source_name(text)}: {error.strerror}.",
                    "Check the name of the file and its permissions.",
                ) from None
        else:
            raw = cast(IO[bytes], text)
        start = read_bytes(raw, len(BZIP2), source_name(text))
        stream = Rejoined(start, raw, source_name(text))
        yield opened.enter_context(decompressed(start, io.BufferedReader(stream, 1 << 16)))


class Rejoined(io.RawIOBase):
    """A stream from which some bytes were read, with these bytes at its start again. Closing it leaves the stream open."""

    def __init__(self, start: bytes, rest: IO[bytes], name: str) -> None:
        self._start, self._rest, self.name = start, rest, name

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes."""
        piece = self._start[: len(buffer)] or self._rest.read(len(buffer))
        self._start = self._start[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def decompressed(start: bytes, stream: io.BufferedReader) -> IO[bytes]:
    """The stream, decompressed when its first bytes are those of gzip, bzip2, xz or zstd."""
    if start.startswith(GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=stream))
    if start[:3] == BZIP2[:3] and start[3:4].isdigit() and start[4:] in (BZIP2[4:], EMPTY_BZIP2):
        return cast(IO[bytes], bz2.BZ2File(stream))
    if start.startswith(XZ):
        return cast(IO[bytes], lzma.LZMAFile(stream))
    if start.startswith(ZSTD):
        import pyarrow as pa

        return cast(IO[bytes], pa.CompressedInputStream(stream, "zstd"))
    return stream


def read_bytes(stream: IO[bytes], size: int, name: str) -> bytes:
    """Up to `size` bytes; a damaged compressed file is a DataError."""
    try:
        return stream.read(size)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise DataError(
            f"{name}: the compressed file is damaged or cut short ({error}).", "Fetch or compress it again."
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(
            f"{name}: reading failed ({reason}).", "If the file is compressed, it may be damaged or cut short."
        ) from None


def whole_lines(stream: IO[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """The bytes of a stream cut at line ends, about `block_bytes` at a time; the last line gets its newline."""
    pending: list[bytes] = []  # the beginning of a line whose end has not been read
    pending_bytes = 0
    while chunk := read_bytes(stream, block_bytes, name):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield b"".join((*pending, chunk[:cut]))
            pending, pending_bytes = [], 0
        pending.append(chunk[cut:])
        pending_bytes += len(chunk) - cut
        if pending_bytes > LONGEST_LINE - block_bytes:
            raise DataError(
                f"{name}: a line is longer than {LONGEST_LINE} bytes.", "Is it text? One line is one sentence."
            )
    tail = b"".join(pending)
    if tail and tail != BYTE_ORDER_MARK:
        yield tail + b"\n"


ILLEGAL = bytes([*(byte for byte in range(32) if byte not in b"\t\n\v\f\r"), 127])
KEEP_LEGAL = bytes(0 if byte in ILLEGAL else byte for byte in range(256))  # illegal bytes become NUL


def checked(block: Block, encoding_errors: EncodingErrors) -> Block:
    """The block if it is valid UTF-8 without control bytes; else an error, or replacement characters."""
    valid = is_utf8(block.data)
    without_controls = len(block.data.translate(None, ILLEGAL)) == len(block.data)
    if valid and without_controls:
        return block
    if encoding_errors == "replace":
        data = block.data.translate(KEEP_LEGAL).decode("utf-8", "replace").replace("\0", "\ufffd").encode("utf-8")
        return Block(data, block.source, block.first_line, block.offset)
    raise encoding_error(block, valid)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are valid UTF-8 (Arrow reads them once and copies nothing)."""
    import pyarrow as pa

    if data.isascii():
        return True
    offsets = pa.array([0, len(data)], pa.int32()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def encoding_error(block: Block, valid_utf8: bool) -> DataError:
    """The error for the first bad byte of a block."""
    if valid_utf8:
        at = min(found for byte in ILLEGAL if (found := block.data.find(byte)) >= 0)
        what = f"control byte 0x{block.data[at]:02x}"
        cause = "Is it a text file? UTF-16 text and binary files contain such bytes."
    else:
        try:
            block.data.decode("utf-8")
        except UnicodeDecodeError as error:
            at = error.start
        what = f"invalid UTF-8 (byte 0x{block.data[at]:02x})"
        cause = "The text may be in another encoding, such as Latin-1: convert it with iconv -f LATIN1 -t UTF-8."
    line = block.first_line + block.data.count(b"\n", 0, at)
    return DataError(
        f"{block.source}:{line}: {what} at byte offset {block.offset + at}.",
        f"{cause} Or use --encoding-errors replace to put U+FFFD in the place of bad bytes.",
    )
