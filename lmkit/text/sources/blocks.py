"""Text as blocks of whole lines of valid UTF-8."""

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow
from lmkit.errors import DataError
from lmkit.text.reading import BLOCK_BYTES, WITHOUT_CHOICE, EncodingErrors, Reading
from lmkit.text.sources.opening import read_bytes
from lmkit.text.whitespace import NEWLINE, RETURN, SPACE, TAB

CR_ENDS = "the line ends are CR, not newlines", "Convert them with tr '\\r' '\\n'."  # what is wrong, and what to do
CONTROL_PIECE = 1 << 17  # bytes looked through for control bytes at a time
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DENSEST = 4  # bytes a word of a block, its end among them: work on a block takes memory by the word, and text has more


@dataclass(frozen=True, eq=False)
class Block:
    """Consecutive whole lines of one source."""

    data: bytes  # ends with a newline
    source: str  # file name, or <stdin>
    first_line: int  # number of its first line, from 1
    offset: int  # bytes of the (decompressed) source before it; 0 where the text was taken out of fields
    record_lines: NDArray[np.int64] | None = (
        None  # (lines,) where the record of each begins; None: the lines are the source's own
    )

    raw: bytes | None = None  # what the source has in place of data; None: the same
    invalid: EncodingErrors | Literal["none"] = (
        "none"  # what is done with invalid bytes, if it may have any (see `valid`)
    )
    text_number: int = 0  # of its source among the texts that are read, from 0: one may be read twice
    is_of_records: bool = False  # whether each record is a document; else, the source is one

    @property
    def text(self) -> bytes:
        """The text as it stands in the source, or in its fields."""
        return self.data if self.raw is None else self.raw

    @property
    def is_of_fields(self) -> bool:
        """Whether the lines were taken out of fields of records."""
        return self.record_lines is not None

    def line(self, place: int) -> int:
        """The number, in the source, of a line of the block (0: its first). Of Parquet it is the number of the row."""
        return self.first_line + place if self.record_lines is None else int(self.record_lines[place])

    def lines(self, number: int) -> NDArray[np.int64]:
        """(number,) those of the first lines."""
        if self.record_lines is None:
            return np.arange(self.first_line, self.first_line + number)
        return self.record_lines[:number]

    def documents(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """(lines,) the document that the lines in these places are part of: a number of its own among those of the source."""
        if not self.is_of_records:
            return np.zeros(len(places), np.int64)
        return self.lines(int(places[-1]) + 1 if len(places) else 0).take(places)


def line_blocks(
    pieces: Iterable[bytes],
    name: str,
    *,
    encoding_errors: EncodingErrors,
    check: bool = True,
    start: tuple[int, int] = (1, 0),
) -> Iterator[Block]:
    """The lines of a source, which comes in pieces of whole lines. check: False leaves the encoding to the caller (see `valid`).

    start: the number of the first line, and the bytes of the source before it.
    """
    lines, offset = start
    for data in pieces:
        block = Block(data, name, lines, offset, invalid=encoding_errors)
        block = valid(block) if check else block
        if not offset and block.data.startswith(BYTE_ORDER_MARK):
            block = replace(block, data=block.data[len(BYTE_ORDER_MARK) :], offset=len(BYTE_ORDER_MARK))
        yield block
        lines += int(np.count_nonzero(np.frombuffer(data, np.uint8) == NEWLINE))
        offset += len(data)


def whole_lines(stream: IO[bytes], name: str, reading: Reading = WITHOUT_CHOICE) -> Iterator[bytes]:
    """The bytes of a stream cut at line ends, about a block at a time; the last line gets its newline.

    Where control bytes are errors, a line that does not end in a block that has some ends there: what is no text may have no line end at all.
    DataError for a line that is too long.
    """
    pending: list[bytes] = []  # the beginning of a line whose end has not been read
    pending_bytes, is_first = 0, True  # as text: what U+FFFD takes the place of becomes longer
    while chunk := read_bytes(stream, reading.bytes_at_a_time, name):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield from loosened(b"".join((*pending, chunk[:cut])), reading.bytes_at_a_time // DENSEST)
            pending, pending_bytes, is_first = [], 0, False
        elif reading.encoding_errors != "replace" and has_controls(chunk):
            yield b"".join((*pending, chunk[: max(map(chunk.rfind, ILLEGAL)) + 1], b"\n"))
            return
        pending.append(chunk[cut:])
        pending_bytes += size_as_text(chunk[cut:], reading.encoding_errors)
        if pending_bytes > BLOCK_BYTES and pending_bytes > reading.longest_line:
            raise DataError(
                f"{name}: a line is longer than {reading.longest_line:,} bytes.",
                "Is it text? One line is one sentence. Lines may take an eighth of --memory, where a command has that.",
            )
    tail = b"".join(pending)
    if tail and not (is_first and tail == BYTE_ORDER_MARK):  # a file of nothing but the mark has no line
        yield tail + b"\n"


def loosened(data: bytes, most: int) -> Iterator[bytes]:
    """Whole lines in pieces of so many words and lines at most, unless a line has more: a text may be nothing but line ends."""
    ends = np.count_nonzero(np.frombuffer(data, np.uint8) <= SPACE)
    half = len(data) // 2
    cut = (data.rfind(b"\n", 0, half) + 1 or data.find(b"\n", half) + 1) if ends > most else len(data)
    if cut == len(data):
        yield data
        return
    yield from loosened(data[:cut], most)
    yield from loosened(data[cut:], most)


DELETE = b"\x7f"
ILLEGAL = bytes(byte for byte in range(SPACE) if not TAB <= byte <= RETURN) + DELETE
KEEP_LEGAL = bytes(0 if byte in ILLEGAL else byte for byte in range(256))  # illegal bytes become NUL


def checked(block: Block, encoding_errors: EncodingErrors) -> Block:
    """The block if it is valid UTF-8 without control bytes; else an error, or replacement characters."""
    is_text = is_utf8(block.data)
    if is_text and not has_controls(block.data):
        return block
    if encoding_errors == "replace":
        return replace(block, data=all_replaced(block.data))
    raise encoding_error(block, is_text, replaceable=encoding_errors is not None)


def all_replaced(data: bytes) -> bytes:
    """The same as one text: pieces that would be joined at last were there twice, and a line may be very long."""
    text = io.BytesIO()
    text.writelines(replaced(data))
    return text.getvalue()


def replaced(data: bytes) -> Iterator[bytes]:
    """The bytes with U+FFFD in the place of what is no text, in pieces: characters take up to four times the memory of their bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for first in range(0, len(data), CONTROL_PIECE):
        piece = data[first : first + CONTROL_PIECE].translate(KEEP_LEGAL)
        text = decoder.decode(piece, final=first + CONTROL_PIECE >= len(data))
        yield text.replace("\0", "\ufffd").encode("utf-8")


def size_as_text(data: bytes, encoding_errors: EncodingErrors) -> int:
    """The bytes that a part of a line has where U+FFFD, of three, stands in the place of each bad one; some more where it cuts a character."""
    return sum(map(len, replaced(data))) if encoding_errors == "replace" else len(data)


def valid(block: Block) -> Block:
    """The block, checked if it was not yet: where many threads work on blocks, each checks its own."""
    if block.invalid == "none":
        return block
    return replace(checked(block, block.invalid), invalid="none")


def has_controls(data: bytes) -> bool:
    """Whether there is a control byte that is none of text. NumPy lets other threads work, as `bytes.translate` does not."""
    if DELETE in data:
        return True
    octets = np.frombuffer(data, np.uint8)
    for first in range(0, len(octets), CONTROL_PIECE):
        piece = octets[first : first + CONTROL_PIECE]
        below_space = np.count_nonzero(piece < SPACE)
        if below_space > np.count_nonzero(piece - np.uint8(TAB) <= RETURN - TAB):  # smaller bytes wrap around
            return True
    return False


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are valid UTF-8 (Arrow reads them once and copies nothing)."""
    import pyarrow as pa

    if data.isascii():
        return True
    try:
        bytes_to_arrow([data]).view(pa.large_string()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def encoding_error(block: Block, valid_utf8: bool, *, replaceable: bool) -> DataError:
    """The error for the first bad byte of a block. replaceable: whether U+FFFD can be asked for in its place."""
    if valid_utf8:
        at = min(place for byte in ILLEGAL if (place := block.data.find(byte)) >= 0)
        what = f"control byte 0x{block.data[at]:02x}"
    else:
        try:
            block.data.decode("utf-8")
        except UnicodeDecodeError as error:
            at = error.start
        what = f"invalid UTF-8 (byte 0x{block.data[at]:02x})"
    if 0 in block.data:
        cause = "It holds NUL bytes: it is binary data, or text in UTF-16, which iconv -f UTF-16LE -t UTF-8 converts."
    elif has_controls(block.data):  # which Latin-1 has no more than UTF-8
        cause = "Is it a text file? Binary files contain control bytes."
    else:
        cause = "The text may be in another encoding, such as Latin-1: convert it with iconv -f LATIN1 -t UTF-8."
    line = block.line(block.data.count(b"\n", 0, at))
    fault = f"{block.source}:{line}: {what}."
    if block.is_of_fields:
        fault = f"{block.source}:{line}: {what} in the text of the record."
        cause = "The program that wrote the file let it pass."
    elif block.record_lines is None:
        fault = f"{block.source}:{line}: {what} at byte offset {block.offset + at}."
    replacing = " Or use --encoding-errors replace to put U+FFFD in the place of bad bytes." if replaceable else ""
    return DataError(fault, cause + replacing)
