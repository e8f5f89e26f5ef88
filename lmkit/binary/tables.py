"""Hash tables with linear probing of more entries than fit the caches of a processor.

Pieces of the entries are bucketed by ranges of slots, and one range is filled after the other. Within it, entries stand in the order of
the slots where they would be if all were free (key modulo slots), each there or right after the one before; those that the range has no
room for go on into the next one, and from the last one to the first slots.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashing import Hashes
from lmkit.engine.kernels import bucket
from lmkit.engine.threads import map_in_order

RANGE_BITS = 15  # of the number of a slot in its range, which 16 bits must hold

Values = NDArray[np.signedinteger[Any]]  # (entries,) the bits of what stands beside the keys: 32, or 64
Slots = NDArray[np.int64]  # (entries,) ascending
Table = NDArray[Any]  # (slots,) the key, 0 where the slot is free, and the value beside it, as one


@dataclass(frozen=True, eq=False)
class Bucketed:
    """Some entries, by ranges of slots."""

    bounds: list[int]  # of each range, where its entries begin, and their end
    keys: Hashes
    values: Values

    @classmethod
    def of(cls, keys: Hashes, values: Values, slots: int) -> "Bucketed":
        """The entries of a table with so many slots."""
        ranges = ((keys % np.uint64(slots)) >> np.uint64(RANGE_BITS)).astype(values.dtype)
        bounds, sorted_values, sorted_keys = bucket(ranges, values, keys.view(np.int64), ranges_of(slots))
        return cls(bounds.tolist(), sorted_keys.view(np.uint64), sorted_values)

    def range_of(self, number: int) -> slice:
        """Where the entries of a range of slots are."""
        return slice(self.bounds[number], self.bounds[number + 1])


@dataclass(frozen=True)
class TableWriter:
    """Makes a table of its entries, a range of slots at a time."""

    pieces: Sequence[Bucketed]
    slots: int

    def regions(self, workers: int | None = None) -> Iterator[Table]:
        """The table, cut into ranges. workers: threads (default: the number of cores)."""
        late = self._late()  # come round to the first slots, from which they push others on
        for number, (slots, records) in enumerate(map_in_order(self.in_range, range(ranges_of(self.slots)), workers)):
            start = number << RANGE_BITS
            end = min(start + (1 << RANGE_BITS), self.slots)
            pushed = np.maximum(slots, np.arange(start + len(late), start + len(late) + len(slots)))
            inside = int(np.searchsorted(pushed, end))
            region = np.zeros(end - start, records.dtype)
            region[: len(late)] = late[: len(region)]
            region[pushed[:inside] - start] = records[:inside]
            yield region
            late = np.concatenate((late[len(region) :], records[inside:]))

    def in_range(self, number: int) -> tuple[Slots, Table]:
        """The slots that the entries of a range take if none come from the ranges before, and the entries."""
        parts = [(piece, piece.range_of(number)) for piece in self.pieces]
        keys = np.concatenate([piece.keys[here] for piece, here in parts])
        values = np.concatenate([piece.values[here] for piece, here in parts])
        start = number << RANGE_BITS
        ideal = (keys % np.uint64(self.slots) - np.uint64(start)).astype(np.uint16)
        order = np.argsort(ideal, kind="stable")  # of 16 bits: a radix sort
        records = np.empty(len(keys), record_of(values.dtype))
        records["key"], records["value"] = keys.take(order), values.take(order)
        numbers = np.arange(len(keys))
        slots = np.maximum.accumulate(ideal.take(order) - numbers)
        slots += numbers + start
        return slots, records.view(whole(records.dtype))

    def _late(self) -> Table:
        """The entries that come past the end: the last ones.

        Only the last ranges are looked at, as many as show that what comes into them from before makes no difference: at most as
        much as if all entries of each range were in its last slot.
        """
        sizes = np.sum([np.diff(piece.bounds) for piece in self.pieces], axis=0).tolist()
        most = [0]  # that may come into each range
        for size in sizes:
            most.append(max(size, most[-1] + size - (1 << RANGE_BITS)))
        found: list[tuple[Slots, Table]] = []
        for first in range(len(sizes) - 1, -1, -1):
            found.insert(0, self.in_range(first))
            fewest, highest = (self._past_end(found, first, coming) for coming in (0, most[first]))
            if fewest == highest:
                break
        records = np.concatenate([records for _, records in found])
        return records[len(records) - fewest :]

    def _past_end(self, found: list[tuple[Slots, Table]], first: int, coming: int) -> int:
        """How many entries come past the end, if so many come into the range `first`. found: of the ranges from there on."""
        free = (first << RANGE_BITS) + coming
        for slots, _ in found:
            if len(slots):
                free = max(int(slots[-1]) + 1, free + len(slots))
        return max(free - self.slots, 0)


def ranges_of(slots: int) -> int:
    """The number of ranges that so many slots are."""
    return -(-slots >> RANGE_BITS)


def record_of(value: np.dtype[Any]) -> np.dtype[np.void]:
    """What stands in a slot."""
    return np.dtype([("key", "<u8"), ("value", value.newbyteorder("<"))])


def whole(record: np.dtype[Any]) -> np.dtype[Any]:
    """A type of that size that NumPy copies as a whole; it is fast with those that it knows."""
    return np.dtype(np.complex128) if record.itemsize == 16 else np.dtype((np.void, record.itemsize))
