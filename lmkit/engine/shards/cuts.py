"""How arrays are cut into shards, and put together again.

Arrays lie along levels of entries; the rows of a level are the entries of the level below. A shard holds a range of entries of each level, so
that the rows of its entries are its own. What lies along no level is not cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.own_files import Fields, Tensors
from lmkit.engine.scratch import Scratch

By = Literal["entries", "rows", "places", "placed"]
Span = Mapping[int, tuple[int, int]]  # by level: the first entry of a shard, and that after its last


@dataclass(frozen=True)
class Cut:
    """How an array is cut.

    entries: it has one value for each entry of a level. rows: it says where the rows of a level begin, and where the last one ends.
    places: it lists entries of a level, ascending. placed: it has a value for each place of a level.
    """

    by: By
    level: int

    def __post_init__(self) -> None:
        if self.by not in get_args(By) or type(self.level) is not int:
            raise ValueError("how the arrays are cut is damaged")


@dataclass(frozen=True, eq=False)
class Parts:
    """What is written as shards."""

    tensors: Tensors
    fields: Fields  # what is said of them
    cuts: Mapping[str, Cut]  # by the names of the arrays that are cut
    spans: Sequence[Span]  # of each shard
    begins: Sequence[str]  # what each begins with, for people
    scratch: Scratch = field(default_factory=Scratch)  # where the arrays are

    def index(self) -> Tensors:
        """The arrays that are not cut."""
        return {name: array for name, array in self.tensors.items() if name not in self.cuts}

    def shard(self, number: int) -> Tensors:
        """The arrays of a shard; places and bounds are counted from its own first entry."""
        return {name: self._piece(self.tensors[name], cut, self.spans[number]) for name, cut in self.cuts.items()}

    def sizes(self, number: int) -> "Sizes":
        """How much a shard holds."""
        span = self.spans[number]
        entries = {level: last - first for level, (first, last) in span.items()}
        placed = {cut.level for cut in self.cuts.values() if cut.by == "places"}
        bounds = {level: self._between(level, span) for level in sorted(placed)}
        return Sizes(entries, {level: last - first for level, (first, last) in bounds.items()})

    def _piece(self, array: NDArray[Any], cut: Cut, span: Span) -> NDArray[Any]:
        """The part of an array that a shard holds."""
        if cut.by == "rows":
            low, high = span[cut.level - 1]
            bounds: NDArray[Any] = array[low : high + 1] - array[low]
            return bounds
        first, last = span[cut.level]
        if cut.by == "entries":
            return array[first:last]
        piece = array[slice(*self._between(cut.level, span))]
        if cut.by == "places":
            piece = piece - piece.dtype.type(first)
        return piece

    def _between(self, level: int, span: Span) -> tuple[int, int]:
        """Which of the places of a level lie in a shard."""
        places = next(self.tensors[name] for name, cut in self.cuts.items() if cut == Cut("places", level))
        first, last = np.searchsorted(places, np.array(span[level], places.dtype)).tolist()
        return first, last


@dataclass(frozen=True)
class Sizes:
    """How much a shard holds, by level."""

    entries: Mapping[int, int]
    places: Mapping[int, int]

    def length(self, cut: Cut) -> int:
        """The length of an array in the shard."""
        if cut.by == "rows":
            return self.entries[cut.level - 1] + 1
        return (self.entries if cut.by == "entries" else self.places)[cut.level]


class Joint:
    """Shards put together."""

    def __init__(self, shards: Sequence[Sizes]) -> None:
        """KeyError where a shard has a level that another one has not."""
        self._entries = sums([shard.entries for shard in shards])
        self._places = sums([shard.places for shard in shards])

    def length(self, cut: Cut) -> int:
        """The length of a whole array."""
        return self._starts(cut)[-1] + (cut.by == "rows")

    def put(self, number: int, piece: NDArray[Any], cut: Cut, whole: NDArray[Any]) -> None:
        """Copy the array of a shard to its place in the whole one."""
        start = self._starts(cut)[number]
        if cut.by == "rows" and number:  # where its first row begins is where the last one of the shard before ended
            piece, start = piece[1:], start + 1
        target = whole[start : start + len(piece)]
        if cut.by in ("rows", "places"):
            np.add(piece, whole.dtype.type(self._entries[cut.level][number]), out=target)
        else:
            target[:] = piece

    def _starts(self, cut: Cut) -> list[int]:
        """How many of what an array has a value for are in the shards before each, and in all."""
        if cut.by == "rows":
            return self._entries[cut.level - 1]
        return (self._entries if cut.by == "entries" else self._places)[cut.level]


def sums(sizes: Sequence[Mapping[int, int]]) -> dict[int, list[int]]:
    """By level, the sum of the sizes before each, and of all."""
    return {level: list(accumulate((one[level] for one in sizes), initial=0)) for level in (sizes[0] if sizes else ())}
