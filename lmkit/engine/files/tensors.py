"""Arrays in safetensors files: an 8-byte length, a JSON header, and the plain arrays.

No code can hide in such a file, and any tool opens it. Arrays stay where the file is mapped. What they mean is not known here.
"""

import json
import math
import os
import stat
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.mapped import Buffer
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order

LONGEST_HEADER = 100 << 20
PIECE = 8 << 20  # bytes written at a time
DTYPES = {
    "U8": np.uint8,
    "U16": np.uint16,
    "U32": np.uint32,
    "U64": np.uint64,
    "I32": np.int32,
    "I64": np.int64,
    "F32": np.float32,
    "F64": np.float64,
}
DTYPE_NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def looks_like_safetensors(start: bytes) -> bool:
    """Whether a file that begins so may be safetensors: a sane length, then a JSON object."""
    return len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= LONGEST_HEADER


def write_tensors(
    arrays: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, str],
    stream: BinaryIO,
    scratch: Scratch | None = None,
    finished: Callable[[bytes], bytes] = bytes,
) -> None:
    """Write a safetensors file array by array, so that nothing is held twice, whatever the stream is.

    scratch: where the arrays are, if that gives memory back. finished: see `new_header`.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    forms = {name: (array.dtype, array.shape) for name, array in arrays.items()}
    head, places = new_header(forms, metadata, finished)
    pieces: list[tuple[memoryview, int]] = []
    for name, offset in places.items():
        data = arrays[name].reshape(-1).view(np.uint8).data
        pieces += [(data[at : at + PIECE], offset + at) for at in range(0, len(data), PIECE)]
    stream.write(head)
    write_pieces(pieces, stream, scratch or Scratch())


def new_header(
    forms: Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]],
    metadata: Mapping[str, str],
    finished: Callable[[bytes], bytes] = bytes,
) -> tuple[bytes, dict[str, int]]:
    """What a file of arrays of these types and shapes begins with, and at which byte after it each of them lies, in this order.

    Wide numbers come first, as the format's own library has it: then every array is aligned. finished: the header as it is to be written, which is as long.
    """
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    places, end = {}, 0
    for name in sorted(forms, key=lambda name: (-forms[name][0].itemsize, name)):
        dtype, shape = forms[name]
        places[name], end = end, end + math.prod(shape) * dtype.itemsize
        header[name] = {
            "dtype": DTYPE_NAMES[dtype],
            "shape": list(shape),
            "data_offsets": [places[name], end],
        }
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + finished(text), places


def write_pieces(pieces: list[tuple[memoryview, int]], stream: BinaryIO, scratch: Scratch) -> None:
    """Write consecutive pieces, given with their offsets; into a file at once from several threads."""
    if not hasattr(os, "pwrite") or not takes_pieces_anywhere(stream):
        for data, _ in pieces:
            stream.write(data)
            scratch.release()
        return
    stream.flush()
    descriptor, start = stream.fileno(), stream.tell()

    def write_piece(piece: tuple[memoryview, int]) -> None:
        data, at = piece
        while len(data):  # a full disk may take a part before it is an error
            written = os.pwrite(descriptor, data, start + at)
            data, at = data[written:], at + written

    advance = stage("writing", len(pieces))
    for _ in map_in_order(write_piece, pieces, None):
        advance(1)
        scratch.release()
    stream.seek(0, os.SEEK_END)


def takes_pieces_anywhere(stream: BinaryIO) -> bool:
    """Whether a stream is a file that can be written to in any order: one that was opened to append (>>) takes all at its end."""
    import fcntl

    try:
        descriptor = stream.fileno()
        appends = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and stream.seekable() and not appends
    except (OSError, AttributeError, ValueError):  # a stream that is no file
        return False


def read_tensors(data: Buffer | memoryview) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays (views, no copies) and the metadata in the bytes of a safetensors file.

    ValueError, KeyError, TypeError, AttributeError or RecursionError for a file that is damaged or cut short.
    """
    start, entries, metadata = tensors_listed(data)
    return {name: array_of(data, start, name, entry) for name, entry in entries.items()}, metadata


def tensors_listed(data: Buffer | memoryview) -> tuple[int, dict[str, dict[str, Any]], dict[str, str]]:
    """Where the arrays begin, what the header says of each by name, and the metadata. Errors as for `read_tensors`."""
    start, entries, metadata = said_in_header(data)
    check_places(entries, len(data) - start)
    return start, entries, metadata


def said_in_header(data: Buffer | memoryview) -> tuple[int, dict[str, dict[str, Any]], dict[str, str]]:
    """The same of bytes that may end with the header."""
    text = header_of(data)
    entries = parse_json(text.decode())
    metadata = entries.pop("__metadata__", {})
    return 8 + len(text), entries, metadata


def header_of(data: Buffer | memoryview) -> bytes:
    """The header in the bytes of a safetensors file. ValueError if it is cut short."""
    size = int.from_bytes(data[:8], "little")
    if size > len(data) - 8:
        raise ValueError("its header is incomplete")
    return bytes(data[8 : 8 + size])


def check_places(entries: Mapping[str, Mapping[str, Any]], size: int) -> None:
    """ValueError unless the arrays stand end to end in so many bytes: none overlaps another, none is missing, nothing is between or behind."""
    at = 0
    for name, (first, last) in sorted(
        ((name, entry["data_offsets"]) for name, entry in entries.items()), key=lambda place: place[1]
    ):
        if not type(first) is type(last) is int or last < first:
            raise ValueError(f"where array {name} stands is damaged")
        if first != at:
            raise ValueError(
                f"array {name} {'overlaps another one' if first < at else 'comes after bytes of no array'}"
            )
        at = last
    if at > size:
        raise ValueError(f"{at:,} bytes of arrays are listed, and there are {size:,}")
    if at < size:
        raise ValueError(f"there are {size - at:,} bytes behind the last array")


def array_of(data: Buffer | memoryview, start: int, name: str, entry: dict[str, Any]) -> NDArray[Any]:
    """The array that an entry of a header describes; the arrays begin at `start`."""
    dtype = np.dtype(DTYPES[entry["dtype"]])
    first, last = entry["data_offsets"]
    shape = tuple(entry["shape"])
    size = math.prod(shape)
    fits = all(type(number) is int and number >= 0 for number in (first, last, *shape))
    if not fits or last > len(data) - start or size * dtype.itemsize != last - first:
        raise ValueError(f"array {name} is incomplete")
    return np.frombuffer(data, dtype, size, start + first).reshape(shape) if size else np.zeros(shape, dtype)


def parse_json(text: str) -> Any:
    """The value of a JSON text; ValueError for NaN, Infinity and lone surrogates, which are no JSON."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON value")

    value = json.loads(text, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode()
    return value
