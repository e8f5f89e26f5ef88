"""The compact form of a file: the same arrays in a seventh of the bytes, without loss.

Row lengths stand in place of bounds. In place of the last word w of an n-gram hw stands its rank among the words that follow h′, which is
h without its first word, in as many bits as ranks up to their number take; the few words that do not follow h′ stand apart. Counts,
codes and lengths are packed (see `lmkit.engine.packing`).

Opening expands the arrays in memory, by threads, 1.2 CPU s for ten million n-grams, after which models score as fast as ever; read from
the map, each n-gram that is looked up would cost the unpacking of its whole block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.files.own_files import Fields, Tensors
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.packing import BLOCK, Blocks, Packed, PackedNumbers, bits_of, in_blocks, pack
from lmkit.engine.progress import stage
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.trie.suffixes import suffixes_of

BOUNDS = ("vocabulary_offsets", "indptr")  # what arrays are called whose differences are packed
SAID = ("size", "distinct", "widths", "apart")  # of packed numbers, beside their arrays


def compacted(
    tensors: Tensors, orders: Sequence[Order], suffixes: Sequence[IndexArray] | None = None
) -> tuple[Tensors, Fields]:
    """The arrays of a file in fewer bytes, and what is said of them.

    suffixes: (n-grams,) of each order, their entries without their first words, one order down; None: they are looked up.
    """
    suffixes = suffixes or suffixes_of(orders)
    kept, words = dict(tensors), {}
    for k in range(2, len(orders) + 1):
        below = suffixes[k - 2] if k > 2 else np.zeros(len(orders[0]), np.int32)
        unstored = bool((suffixes[k - 1] < 0).any())
        coder = WordCoder(orders[k - 1], suffixes[k - 1], orders[k - 2], below, len(orders[0]), unstored)
        words[str(k)] = {"dtype": kept.pop(f"indices.{k}").dtype.name, "unstored": unstored}
        if f"suffixes.{k}" in kept:
            words[str(k)]["suffixes"] = kept.pop(f"suffixes.{k}").dtype.name
        kept |= tensors_of_blocks(f"words.{k}", coder.packed())
    numbers = {}
    for name in [name for name, array in kept.items() if array.dtype.kind in "ui" and name in tensors]:
        is_bounds = name.partition(".")[0] in BOUNDS
        packed = PackedNumbers.of(np.diff(kept[name]) if is_bounds else kept[name])
        if packed is not None:
            del kept[name]
            kept |= tensors_of_blocks(name, packed.blocks) | {f"{name}.values": packed.values}
            numbers[name] = {key: getattr(packed, key) for key in SAID}
    return kept, {"words": words, "numbers": numbers}


def expanded(tensors: Tensors, said: Fields, highest: int) -> Tensors:
    """The arrays of a file again. said: of them, in a file of this order. ValueError, KeyError or TypeError for damages."""
    found = dict(tensors)
    for name, one in said["numbers"].items():
        blocks = blocks_of(found, name)
        numbers = PackedNumbers(blocks, found.pop(f"{name}.values"), *(one[key] for key in SAID)).unpacked()
        found[name] = bounds_of(numbers, name) if name.partition(".")[0] in BOUNDS else numbers
    below = first_order(len(found["vocabulary_offsets"]) - 1)
    types, suffixes = len(below), np.zeros(len(below), np.int32)
    for k in range(2, highest + 1):
        bounds, one = found[f"indptr.{k}"], said["words"][str(k)]
        blocks = blocks_of(found, f"words.{k}")
        check_order(bounds, blocks, len(below), one, k)
        order = Order(bounds, np.empty(int(bounds[-1]), one["dtype"]))
        own = np.empty(len(order), one.get("suffixes", index_dtype(len(below))))
        WordCoder(order, own, below, suffixes, types, one["unstored"]).unpack(blocks, k)
        found[f"indices.{k}"] = order.indices
        if "suffixes" in one:
            found[f"suffixes.{k}"] = own
        below, suffixes = order, own
    return found


def check_order(bounds: IndexArray, blocks: Blocks, histories: int, said: Fields, k: int) -> None:
    """ValueError unless the rows of an order are those of the histories below, and its words fit them."""
    signed = ("int32", "int64")
    fits = bounds.dtype.name in signed and bounds.shape == (histories + 1,) and type(said["unstored"]) is bool
    if not fits or said["dtype"] not in signed or said.get("suffixes", said["dtype"]) not in signed:
        raise ValueError(f"the rows of order {k} do not fit")
    if bounds[0] or (bounds[1:] < bounds[:-1]).any():
        raise ValueError(f"the rows of order {k} do not fit")
    blocks.check(int(bounds[-1]))


def bounds_of(lengths: NDArray[Any], name: str) -> IndexArray:
    """(rows + 1,) where rows of these lengths begin. ValueError where they are too many for the type."""
    bounds: IndexArray = np.zeros(len(lengths) + 1, lengths.dtype)
    np.cumsum(lengths, out=bounds[1:])
    if (bounds[1:] < bounds[:-1]).any():  # it has wrapped around, which a single length cannot leap over
        raise ValueError(f"the lengths in {name} do not add up")
    return bounds


def tensors_of_blocks(name: str, blocks: Blocks) -> Tensors:
    """The arrays of packed blocks."""
    return {f"{name}.data": blocks.data, f"{name}.ends": blocks.ends}


def blocks_of(tensors: Tensors, name: str) -> Blocks:
    """The packed blocks among the arrays of a file, out of which they are taken."""
    return Blocks(tensors.pop(f"{name}.data"), tensors.pop(f"{name}.ends"))


@dataclass(frozen=True, eq=False)
class Successors:
    """Of n-grams hw, the words that follow h′."""

    starts: IndexArray  # (n-grams,) where they begin among the n-grams of the order below
    widths: IndexArray  # (n-grams,) how many there are; 0 where h′ is not stored
    bits: NDArray[np.uint8]  # (n-grams,) that a rank among them takes


@dataclass(frozen=True, eq=False)
class WordCoder:
    """The last words of the n-grams of an order as ranks, and back."""

    order: Order
    suffixes: IndexArray  # (n-grams,) the entry of each without its first word, one order down; −1: it is not stored
    below: Order  # one order down
    shorter: IndexArray  # (n-grams below,) the same of histories: which rows of the order below they are
    types: int  # words
    unstored: bool  # whether there is a −1 among the suffixes

    def packed(self) -> Blocks:
        """The words, in few bits. They follow from the suffixes, but for those whose suffixes are not stored."""
        return Blocks.of(list(in_blocks(self._pack_block, len(self.order))))

    def unpack(self, blocks: Blocks, k: int) -> None:
        """Fill in the words and the suffixes. ValueError for damages."""
        advance = stage(f"expanding {len(self.order):,} {k}-grams", len(self.order))
        for done in in_blocks(partial(self._unpack_block, blocks), len(self.order)):
            advance(done)

    def _successors(self, first: int, last: int) -> Successors:
        """Those of the n-grams first <= entry < last, which must not be none."""
        low, high = self.order.rows_of(first, last)
        rows = row_numbers(np.clip(self.order.indptr[low : high + 1], first, last))
        shorter = self.shorter[low:high]
        places = np.maximum(shorter, 0)
        starts = take(self.below.indptr, places)
        widths = take(self.below.indptr, places + 1) - starts
        widths[shorter < 0] = 0
        # In an order in which some words do not follow h′, the rank beyond all says so of them.
        bits = np.frexp(np.maximum(widths - (not self.unstored), 0))[1].astype(np.uint8)
        return Successors(take(starts, rows), take(widths, rows), take(bits, rows))

    def _pack_block(self, bounds: tuple[int, int]) -> Packed:
        """The words of a range of n-grams, those of as many bits together, and then those that stand apart."""
        successors, suffixes = self._successors(*bounds), self.suffixes[slice(*bounds)]
        ranks = np.where(suffixes < 0, successors.widths, suffixes - successors.starts)
        pieces = [pack(ranks[successors.bits == bits], bits) for bits in widths_among(successors)]
        apart = self.order.indices[slice(*bounds)][suffixes < 0]
        return np.concatenate([*pieces, pack(apart, bits_of(self.types - 1))])

    def _unpack_block(self, blocks: Blocks, bounds: tuple[int, int]) -> int:
        """Fill in a range of n-grams; returns how many they are."""
        first, last = bounds
        successors, reader = self._successors(first, last), blocks.reader(first // BLOCK)
        ranks = np.zeros(last - first, successors.widths.dtype)
        for bits in widths_among(successors):
            here = np.flatnonzero(successors.bits == bits)
            ranks[here] = reader.numbers(len(here), bits)
        beyond = ranks >= successors.widths
        apart = np.flatnonzero(beyond)
        if len(apart) and not (self.unstored and (ranks.take(apart) == successors.widths.take(apart)).all()):
            raise ValueError("the rank of a word is beyond the words that can follow")
        suffixes = successors.starts + ranks
        suffixes[apart] = 0
        words = self.order.indices[first:last]
        words[:] = take(self.below.indices, suffixes)
        words[apart] = reader.numbers(len(apart), bits_of(self.types - 1))
        reader.end()
        suffixes[apart] = -1
        self.suffixes[first:last] = suffixes
        return last - first


def widths_among(successors: Successors) -> list[int]:
    """The numbers of bits of ranks, ascending; ranks of no bits are 0."""
    found: list[int] = np.flatnonzero(np.bincount(successors.bits)).tolist()
    return [bits for bits in found if bits]
