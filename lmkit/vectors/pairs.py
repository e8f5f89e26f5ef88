"""Counting pairs of words in running text: those of two frequent words in a table, all others beside the rare word of them.

A thousand frequent words make up most of a text, so that most pairs need no sorting: each is one addition in a table of
a million cells. What is left are the rows of the rare words, whose occurrences are few, and the same cells again in the
rows of frequent words, which are columns there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import add_to_table, bucket, row_numbers
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import sort_pairs
from lmkit.engine.threads import map_in_order
from lmkit.vectors.assembling import PAIRS_AT_A_TIME, Matrix, assemble

FREQUENT = 1024  # words whose pairs are counted in a table, at most; one of 32-bit counts fits the caches
TABLE_WORDS = 1 << 22  # running words that are counted in one table
DIRECTIONS = AHEAD, BACK = (1, -1)
Cells = tuple[IndexArray, IndexArray, NDArray[Any]]  # rows, columns, values


@dataclass(frozen=True, eq=False)
class Segment:
    """Running words prepared for looking at what stands beside each rare word of the vocabulary."""

    words: NDArray[np.int32]  # with separators (as one more word) after sentences, and at both ends
    types: int
    frequent: NDArray[np.int32]  # ids of the frequent words, ascending
    ranks: NDArray[np.int32]  # (types + 1,) the place of each word among these; of others their number
    places: IndexArray  # (occurrences,) where the rare words stand, word by word
    bounds: IndexArray  # (types + 1,) where the places of each word begin
    room: dict[int, NDArray[Any]]  # by direction: (words,) how many words follow in the sentence, up to the window


def count_pairs(
    words: NDArray[np.int32], weights: NDArray[Any], types: int, both_ways: bool, scratch: Scratch, workers: int | None
) -> list[Matrix]:
    """Matrices whose sum has the summed weights of the pairs in a segment: the rows of its rare words, and of its frequent ones.

    words: with a margin of separators, longer than any distance. both_ways: the row may be the word on the right.
    """
    separators = np.flatnonzero(words == types)
    longest = int(np.diff(separators).max(initial=0)) - 1  # sentence
    weights = weights[: max(longest, 1)]
    segment = prepare(words, separators, len(weights), types)
    stage("counting pairs")
    mirrored: list[Cells] = []

    def count_rows(rows: tuple[int, int]) -> tuple[tuple[IndexArray, IndexArray, NDArray[Any]], Cells]:
        """The row lengths, columns and sums of a range of rare words, and the cells of frequent ones that mirror them."""
        first, last = rows
        bounds = segment.bounds[first : last + 1]
        numbers, columns, sums = sum_pairs(segment, bounds, weights, DIRECTIONS if both_ways else (AHEAD,))
        lengths = np.bincount(numbers, minlength=last - first)
        back = (numbers, columns, sums) if both_ways else sum_pairs(segment, bounds, weights, (BACK,))
        ranks = segment.ranks.take(back[1])
        kept = np.flatnonzero(ranks < len(segment.frequent))
        others = back[0].take(kept).astype(np.int32) + np.int32(first)
        return (lengths, columns, sums), (ranks.take(kept), others, back[2].take(kept))

    def rows_alone() -> Iterator[tuple[IndexArray, IndexArray, NDArray[Any]]]:
        parts = row_pieces(segment.bounds, PAIRS_AT_A_TIME // (2 * len(weights)) + 1)
        for rows, mirror in map_in_order(count_rows, parts, workers):
            mirrored.append(mirror)
            yield rows

    square = count_square(segment, separators, weights, workers)
    rare = assemble(rows_alone(), scratch)
    return [rare, frequent_rows(segment, square + square.T if both_ways else square, mirrored)]


def prepare(words: NDArray[np.int32], separators: NDArray[np.int64], window: int, types: int) -> Segment:
    """The segment of some words, with a margin of separators, which stand at these places."""
    counts = np.zeros(types + 1, np.int64)
    for first in range(0, len(words), PAIRS_AT_A_TIME):  # of all at once, 64-bit numbers would be made
        counts += np.bincount(words[first : first + PAIRS_AT_A_TIME], minlength=types + 1)
    size = min(FREQUENT, types, isqrt(len(words)))  # a table has no more cells than there are words
    frequent = np.sort(np.argsort(-counts[:types], kind="stable")[:size]).astype(np.int32)
    ranks = np.full(types + 1, size, np.int32)
    ranks[frequent] = np.arange(size)
    is_rare = ranks == size
    is_rare[types] = False
    places = np.flatnonzero(is_rare.take(words)).astype(np.int32)
    bounds, places, _ = bucket(words.take(places), places, np.zeros(len(places), np.int8), types)
    inner = separators[(separators >= window) & (separators < len(words) - window)]
    room = {}
    for direction in DIRECTIONS:
        words_left = np.full(len(words), window, np.min_scalar_type(window))
        for distance in range(window, 0, -1):  # nearer separators have the last word
            words_left[inner - direction * distance] = distance - 1
        room[direction] = words_left
    return Segment(words, types, frequent, ranks, places, bounds, room)


def count_square(
    segment: Segment, separators: NDArray[np.int64], weights: NDArray[Any], workers: int | None
) -> NDArray[Any]:
    """(frequent, frequent) the summed weights of pairs of frequent words; the row is the word on the left."""
    size, window = len(segment.frequent), len(weights)
    # One more row and column take all pairs that do not count here.
    shape = (size + 1, size + 1)

    def count_range(first: int) -> NDArray[Any]:
        last = min(first + TABLE_WORDS, len(segment.words) - window)
        rights = segment.ranks.take(segment.words[first : last + window])
        lefts = rights[: last - first].copy()
        ends = separators[slice(*np.searchsorted(separators, (first, last + window)).tolist())] - first
        ones = np.ones(len(lefts), np.int32)
        sums = np.zeros(shape, weights.dtype)
        for distance, weight in enumerate(weights, start=1):
            apart = ends - distance  # at this distance, and at greater ones, the pair of these is not in one sentence
            lefts[apart[(apart >= 0) & (apart < len(lefts))]] = size
            counts = np.zeros(shape, np.int32)
            add_to_table(counts, lefts, rights[distance : distance + len(lefts)], ones)
            sums += counts * weight
        return sums[:size, :size]

    total = np.zeros((size, size), weights.dtype)
    for sums in map_in_order(count_range, range(0, len(segment.words) - window, TABLE_WORDS), workers):
        total += sums
    return total


def sum_pairs(segment: Segment, bounds: IndexArray, weights: NDArray[Any], directions: tuple[int, ...]) -> Cells:
    """The rows within the range, columns and summed weights of the pairs of a range of rare words, in row-major order.

    bounds: (rows + 1,) where each row's occurrences begin among the places.
    """
    rows, occurrences = len(bounds) - 1, int(bounds[-1] - bounds[0])
    if rows * segment.types <= 2 * occurrences * len(weights) * len(directions):
        return fill_table(segment, bounds, weights, directions)
    numbers, columns, values = neighbours(segment, bounds, weights, directions, slice(None))
    found = sort_pairs(numbers, columns, (rows, segment.types))
    return found.rows, found.columns.astype(np.int32), found.sums(values)


def neighbours(
    segment: Segment, bounds: IndexArray, weights: NDArray[Any], directions: tuple[int, ...], part: slice
) -> Cells:
    """The pairs (pairs,) of a range of words, as row within the range, other word, and weight.

    bounds: (rows + 1,) where each row's occurrences begin among the places, of which a part is taken.
    """
    places, numbers = segment.places[bounds[0] : bounds[-1]][part], row_numbers(bounds)[part]
    sides = []
    for direction in directions:
        words_left = segment.room[direction].take(places)
        order = np.argsort(len(weights) - words_left, kind="stable")  # a sort of small numbers, which takes no time
        # Those that have a neighbour at some distance stand in front, for every distance.
        reaching = np.cumsum(np.bincount(words_left, minlength=len(weights) + 1)[::-1])[-2::-1].tolist()
        sides.append((direction, places.take(order).astype(np.int64), numbers.take(order), reaching))
    lengths = [count for *_, reaching in sides for count in reaching]
    rows, columns = np.empty(sum(lengths), numbers.dtype), np.empty(sum(lengths), np.int32)
    end = 0
    for direction, here, here_rows, reaching in sides:
        for count in reaching:
            end, start = end + count, end
            here[:count] += direction
            segment.words.take(here[:count], mode="clip", out=columns[start:end])
            rows[start:end] = here_rows[:count]
    return rows, columns, np.repeat(np.tile(weights, len(sides)), lengths)


def fill_table(segment: Segment, bounds: IndexArray, weights: NDArray[Any], directions: tuple[int, ...]) -> Cells:
    """The same as `sum_pairs` for words so frequent that a table of all cells is filled well."""
    rows, occurrences = len(bounds) - 1, int(bounds[-1] - bounds[0])
    table = np.zeros((rows, segment.types), weights.dtype)
    size = PAIRS_AT_A_TIME // len(weights) + 1
    for first in range(0, occurrences, size):
        add_to_table(table, *neighbours(segment, bounds, weights, directions, slice(first, first + size)))
    table = table.ravel()
    filled = np.flatnonzero(table)
    numbers, columns = np.divmod(filled, segment.types)
    return numbers, columns.astype(np.int32), table.take(filled)


def frequent_rows(segment: Segment, square: NDArray[Any], mirrored: list[Cells]) -> Matrix:
    """The matrix with the rows of the frequent words: what they have in common, and what mirrors the rows of others."""
    size = len(segment.frequent)
    ranks, others, sums = (np.concatenate(arrays) for arrays in zip(*mirrored, strict=True))
    bounds, columns, sums = bucket(ranks, others, sums, size)
    found = csr_array((sums, columns, bounds), shape=(size, segment.types))
    filled = csr_array(square)
    found += csr_array((filled.data, segment.frequent.take(filled.indices), filled.indptr), shape=found.shape)
    lengths = np.zeros(segment.types + 1, found.indptr.dtype)
    lengths[segment.frequent + 1] = np.diff(found.indptr)
    return lengths.cumsum(dtype=lengths.dtype), found.indices, found.data
