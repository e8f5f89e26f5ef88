"""The parts of a file one after the other, each of which must be there in full."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.bits import Bits
from lmkit.binary.header import Header, cut_short, damaged
from lmkit.engine.files.mapped import Buffer

SPARE = 8  # bytes after the packed n-grams of an order, so that eight can be read at the last one


class Parts:
    """What follows the header of a file."""

    def __init__(self, data: Buffer, header: Header, name: str) -> None:
        self.data, self.header, self.name = data, header, name
        self.at = header.size

    def take(self, dtype: Any, number: int) -> NDArray[Any]:
        """(number,) the values that come next, where they are."""
        start = self.at
        self.skip(np.dtype(dtype).itemsize * number)
        if not number:
            return np.zeros(0, dtype)
        return np.frombuffer(self.data, dtype, number, start)

    def take_bits(self, bits: int) -> Bits:
        """The packed integers that come next."""
        start = self.at
        self.skip(-(-bits // 8) + SPARE)
        return Bits(self.data, start)

    def skip(self, size: int) -> None:
        """Go on by so many bytes. DataError if there are fewer."""
        self.at += size
        if self.at > len(self.data):
            raise cut_short(self.name, self.at, len(self.data))

    def rest(self) -> NDArray[np.uint8]:
        """(bytes,) all that follows."""
        if self.at == len(self.data):
            return np.zeros(0, np.uint8)
        return np.frombuffer(self.data, np.uint8, offset=self.at)

    def refused(self, fault: str) -> Exception:
        """The error for a file that contradicts itself."""
        return damaged(self.name, fault)
