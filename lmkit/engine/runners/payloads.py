"""What messages hold: arrays with names, or values, as bytes."""

import io
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.tensors import read_tensors, write_tensors
from lmkit.engine.runners.protocol import Message, Payload

LEVEL = 1  # of zstd: what crosses a network is worth little time


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of arrays with names."""
    stream = io.BytesIO()
    write_tensors(arrays, {}, stream)
    return stream.getvalue()


def unpacked(message: Message) -> dict[str, NDArray[Any]]:
    """The arrays in a message, which stay in its bytes."""
    return read_tensors(message.payload)[0]


def packed_value(value: Any) -> bytes:
    """The bytes of a value that is no array."""
    return pickle.dumps(value, protocol=5)


def unpacked_value(message: Message) -> Any:
    """The value in a message."""
    return pickle.loads(message.payload)  # noqa: S301 (it was packed by this program)


def compressed(payload: Payload) -> bytes:
    """A payload in fewer bytes, for runners that send it over a network: its size as 8 bytes, and zstd."""
    import pyarrow as pa

    size = len(payload).to_bytes(8, "little")
    return size + bytes(pa.Codec("zstd", compression_level=LEVEL).compress(pa.py_buffer(payload), asbytes=True))


def decompressed(payload: Payload) -> memoryview:
    """The payload again."""
    import pyarrow as pa

    size = int.from_bytes(payload[:8], "little")
    return memoryview(pa.decompress(memoryview(payload)[8:], size, codec="zstd"))


def read_only(array: NDArray[Any]) -> memoryview:
    """The bytes of an array."""
    return np.ascontiguousarray(array).view(np.uint8).data.toreadonly()


def in_planes(numbers: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
    """(bytes, numbers) numbers from 0 on byte by byte, the lowest first, as far as they need: so they take a fifth less when they are compressed, and half the time."""
    dtype = numbers.dtype.newbyteorder("<")
    octets = np.ascontiguousarray(numbers, dtype).view(np.uint8).reshape(-1, dtype.itemsize)
    needed = -(-int(numbers.max(initial=0)).bit_length() // 8)
    return np.ascontiguousarray(octets[:, :needed].T)


def of_planes(planes: NDArray[np.uint8], dtype: Any = np.int32) -> NDArray[Any]:
    """(numbers,) the numbers again, of a type that holds them."""
    little = np.dtype(dtype).newbyteorder("<")
    octets = np.zeros((planes.shape[1], little.itemsize), np.uint8)
    octets[:, : len(planes)] = planes.T
    numbers: NDArray[Any] = octets.reshape(-1).view(little)
    return numbers.astype(dtype, copy=False)
