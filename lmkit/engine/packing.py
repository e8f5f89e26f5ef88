"""Whole numbers in few bits: most of those that a file holds are small, or among few distinct ones.

The distinct numbers are sorted, the most frequent first. Each number is its place among them, in as many bits as make the whole
smallest; the largest value of these bits says that the place is beyond, and stands in more bits with the others of which this is so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.threads import map_in_order

Result = TypeVar("Result")
Packed = NDArray[np.uint8]
Numbers = NDArray[np.integer[Any]]
BLOCK = 1 << 18  # numbers that are packed for themselves, so that threads can share the work; a part of the file format
MOST_DISTINCT = 1 << 16  # numbers from here on stand apart, as they are
MOST_TIERS, WIDEST = 4, 17  # tiers: widths in bits, each for what the one before has no room for


def packed_size(size: int, bits: int) -> int:
    """The bytes that so many numbers take: eight numbers are whole bytes."""
    return -(-size // 8) * bits


def dtype_of(bits: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type that holds so many bits."""
    return np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32 if bits <= 32 else np.uint64


def bits_of(largest: int) -> int:
    """The bits that numbers up to the largest take, at least one."""
    return max(largest.bit_length(), 1)


def pack(numbers: Numbers, bits: int) -> Packed:
    """The numbers (n,), each in so many bits, low bits first."""
    groups = np.zeros((-(-len(numbers) // 8), 8), dtype_of(bits))
    groups.reshape(-1)[: len(numbers)] = numbers
    packed: Packed = np.zeros((len(groups), bits), np.uint8)
    for place in range(8):
        at, shift = divmod(place * bits, 8)
        column = groups[:, place]
        packed[:, at] |= (column << column.dtype.type(shift)).astype(np.uint8)
        for later in range(at + 1, -(-(place + 1) * bits // 8)):
            packed[:, later] |= (column >> column.dtype.type(8 * (later - at) - shift)).astype(np.uint8)
    return packed.reshape(-1)


def unpack(packed: Packed, bits: int, size: int) -> NDArray[np.unsignedinteger[Any]]:
    """(size,) the numbers that were packed in so many bits. ValueError if these are not their bytes."""
    if len(packed) != packed_size(size, bits):
        raise ValueError(f"{size} numbers of {bits} bits are not {len(packed)} bytes")
    dtype = dtype_of(bits)
    groups = packed.reshape(-1, bits)
    numbers: NDArray[np.unsignedinteger[Any]] = np.empty((len(groups), 8), dtype)
    for place in range(8):
        at, shift = divmod(place * bits, 8)
        column = (groups[:, at] >> np.uint8(shift)).astype(dtype)
        for later in range(at + 1, -(-(place + 1) * bits // 8)):
            column |= groups[:, later].astype(dtype) << dtype(8 * (later - at) - shift)
        column &= dtype((1 << bits) - 1)
        numbers[:, place] = column
    return numbers.reshape(-1)[:size]


class BlockReader:
    """The bytes of a block, taken from the first to the last."""

    def __init__(self, data: Packed) -> None:
        self._data, self._at = data, 0

    def numbers(self, size: int, bits: int) -> NDArray[np.unsignedinteger[Any]]:
        """(size,) the next numbers, of so many bits each. ValueError if there are not so many."""
        return unpack(self._bytes(packed_size(size, bits)), bits, size)

    def plain(self, size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """(size,) the next numbers, which are not packed. ValueError if there are not so many."""
        return self._bytes(size * dtype.itemsize).copy().view(dtype)

    def end(self) -> None:
        """ValueError unless everything was taken."""
        if self._at != len(self._data):
            raise ValueError("there are more packed numbers than expected")

    def _bytes(self, size: int) -> Packed:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("there are fewer packed numbers than expected")
        self._at += size
        return taken


@dataclass(frozen=True, eq=False)
class Blocks:
    """The bytes of blocks, end to end."""

    data: Packed
    ends: NDArray[np.int64]  # (blocks,) where each ends

    @classmethod
    def of(cls, blocks: Sequence[Packed]) -> "Blocks":
        """The blocks, of which there may be none."""
        return cls(
            np.concatenate([np.zeros(0, np.uint8), *blocks]),
            np.cumsum([len(block) for block in blocks], dtype=np.int64),
        )

    def check(self, size: int) -> None:
        """ValueError unless these are the blocks of so many numbers."""
        ends = self.ends
        fits = self.data.dtype == np.uint8 and ends.dtype == np.int64 and ends.shape == (-(-size // BLOCK),)
        if not fits or (size and (ends[0] < 0 or ends[-1] != len(self.data) or (ends[1:] < ends[:-1]).any())):
            raise ValueError("packed numbers do not fit their bounds")

    def reader(self, block: int) -> BlockReader:
        """What takes the bytes of a block."""
        return BlockReader(self.data[int(self.ends[block - 1]) if block else 0 : int(self.ends[block])])


def in_blocks(work: Callable[[tuple[int, int]], Result], size: int) -> Iterator[Result]:
    """work((first, last)) of the ranges of so many numbers that are packed for themselves, in order, in threads if there are several."""
    ranges = ((first, min(first + BLOCK, size)) for first in range(0, size, BLOCK))
    return map_in_order(work, ranges, 1 if size <= BLOCK else None)


@dataclass(frozen=True, eq=False)
class PackedNumbers:
    """Whole numbers of which many are the same."""

    blocks: Blocks
    values: Numbers  # (distinct,) the most frequent first
    size: int
    distinct: int
    widths: tuple[int, ...]  # of the places among the values, in bits
    apart: bool  # some are not among the values

    @classmethod
    def of(cls, numbers: Numbers) -> "PackedNumbers | None":
        """The numbers (n,), packed; None where they would not become smaller."""
        if not len(numbers) or int(numbers.min()) < 0:
            return None
        frequencies = np.zeros(MOST_DISTINCT + 1, np.int64)
        for of_block in in_blocks(partial(frequencies_of, numbers), len(numbers)):
            frequencies += of_block
        beyond = int(frequencies[-1])
        order = np.argsort(-frequencies[:-1], kind="stable")[: np.count_nonzero(frequencies[:-1])]
        if not len(order):
            return None
        widths = best_widths(frequencies[order], beyond, numbers.itemsize)
        places = np.full(MOST_DISTINCT + 1, np.iinfo(np.int32).max, np.int32)
        places[order] = np.arange(len(order))
        packed = cls(Blocks.of([]), order.astype(numbers.dtype), len(numbers), len(order), widths, beyond > 0)

        def block(bounds: tuple[int, int]) -> Packed:
            piece = numbers[slice(*bounds)]
            return packed.packed_block(piece, places.take(capped(piece)))

        found = replace(packed, blocks=Blocks.of(list(in_blocks(block, len(numbers)))))
        return found if found.nbytes < numbers.nbytes else None

    @property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return self.blocks.data.nbytes + self.blocks.ends.nbytes + self.values.nbytes

    def packed_block(self, numbers: Numbers, places: NDArray[np.int32]) -> Packed:
        """The bytes of some numbers. places: (numbers,) of theirs among the values; beyond these: apart."""
        pieces: list[Packed] = []
        left = places
        for first, width, room in self._tiers():
            codes = np.minimum(left - first, room)
            pieces.append(pack(codes, width))
            left = left[codes == room]
        beyond = numbers[places >= len(self.values)]
        return np.concatenate([*pieces, np.ascontiguousarray(beyond).view(np.uint8)])

    def unpacked(self) -> Numbers:
        """(size,) the numbers. ValueError for damages."""
        self._check()
        numbers: Numbers = np.empty(self.size, self.values.dtype)

        def block(bounds: tuple[int, int]) -> None:
            self._unpack_block(self.blocks.reader(bounds[0] // BLOCK), numbers[slice(*bounds)])

        for _ in in_blocks(block, self.size):
            pass
        return numbers

    def _unpack_block(self, reader: BlockReader, numbers: Numbers) -> None:
        """Fill in the numbers of a block."""
        places: NDArray[np.int64] | None = None  # None: all
        for first, width, room in self._tiers():
            codes = reader.numbers(len(numbers) if places is None else len(places), width)
            values = np.zeros(1 << width, numbers.dtype)
            known = self.values[first : first + room]
            values[: len(known)] = known
            if len(known) < room and ((codes >= len(known)) & (codes != room)).any():
                raise ValueError("packed numbers stand for none")
            if places is None:
                numbers[:] = values.take(codes)
            else:
                numbers[places] = values.take(codes)
            beyond = np.flatnonzero(codes == room) if room < 1 << width else np.zeros(0, np.int64)
            places = beyond if places is None else places.take(beyond)
        if places is not None and len(places):
            numbers[places] = reader.plain(len(places), numbers.dtype)
        reader.end()

    def _tiers(self) -> Iterator[tuple[int, int, int]]:
        """Of each tier: the first place in it, its width, and how many places it has room for."""
        first = 0
        for place, width in enumerate(self.widths, start=1):
            room = (1 << width) - (place < len(self.widths) or self.apart)
            yield first, width, room
            first += room

    def _check(self) -> None:
        """ValueError unless the widths and the values fit each other."""
        widths = self.widths
        fits = 0 < len(widths) <= MOST_TIERS and all(type(width) is int and 0 < width <= WIDEST for width in widths)
        fits = fits and type(self.size) is int and self.size >= 0 and type(self.apart) is bool
        fits = fits and self.values.shape == (self.distinct,) and self.values.dtype.kind in "ui"
        if not fits or (self.values < 0).any():
            raise ValueError("what packed numbers stand for is damaged")
        self.blocks.check(self.size)


def frequencies_of(numbers: Numbers, bounds: tuple[int, int]) -> NDArray[np.int64]:
    """(MOST_DISTINCT + 1,) how often a range of the numbers has each number; the last: how many are beyond."""
    frequencies: NDArray[np.int64] = np.bincount(capped(numbers[slice(*bounds)]), minlength=MOST_DISTINCT + 1)
    return frequencies


def capped(numbers: Numbers) -> NDArray[np.intp]:
    """The numbers, or MOST_DISTINCT in place of those that are beyond."""
    return np.minimum(numbers, min(MOST_DISTINCT, np.iinfo(numbers.dtype).max)).astype(np.intp)


def best_widths(frequencies: NDArray[np.int64], beyond: int, itemsize: int) -> tuple[int, ...]:
    """The widths of tiers that take the fewest bits.

    frequencies: (distinct,) of the numbers, descending; beyond: how many others stand apart, in so many bytes each.
    """
    running = np.concatenate((np.zeros(1, np.int64), np.cumsum(frequencies)))
    total, distinct = int(running[-1]) + beyond, len(frequencies)

    @cache
    def best(first: int, tiers: int) -> tuple[int, tuple[int, ...]]:
        """The bits of all from this place on, and their widths."""
        left = total - int(running[first])
        last = bits_of(distinct - first - 1 + (beyond > 0))
        ways: list[tuple[int, tuple[int, ...]]] = [(left * last + beyond * 8 * itemsize, (last,))]
        for width in range(1, last if tiers > 1 else 1):
            bits, widths = best(first + (1 << width) - 1, tiers - 1)
            ways.append((left * width + bits, (width, *widths)))
        return min(ways)

    return best(0, MOST_TIERS)[1]
