"""Integers of any width at any bit of a buffer, the low bits first; widths up to 57, so that any eight bytes hold one whole."""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.tensors import Buffer

WIDEST = 57


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
