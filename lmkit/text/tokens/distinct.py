"""The distinct entries of a block of text: words and their separators.

An entry of up to eight bytes, as nine of ten are, is one integer, which Arrow finds again in a sixth of the time that bytes take.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow, take
from lmkit.text.tokens.entries import Entries
from lmkit.text.whitespace import NEWLINE, SPACE

if TYPE_CHECKING:
    import pyarrow as pa

SHORT = 8  # bytes of an entry that are one integer
OF_SHORT = np.array([(1 << 8 * size) - 1 for size in range(SHORT + 1)], np.uint64)  # the bits of entries of each size
LONG = 0xFF  # the highest byte of the integers of longer entries, where those of short ones have nothing or a separator


def distinct_entries(data: bytes, offsets: NDArray[np.int32]) -> Entries:
    """The entries of a text, numbered by their first occurrence.

    offsets: (entries + 1,) where each begins; each ends with a byte up to SPACE, and has no other.
    """
    import pyarrow as pa

    sizes = np.diff(offsets)
    keys = short_keys(data, offsets, sizes)
    longer = np.flatnonzero(sizes > SHORT)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    entries = pa.Array.from_buffers(pa.binary(), len(sizes), buffers)
    long = call_arrow("dictionary_encode", call_arrow("array_take", entries, to_arrow(longer), boundscheck=False))
    keys[longer] = to_numpy(long.indices).astype(np.uint64) | np.uint64(LONG << 56)
    encoded = call_arrow("dictionary_encode", to_arrow(keys))
    words, ends_line = words_of_keys(to_numpy(encoded.dictionary), long.dictionary)
    lengths = np.diff(np.frombuffer(words.buffers()[1], np.int64, len(words) + 1)).astype(np.int32)
    return Entries(words, lengths, ends_line, to_numpy(encoded.indices))


def short_keys(data: bytes, offsets: NDArray[np.int32], sizes: NDArray[np.int32]) -> NDArray[np.uint64]:
    """(entries,) the bytes of each entry of up to SHORT bytes as one integer; of longer ones anything."""
    keys = np.zeros(len(sizes), np.uint64)
    # Eight bytes from any place on; the last seven places have fewer after them.
    windows = np.ndarray((max(len(data) - SHORT + 1, 0),), "<u8", data, strides=(1,))
    inner = int(np.searchsorted(offsets[:-1], np.int32(len(windows))))
    keys[:inner] = windows[offsets[:inner]]
    keys[:inner] &= take(OF_SHORT, np.minimum(sizes[:inner], SHORT))
    for place, (start, end) in enumerate(zip(offsets[inner:-1].tolist(), offsets[inner + 1 :].tolist(), strict=True)):
        keys[inner + place] = int.from_bytes(data[start:end], "little")
    return keys


def words_of_keys(keys: NDArray[np.uint64], long: "pa.Array[Any]") -> tuple["pa.Array[Any]", NDArray[np.bool_]]:
    """(keys,) the words of distinct entries, without their separators, as large_binary, and whether a newline is theirs.

    long: the longer entries.
    """
    import pyarrow as pa

    letters = keys.astype("<u8", copy=False).view(np.uint8).reshape(-1, SHORT)
    is_long = letters[:, -1] == LONG
    places = np.arange(len(keys))  # of their words among the short and the long ones
    longer = (keys[is_long] & np.uint64((1 << 56) - 1)).astype(np.int64)
    places[is_long] = len(keys) + longer
    is_letter = (letters > SPACE) & ~is_long[:, None]
    bounds = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(is_letter.sum(axis=1), out=bounds[1:])
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(letters[is_letter])]
    short = pa.Array.from_buffers(pa.large_binary(), len(keys), buffers)
    without_ends = call_arrow("cast", call_arrow("binary_slice", long, start=0, stop=-1), target_type=pa.large_binary())
    both = pa.concat_arrays([short, without_ends])
    ends = np.frombuffer(long.buffers()[1] or bytes(4), np.int32)[1 : len(long) + 1]
    ends_line = (letters == NEWLINE).any(axis=1)
    ends_line[is_long] = (np.frombuffer(long.buffers()[2] or b"", np.uint8)[ends - 1] == NEWLINE)[longer]
    return call_arrow("array_take", both, to_arrow(places)), ends_line
