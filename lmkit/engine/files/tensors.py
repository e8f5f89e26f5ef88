"""Arrays in safetensors files: an 8-byte length, a JSON header, and the plain arrays.

No code can hide in such a file, and any tool opens it. Arrays stay where the file is mapped. What they mean is not known here.
"""

import json
import math
import mmap
import os
import stat
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order

Buffer = bytes | mmap.mmap
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
    arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str], stream: BinaryIO, scratch: Scratch | None = None
) -> None:
    """Write a safetensors file array by array, so that nothing is held twice, whatever the stream is.

    scratch: where the arrays are, if that gives memory back.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    head, places = header_of({name: (array.dtype, array.shape) for name, array in arrays.items()}, metadata)
    pieces: list[tuple[memoryview, int]] = []
    for name, offset in places.items():
        data = arrays[name].reshape(-1).view(np.uint8).data
        pieces += [(data[at : at + PIECE], offset + at) for at in range(0, len(data), PIECE)]
    stream.write(head)
    write_pieces(pieces, stream, scratch or Scratch())


def header_of(
    forms: Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]], metadata: Mapping[str, str]
) -> tuple[bytes, dict[str, int]]:
    """What a file of arrays of these types and shapes begins with, and at which byte after it each of them lies, in this order.

    Wide numbers come first, as the format's own library has it: then every array is aligned.
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
    return len(text).to_bytes(8, "little") + text, places


def write_pieces(pieces: list[tuple[memoryview, int]], stream: BinaryIO, scratch: Scratch) -> None:
    """Write consecutive pieces, given with their offsets; into a file at once from several threads."""
    try:
        is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode) and stream.seekable()
    except (OSError, AttributeError, ValueError):  # a stream that is no file
        is_file = False
    if not is_file or not hasattr(os, "pwrite"):
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


def read_tensors(data: Buffer | memoryview) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays (views, no copies) and the metadata in the bytes of a safetensors file.

    ValueError, KeyError, TypeError, AttributeError or RecursionError for a file that is damaged or cut short.
    """
    start, entries, metadata = tensors_listed(data)
    return {name: array_of(data, start, name, entry) for name, entry in entries.items()}, metadata


def tensors_listed(data: Buffer | memoryview) -> tuple[int, dict[str, dict[str, Any]], dict[str, str]]:
    """Where the arrays begin, what the header says of each by name, and the metadata. Errors as for `read_tensors`."""
    start = 8 + int.from_bytes(data[:8], "little")
    header = parse_json(bytes(data[8:start]).decode())
    metadata = header.pop("__metadata__", {})
    return start, header, metadata


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
