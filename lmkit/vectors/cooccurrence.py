"""Co-occurrence: how often, and how near, words stand beside each other in sentences."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import bucket, row_numbers
from lmkit.engine.memory import give_back_memory
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import sort_pairs
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.text.ids.stored import EncodedText
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, UNK, Vocabulary
from lmkit.vectors.assembling import PAIRS_AT_A_TIME, Matrix, add_matrices, assemble

Weighting = Literal["distance", "flat"]
PIECE = 1 << 18  # values divided at a time
LEAST_SEGMENT = 1 << 20  # running words worth counting together
TOKEN_BYTES = 40  # of memory for each running word: where it stands, and its part of the pairs
BESIDE = 200 << 20  # bytes of the program itself and of pieces


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Weighted counts of pairs of words."""

    words: Vocabulary  # of rows and columns; the sentence marks and <unk> are left out
    matrix: Any  # (words, words) float64 csr_array; row: word, column: context
    scratch: Scratch  # where the matrix is


def cooccurrence(
    text: EncodedText,
    *,
    window: int = 5,
    weighting: Weighting = "distance",
    directed: bool = False,
    resources: Resources = Resources(),
) -> Cooccurrence:
    """The words × words matrix of pairs at most `window` words apart in a sentence, as GloVe's cooccur counts them.

    weighting: a pair at distance d adds 1/d ("distance") or 1 ("flat"). directed: the row is the word on the left;
    otherwise each pair is counted both ways. OOV words are removed before the window is applied.

    Sums are exact: weights are integers in units of 1/lcm(1, …, window), so that no order of adding changes a digit.
    Where these could overflow 64 bits (windows above 19 to 30, the shorter the longer the text), sums of fractions
    stand in their place, whose 16th digit depends on that order.
    """
    if window < 1:
        raise UsageError(f"the window is {window}; it must be 1 word or more.")
    types = len(text.vocabulary) - FIRST_WORD
    weights, unit = distance_weights(window, weighting, text.tokens)
    workers, memory = resources.workers, resources.memory_limit
    room = max(memory - BESIDE, memory // 4)
    segment = min(max(room // TOKEN_BYTES, LEAST_SEGMENT), 1 << 30)  # places are 32-bit
    scratch = Scratch() if text.tokens <= segment else resources.on_disk()
    matrices = []
    weights = weights[: max(longest_sentence(text), 1)]
    for words in segments(text, segment, len(weights) + 1):
        matrices.append(count_pairs(words, weights, types, not directed, scratch, workers))
        give_back_memory()
    indptr, indices, values = matrices[0] if len(matrices) == 1 else add_matrices(matrices, types, scratch, workers)
    if values.dtype.kind != "f":
        exact, values = values, values.view(np.float64)  # in place: it may be all the memory there is
        for first in range(0, len(values), PIECE):
            np.divide(exact[first : first + PIECE], unit, out=values[first : first + PIECE])
            scratch.release()
    return Cooccurrence(
        words_only(text.vocabulary), csr_array((values, indices, indptr), shape=(types, types)), scratch
    )


def distance_weights(window: int, weighting: Weighting, tokens: int) -> tuple[NDArray[Any], int]:
    """The weights (window,) of distances 1…window as integers, and the unit they are to be divided by.

    tokens: running words of the text. Where 64-bit sums of integers could overflow, plain fractions in unit 1.
    """
    distances = np.arange(1, window + 1)
    if weighting == "flat":
        return np.ones(window, np.int64), 1
    unit = 1
    for distance in range(1, window + 1):
        unit = math.lcm(unit, distance)
        if 2 * unit * window * tokens >= 2**63:
            return 1.0 / distances, 1
    return unit // distances, unit


def longest_sentence(text: EncodedText) -> int:
    """The number of words of the longest sentence: no window reaches further."""
    longest = 0
    for tokens in text.blocks():
        longest = max(longest, int(np.diff(np.flatnonzero(tokens == EOS), prepend=-1).max(initial=0)) - 2)
    return longest


def segments(text: EncodedText, size: int, margin: int) -> Iterator[NDArray[np.int32]]:
    """The known words (words,) of whole sentences, from 0, with a separator after each sentence; about `size` at a time.

    The separator is the number of words known; `margin` of them stand in front, and at least as many at the end.
    """
    separator = len(text.vocabulary) - FIRST_WORD
    room = min(text.tokens, size + text.longest_block) + 2 * margin
    words, end = np.empty(room, np.int32), margin
    words[:margin] = separator
    for tokens in text.blocks():
        known = np.compress((tokens != UNK) & (tokens != BOS), tokens)
        is_end = known == EOS
        piece = words[end : end + len(known)]
        np.subtract(known, FIRST_WORD, out=piece)
        piece[is_end] = separator
        end += len(known)
        if end > size:
            words[end : end + margin] = separator
            yield words[: end + margin]
            end = margin
    if end > margin:
        words[end : end + margin] = separator
        yield words[: end + margin]


@dataclass(frozen=True, eq=False)
class Segment:
    """Running words prepared for looking at what stands beside each word of the vocabulary."""

    words: NDArray[np.int32]  # with separators (as one more word) after sentences, and at both ends
    places: IndexArray  # (words,) where the occurrences of each word stand, word by word
    bounds: IndexArray  # (types + 1,) where those of each word begin
    room: tuple[
        NDArray[Any], ...
    ]  # (words,) how many words follow in the sentence, up to the window; how many go before
    types: int


def prepare(words: NDArray[np.int32], window: int, types: int, both_ways: bool) -> Segment:
    """The segment of some words with a margin of separators, to look at pairs on the right only, or both ways."""
    places = np.arange(len(words), dtype=np.int32)
    bounds, places, _ = bucket(words, places, np.zeros(len(words), np.int8), types + 1)
    separators = places[bounds[types] :]
    separators = separators[(separators >= window) & (separators < len(words) - window)]
    room = []
    for direction in (-1, 1) if both_ways else (-1,):
        words_left = np.full(len(words), window, np.min_scalar_type(window))
        for distance in range(window, 0, -1):  # nearer separators have the last word
            words_left[separators + direction * distance] = distance - 1
        room.append(words_left)
    return Segment(words, places, bounds[: types + 1], tuple(room), types)


def count_pairs(
    words: NDArray[np.int32], weights: NDArray[Any], types: int, both_ways: bool, scratch: Scratch, workers: int | None
) -> Matrix:
    """The summed weights of the pairs in a segment, row by row: all that stands beside a range of words is looked up at once.

    So rows come out complete and in order, and nothing is to be merged. both_ways: the row may be the word on the right.
    """
    segment = prepare(words, len(weights), types, both_ways)
    pairs = len(segment.room) * len(weights)  # of each word, at most

    def count_rows(rows: tuple[int, int]) -> tuple[IndexArray, IndexArray, NDArray[Any]]:
        first, last = rows
        bounds = segment.bounds[first : last + 1]
        if (last - first) * types <= 2 * int(bounds[-1] - bounds[0]) * pairs:
            return fill_table(segment, bounds, weights)
        numbers, columns, values = neighbours(segment, bounds, weights, slice(None))
        found = sort_pairs(numbers, columns, (last - first, types))
        return np.bincount(found.rows, minlength=last - first), found.columns.astype(np.int32), found.sums(values)

    stage("counting pairs")
    parts = row_pieces(segment.bounds, PAIRS_AT_A_TIME // pairs + 1)
    return assemble(map_in_order(count_rows, parts, workers), scratch)


def neighbours(
    segment: Segment, bounds: IndexArray, weights: NDArray[Any], part: slice
) -> tuple[IndexArray, NDArray[np.int32], NDArray[Any]]:
    """The pairs (pairs,) of a range of words, as row within the range, other word, and weight.

    bounds: (rows + 1,) where each row's occurrences begin among the places, of which a part is taken.
    """
    places, numbers = segment.places[bounds[0] : bounds[-1]][part], row_numbers(bounds)[part]
    sides = []
    for direction, room in zip((1, -1), segment.room, strict=False):
        words_left = room.take(places)
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


def fill_table(
    segment: Segment, bounds: IndexArray, weights: NDArray[Any]
) -> tuple[IndexArray, IndexArray, NDArray[Any]]:
    """The row lengths, columns and sums of a range of frequent words, added up in a table of all cells."""
    rows, occurrences = len(bounds) - 1, int(bounds[-1] - bounds[0])
    table = np.zeros(rows * segment.types, weights.dtype)
    one = np.ones(1, weights.dtype)
    size = PAIRS_AT_A_TIME // len(weights) + 1
    for first in range(0, occurrences, size):
        numbers, columns, values = neighbours(segment, bounds, weights, slice(first, first + size))
        cells = numbers.astype(np.int64) * segment.types + columns
        # A matrix with one column: its product with 1 adds up what is in the same cell.
        table += csc_array((values, cells, np.array([0, len(cells)])), shape=(len(table), 1)) @ one
    filled = np.flatnonzero(table)
    numbers, columns = np.divmod(filled, segment.types)
    return np.bincount(numbers, minlength=rows), columns.astype(np.int32), table.take(filled)


def words_only(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary without its marks."""
    start = int(vocabulary.offsets[FIRST_WORD])
    return Vocabulary(vocabulary.utf8[start:], vocabulary.offsets[FIRST_WORD:] - start)


def largest_cells(matrix: Any, words: Vocabulary, top: int | None = None) -> Any:
    """The cells of the matrix, largest first, ties in code-point order of (row, column); `top` of them, or all.

    Returns a coo_array whose entries stand in this order.
    """
    cells = coo_array(matrix)
    values = cells.data
    if top is not None and top < len(values):
        least = np.partition(values, len(values) - top)[len(values) - top] if top else np.inf
        kept = np.flatnonzero(values >= least)
    else:
        kept = np.arange(len(values))
    ranks = words.code_point_ranks()
    rows, columns = cells.coords
    order = np.lexsort((ranks[columns[kept]], ranks[rows[kept]], -values[kept]))
    kept = kept[order][:top]
    return coo_array((values[kept], (rows[kept], columns[kept])), shape=matrix.shape)
