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
from lmkit.engine.sparse import sum_pairs
from lmkit.engine.threads import map_in_order
from lmkit.vectors.assembling import PAIRS_AT_A_TIME, Matrix, Rows, collected, joined, narrow

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
) -> Matrix:
    """The summed weights of the pairs in a segment.

    words: with a margin of separators, longer than any distance. both_ways: the row may be the word on the right.
    """
    if not types:  # no word is known
        return joined([], scratch)
    separators = np.flatnonzero(words == types)
    longest = int(np.diff(separators).max(initial=0)) - 1  # sentence
    weights = weights[: max(longest, 1)]
    segment = prepare(words, separators, len(weights), types)
    stage("counting pairs")
    square = count_square(segment, separators, weights, workers)
    rare, mirrored = rare_rows(segment, weights, both_ways, scratch, workers)
    frequent = frequent_rows(segment, square + square.T if both_ways else square, mirrored)
    numbers = segment.frequent
    del segment, separators  # the matrix itself needs their memory
    return joined(list(interleaved(rare, numbers, frequent)), scratch)


def rare_rows(
    segment: Segment, weights: NDArray[Any], both_ways: bool, scratch: Scratch, workers: int | None
) -> tuple[list[Rows], list[Cells]]:
    """All rows, in ranges, of which those of rare words are filled; and the cells that mirror them in the rows of frequent ones."""

    def count_rows(rows: tuple[int, int]) -> tuple[Rows, Cells]:
        first, last = rows
        bounds = segment.bounds[first : last + 1]
        numbers, columns, sums = sum_neighbours(segment, bounds, weights, DIRECTIONS if both_ways else (AHEAD,))
        lengths = np.bincount(numbers, minlength=last - first)
        back = (numbers, columns, sums) if both_ways else sum_neighbours(segment, bounds, weights, (BACK,))
        ranks = segment.ranks.take(back[1])
        kept = np.flatnonzero(ranks < len(segment.frequent))
        others = back[0].take(kept).astype(np.int32) + np.int32(first)
        return (lengths, columns, sums), (ranks.take(kept).astype(np.int16), others, back[2].take(kept))

    def rows_alone() -> Iterator[Rows]:
        parts = row_pieces(segment.bounds, PAIRS_AT_A_TIME // (2 * len(weights)) + 1)
        for rows, mirror in map_in_order(count_rows, parts, workers):
            mirrored.append(mirror)
            yield rows

    mirrored: list[Cells] = []
    return collected(rows_alone(), scratch), mirrored


def prepare(words: NDArray[np.int32], separators: NDArray[np.int64], window: int, types: int) -> Segment:
    """The segment of some words, with a margin of separators, which stand at these places."""
    counts = np.zeros(types + 1, np.int64)
    for first in range(0, len(words), PAIRS_AT_A_TIME):  # of all at once, 64-bit numbers would be made
        counts += np.bincount(words[first : first + PAIRS_AT_A_TIME], minlength=types + 1)
    size = min(FREQUENT, types, isqrt(len(words)) // 2)  # a table has far fewer cells than there are words
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
        ones, counts = np.ones(len(lefts), np.int32), np.zeros(shape, np.int32)
        sums, weighted = np.zeros(shape, weights.dtype), np.empty(shape, weights.dtype)
        for distance, weight in enumerate(weights, start=1):
            apart = ends - distance  # at this distance, and at greater ones, the pair of these is not in one sentence
            lefts[apart[(apart >= 0) & (apart < len(lefts))]] = size
            add_to_table(counts, lefts, rights[distance : distance + len(lefts)], ones)
            sums += np.multiply(counts, weight, out=weighted)
            counts.fill(0)
        return sums[:size, :size]

    total = np.zeros((size, size), weights.dtype)
    for sums in map_in_order(count_range, range(0, len(segment.words) - window, TABLE_WORDS), workers):
        total += sums
    return total


def sum_neighbours(segment: Segment, bounds: IndexArray, weights: NDArray[Any], directions: tuple[int, ...]) -> Cells:
    """The rows within the range, columns and summed weights of the pairs of a range of rare words, in row-major order.

    bounds: (rows + 1,) where each row's occurrences begin among the places.
    """
    rows, occurrences = len(bounds) - 1, int(bounds[-1] - bounds[0])
    if rows * segment.types <= 2 * occurrences * len(weights) * len(directions):
        return fill_table(segment, bounds, weights, directions)
    places = segment.places[bounds[0] : bounds[-1]]
    found = neighbours(segment, places, row_numbers(bounds), len(weights), directions)
    parts = [(numbers, columns, distance - 1) for numbers, columns, distance in found]
    numbers, columns, sums = sum_pairs(parts, weights, (rows, segment.types))
    return numbers, columns.astype(np.int32), narrow(sums)


def neighbours(
    segment: Segment, places: IndexArray, numbers: IndexArray, window: int, directions: tuple[int, ...]
) -> Iterator[tuple[IndexArray, NDArray[np.int32], int]]:
    """The pairs of words that stand at some places, for each direction and distance: numbers of the places, other words, and the distance."""
    for direction in directions:
        words_left = segment.room[direction].take(places)
        order = np.argsort(window - words_left, kind="stable")  # a sort of small numbers, which takes no time
        # Those that have a neighbour at some distance stand in front, for every distance.
        reaching = np.cumsum(np.bincount(words_left, minlength=window + 1)[::-1])[-2::-1].tolist()
        here, here_numbers = places.take(order).astype(np.int64), numbers.take(order)
        for distance, count in enumerate(reaching, start=1):
            here[:count] += direction
            yield here_numbers[:count], segment.words.take(here[:count], mode="clip"), distance


def fill_table(segment: Segment, bounds: IndexArray, weights: NDArray[Any], directions: tuple[int, ...]) -> Cells:
    """The same as `sum_neighbours` for words so frequent that a table of all cells is filled well."""
    table = np.zeros((len(bounds) - 1, segment.types), weights.dtype)
    places, rows = segment.places[bounds[0] : bounds[-1]], row_numbers(bounds)
    size = PAIRS_AT_A_TIME // len(weights) + 1
    for first in range(0, len(places), size):
        part = slice(first, first + size)
        for numbers, columns, distance in neighbours(segment, places[part], rows[part], len(weights), directions):
            add_to_table(table, numbers, columns, np.full(len(numbers), weights[distance - 1]))
    table = table.ravel()
    filled = np.flatnonzero(table)
    numbers, columns = np.divmod(filled, segment.types)
    return numbers, columns.astype(np.int32), narrow(table.take(filled))


def frequent_rows(segment: Segment, square: NDArray[Any], mirrored: list[Cells]) -> Any:
    """The rows of the frequent words as a csr_array: what they have in common, and what mirrors the rows of others.

    The list is emptied, to free what was in it.
    """
    ranks, others, sums = (np.concatenate(arrays) for arrays in zip(*mirrored, strict=True))
    mirrored.clear()
    bounds, others, sums = bucket(ranks.astype(np.int32), others, sums, len(square))
    filled = csr_array(square)
    shape = (len(square), segment.types)
    common = csr_array((filled.data, segment.frequent.take(filled.indices), filled.indptr), shape=shape)
    return csr_array((sums, others, bounds), shape=shape) + common


def interleaved(parts: list[Rows], numbers: NDArray[np.int32], rows: Any) -> Iterator[Rows]:
    """Consecutive ranges of rows with other rows (a csr_array) in the places with these numbers, which are empty there.

    The list is emptied.
    """
    first, filled = 0, 0  # row with which a part begins, rows filled so far
    parts.reverse()
    while parts:
        lengths, columns, sums = parts.pop()
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        inside = int(np.searchsorted(numbers, first + len(lengths))) - filled
        cuts = (numbers[filled : filled + inside] - first).tolist()
        begin = 0
        for cut in (*cuts, len(lengths)):
            here = slice(int(bounds[begin]), int(bounds[cut]))
            yield lengths[begin:cut], columns[here], sums[here]
            if cut < len(lengths):
                here = slice(*rows.indptr[filled : filled + 2].tolist())
                yield np.array([here.stop - here.start]), rows.indices[here], rows.data[here]
                filled += 1
            begin = cut + 1
        first += len(lengths)
