"""KenLM's trie: packed n-grams from their last word backwards, so that what an n-gram stands under is its suffix.

    sorted hashes   their number (uint64), then a hash for each word (uint64), and one of room; a word's id is its place, from 1
    bins            of quantized values: version, bits of probabilities, bits of backoffs (uint8, padded to 8 bytes), and then the
                    values (float32) of each order from 2: probabilities, then backoffs, which the highest order has not
    1-grams + 2     by id: log10 probability, log10 backoff (float32), where the 2-grams under it begin (uint64)
    orders from 2   of each n-gram its first word, its values, and where those under it begin, in as few bits as the largest take
    words           by id, each with a zero byte after it, if they are stored

A log10 probability takes 31 bits, as its sign is known, a backoff 32; of quantized ones, first the bin of the backoff, then that of the
probability. Compressed pointers keep their high bits apart: before the n-grams of each order but the highest stand the version
and the most bits that may be taken off (uint8, in 8 bytes), and from the next multiple of 8 on, for each value of
the high bits, the first n-gram that has it (uint64).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.bits import SIGN, WIDEST, Bits, width_of
from lmkit.binary.hashing import Hashes
from lmkit.binary.header import Header, aligned
from lmkit.binary.parts import Parts
from lmkit.binary.words import Words, read_words
from lmkit.engine.arrays import FloatArray, IndexArray, index_dtype
from lmkit.engine.files.mapped import Buffer
from lmkit.engine.pieces import PIECE
from lmkit.engine.threads import map_in_order

UNIGRAM = np.dtype([("log10_prob", "<f4"), ("log10_backoff", "<f4"), ("next", "<u8")])
BINS_VERSION, POINTERS_VERSION = 2, 0
WIDEST_BIN = 25
PROB_BITS, BACKOFF_BITS = 31, 32


@dataclass(frozen=True, eq=False)
class Level:
    """The n-grams of one length, in the order of the trie."""

    words: IndexArray  # (n-grams,) KenLM's id of the first word
    log10_probs: FloatArray  # (n-grams,)
    log10_backoffs: FloatArray | None  # (n-grams,) None for the highest order
    bounds: IndexArray | None  # (n-grams + 1,) where those under each begin, one order up


@dataclass(frozen=True, eq=False)
class SortedHashes:
    """The hashes of words in ascending order, of which each is the id of its place, from 1."""

    hashes: Hashes

    def find(self, hashes: Hashes) -> NDArray[np.int64]:
        """(words,) KenLM's id of each hash; -1: none."""
        if not len(self.hashes):
            return np.full(len(hashes), -1, np.int64)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[places] == hashes, places + 1, -1)

    def keys(self) -> Hashes:
        """All hashes."""
        return self.hashes


@dataclass(frozen=True, eq=False)
class Bins:
    """The values that quantized ones stand for."""

    prob_bits: int
    backoff_bits: int
    probs: tuple[FloatArray, ...]  # of each order from 2
    backoffs: tuple[FloatArray, ...]  # of each order from 2 but the highest


def read_trie(data: Buffer, header: Header, name: str) -> tuple[Words, list[Level]]:
    """The words of a file, and its n-grams. DataError for a file that is damaged or cut short."""
    parts = Parts(data, header, name)
    types = header.counts[0]
    number = int(parts.take("<u8", 1)[0])
    if number + 1 != types:
        raise parts.refused(f"it has {number + 1:,} words with <unk>, and {types:,} 1-grams")
    hashes = parts.take("<u8", types)[:number]
    if (hashes[1:] <= hashes[:-1]).any():
        raise parts.refused("the hashes of its words do not ascend")
    bins = read_bins(parts) if header.kind.is_quantized else None
    unigrams = parts.take(UNIGRAM, types + 2)[: types + 1]
    pointers = as_bounds(unigrams["next"], header)
    log10_probs, log10_backoffs = unigrams["log10_prob"][:types], unigrams["log10_backoff"][:types]
    levels = [Level(np.zeros(0, np.int32), log10_probs, log10_backoffs, pointers)]
    levels += [read_level(parts, length, bins) for length in range(2, header.order + 1)]
    return read_words(parts, types, SortedHashes(hashes)), levels


def read_bins(parts: Parts) -> Bins:
    """The bins of quantized values."""
    version, prob_bits, backoff_bits = parts.take(np.uint8, 8)[:3].tolist()
    if version != BINS_VERSION:
        raise parts.refused(f"its quantization is of version {version}, and version {BINS_VERSION} is known")
    if not (1 <= prob_bits <= WIDEST_BIN and 1 <= backoff_bits <= WIDEST_BIN):
        raise parts.refused(f"its values take {prob_bits} and {backoff_bits} bits, and may take 1 to {WIDEST_BIN}")
    probs, backoffs = [], []
    for _ in range(parts.header.order - 2):
        probs.append(parts.take("<f4", 1 << prob_bits))
        backoffs.append(parts.take("<f4", 1 << backoff_bits))
    probs.append(parts.take("<f4", 1 << prob_bits))
    return Bins(prob_bits, backoff_bits, tuple(probs), tuple(backoffs))


def read_level(parts: Parts, length: int, bins: Bins | None) -> Level:
    """The n-grams of a length, which come next."""
    counts, is_highest = parts.header.counts, length == parts.header.order
    number = counts[length - 1]
    word_width = width_of(counts[0])
    value_width = PROB_BITS + (0 if is_highest else BACKOFF_BITS)
    if bins is not None:
        value_width = bins.prob_bits + (0 if is_highest else bins.backoff_bits)
    pointer_width, high = (0, None) if is_highest else read_high_bits(parts, length)
    width = word_width + value_width + pointer_width
    if max(word_width, pointer_width) > WIDEST:
        raise parts.refused(f"it is said to have {max(counts):,} n-grams of a length")
    packed = Packed(parts.take_bits((number + 1) * width), width, number)
    words = packed.read(0, word_width, index_dtype(max(counts) + 1))
    if bins is not None:
        prob_at = 0 if is_highest else bins.backoff_bits
        log10_probs = bins.probs[length - 2][packed.read(word_width + prob_at, bins.prob_bits, np.int32)]
        log10_backoffs = (
            None if is_highest else bins.backoffs[length - 2][packed.read(word_width, bins.backoff_bits, np.int32)]
        )
    else:
        log10_probs = (packed.read(word_width, PROB_BITS, np.uint32) | SIGN).view(np.float32)
        at = word_width + PROB_BITS
        log10_backoffs = None if is_highest else packed.read(at, BACKOFF_BITS, np.uint32).view(np.float32)
    if is_highest:
        return Level(words, log10_probs, None, None)
    bounds = packed.read(word_width + value_width, pointer_width, np.int64, more=1)
    if high is not None:
        bounds |= (np.searchsorted(high, np.arange(number + 1, dtype=np.uint64), side="right") - 1) << pointer_width
    return Level(words, log10_probs, log10_backoffs, as_bounds(bounds, parts.header))


def as_bounds(pointers: NDArray[Any], header: Header) -> IndexArray:
    """The pointers as integers that all places in the file fit; -1 for what would be none."""
    largest = max(header.counts)
    bounds: IndexArray = pointers.astype(index_dtype(largest + 1))
    bounds[pointers > largest] = -1
    return bounds


def read_high_bits(parts: Parts, length: int) -> tuple[int, NDArray[np.uint64] | None]:
    """How many bits of the pointers of n-grams stand beside them, and the first n-gram for each value of the others (None: there are none)."""
    number, largest = parts.header.counts[length - 1 : length + 1]
    required = width_of(largest)
    if not parts.header.kind.is_compressed:
        return required, None
    start = parts.at
    version, most = parts.take(np.uint8, 8)[:2].tolist()
    if version != POINTERS_VERSION:
        raise parts.refused(
            f"its pointers are compressed in version {version}, and version {POINTERS_VERSION} is known"
        )
    # What KenLM takes off is what makes the file smallest: a number of 64 bits for each value, for so many bits of each n-gram.
    costs = [(largest >> (required - off)) * 64 - (number + 1) * off for off in range(min(required, most) + 1)]
    width = required - costs.index(min(costs))
    parts.at = aligned(start) + 8
    high = parts.take("<u8", (largest >> width) + 1)
    parts.at = start + 8 * (1 + len(high)) + 7
    if len(high) and (high[0] or (high[1:] < high[:-1]).any()):
        raise parts.refused(f"the pointers of {length}-grams do not ascend")
    return width, high


class Packed:
    """Records of packed integers, all of one width, of which the last is followed by another."""

    def __init__(self, bits: Bits, width: int, number: int) -> None:
        self._bits, self._width, self._number = bits, width, number

    def read(self, at: int, width: int, dtype: Any, *, more: int = 0) -> NDArray[Any]:
        """(records + more,) the integers of this width that begin at this bit of each record."""
        found = np.empty(self._number + more, dtype)

        def read_piece(bounds: tuple[int, int]) -> None:
            places = np.arange(*bounds, dtype=np.int64)
            places *= self._width
            places += at
            found[slice(*bounds)] = self._bits.read(places, width)

        size = len(found)
        for _ in map_in_order(read_piece, ((first, min(first + PIECE, size)) for first in range(0, size, PIECE)), None):
            pass
        return found
