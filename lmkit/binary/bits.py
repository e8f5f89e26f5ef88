"""Integers of any width at any bit of a buffer, the low bits first; widths up to 57, so that any eight bytes hold one whole."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.mapped import Buffer

WIDEST = 57
SIGN = np.uint32(1 << 31)  # the bit of a number in single precision


def width_of(largest: int) -> int:
    """How many bits the integers up to this one take; none if there is only 0."""
    return largest.bit_length()


class Bits:
    """A buffer from some byte on. Eight bytes are read for each integer: so many must follow the first byte of the last one."""

    def __init__(self, data: Buffer, start: int) -> None:
        self._eights = np.ndarray((len(data) - start - 7,), "<u8", data, start, (1,))

    def read(self, at: NDArray[np.int64], width: int) -> NDArray[np.uint64]:
        """(integers,) those of this width that begin at these bits (integers,)."""
        if not width:
            return np.zeros(len(at), np.uint64)
        eights: NDArray[np.uint64] = self._eights[at >> 3]
        return (eights >> (at & 7).astype(np.uint64)) & np.uint64((1 << width) - 1)


def packed(fields: Sequence[tuple[NDArray[np.integer[Any]], int]], records: int) -> NDArray[np.uint8]:
    """The bytes of so many records that stand end to end: of each its fields, the first one in the lowest bits.

    fields: of each, the integers of the first records, which are not negative, and their width; other records have 0 there.
    """
    width = sum(width for _, width in fields)
    size = -(-records * width // 8)
    data = np.zeros(max(size, width) + 8, np.uint8)  # room for eight records, and to write eight bytes anywhere
    for phase in range(8):  # of every eighth record: each has as many bytes as a record has bits
        at = phase * width
        for integers, field_width in fields:
            chosen = integers[phase::8].astype(np.uint64) << np.uint64(at & 7)
            eights = np.ndarray((len(chosen),), "<u8", data, at >> 3, (width,))
            eights |= chosen
            at += field_width
    return data[:size]
