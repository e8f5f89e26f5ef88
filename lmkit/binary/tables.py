"""Hash tables with linear probing of more entries than fit the caches of a processor.

Pieces of the entries are bucketed by ranges of slots, and one range is filled after the other. Within it, entries stand in the order of
the slots where they would be if all were free, as in `hashing.place`; those that the range has no room for go on into the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashing import Hashes
from lmkit.engine.kernels import bucket
from lmkit.engine.threads import map_in_order

RANGE_BITS = 14  # of the number of a slot in its range, which 16 bits must hold

Values = NDArray[np.signedinteger[Any]]  # (entries,) the bits of what stands beside the keys: 32, or 64
Slots = NDArray[np.int64]  # (entries,) ascending
Table = NDArray[np.void]  # (slots,) the key, 0 where the slot is free, and the value beside it


@dataclass(frozen=True, eq=False)
class Bucketed:
    """Some entries, by ranges of slots."""

    bounds: NDArray[np.signedinteger[Any]]  # (ranges + 1,) where those of each range begin
    keys: Hashes
    values: Values

    @classmethod
    def of(cls, keys: Hashes, values: Values, slots: int) -> "Bucketed":
        """The entries of a table with so many slots."""
        ranges = ((keys % np.uint64(slots)) >> np.uint64(RANGE_BITS)).astype(values.dtype)
        bounds, sorted_values, sorted_keys = bucket(ranges, values, keys.view(np.int64), ranges_of(slots))
        return cls(bounds, sorted_keys.view(np.uint64), sorted_values)

    def range_of(self, number: int) -> slice:
        """Where the entries of a range of slots are."""
        return slice(*self.bounds[number : number + 2].tolist())


@dataclass(frozen=True)
class TableWriter:
    """Makes a table of its entries."""

    pieces: Sequence[Bucketed]
    slots: int

    def run(self, workers: int | None = None) -> Table:
        """The table."""
        table: Table = np.zeros(self.slots, record_of(self.pieces[0].values.dtype))
        records = table.view(whole(table.dtype))
        free = 0  # the first slot after all that are taken
        for slots, sorted_records in map_in_order(self._in_range, range(ranges_of(self.slots)), workers):
            if len(slots) and free > slots[0]:
                np.maximum(slots, np.arange(free, free + len(slots)), out=slots)
            free = int(slots[-1]) + 1 if len(slots) else free
            inside = int(np.searchsorted(slots, self.slots)) if free > self.slots else len(slots)
            records[slots[:inside]] = sorted_records[:inside]
            if inside < len(slots):  # they go round to the first slots that are free
                records[np.flatnonzero(table["key"] == 0)[: len(slots) - inside]] = sorted_records[inside:]
        return table

    def _in_range(self, number: int) -> tuple[Slots, NDArray[Any]]:
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


def ranges_of(slots: int) -> int:
    """The number of ranges that so many slots are."""
    return -(-slots >> RANGE_BITS)


def record_of(value: np.dtype[Any]) -> np.dtype[np.void]:
    """What stands in a slot."""
    return np.dtype([("key", "<u8"), ("value", value.newbyteorder("<"))])


def whole(record: np.dtype[Any]) -> np.dtype[Any]:
    """A type of that size that NumPy copies as a whole; it is fast with those that it knows."""
    return np.dtype(np.complex128) if record.itemsize == 16 else np.dtype((np.void, record.itemsize))
