"""Co-occurrence: how often, and how near, words stand beside each other in sentences."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.journal.pieces import Pieces
from lmkit.engine.memory import give_back_memory
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.errors import UsageError
from lmkit.text.ids.stored import EncodedText
from lmkit.text.vocabulary import EOS, FIRST_WORD, Vocabulary
from lmkit.vectors.assembling import Matrix, add_matrices
from lmkit.vectors.choices import Weighting
from lmkit.vectors.pairs import count_pairs
from lmkit.vectors.word_matrix import WordMatrix

PIECE = 1 << 18  # values divided at a time
LEAST_SEGMENT = 1 << 20  # running words worth counting together
TOKEN_BYTES = 40  # of memory for each running word: where it stands, and its part of the pairs
KEPT_SEGMENTS = 16  # at least, where they are kept, so that little is counted again after a kill
PARTS = ("indptr", "indices", "values")  # of a matrix
BESIDE = 200 << 20  # bytes of the program itself and of pieces


def cooccurrence(
    text: EncodedText,
    *,
    window: int = 5,
    weighting: Weighting = "distance",
    directed: bool = False,
    resources: Resources = Resources(),
) -> WordMatrix:
    """The words × words float64 matrix (row: word, column: context) of pairs at most `window` words apart in a sentence, as GloVe's cooccur counts them.

    weighting: a pair at distance d adds 1/d ("distance") or 1 ("flat"). directed: the row is the word on the left;
    otherwise each pair is counted both ways. OOV words are removed before the window is applied.

    Sums are exact: weights are integers in units of 1/lcm(1, …, window), so that no order of adding changes a digit.
    Where these could overflow 64 bits (windows, and sentences, of more than 19 to 30 words, the fewer the longer the text), sums
    of fractions stand in their place, whose 16th digit depends on that order.
    """
    windows = Windows(window, weighting, directed)
    types = len(text.vocabulary) - FIRST_WORD
    weights, unit = windows.weights(text.tokens, text.longest_sentence)
    counting = PairCounting(weights, types, not directed, resources)
    matrix, scratch = counting.of_blocks(text.unlimited_blocks(), text.new_ids, text.tokens, text.longest_block)
    return word_matrix(matrix, unit, text.vocabulary, windows.details() | text.details(), scratch)


@dataclass(frozen=True)
class Windows:
    """What stands near each other, and what that weighs (see `cooccurrence`). UsageError for a window without words."""

    window: int = 5
    weighting: Weighting = "distance"
    directed: bool = False

    def __post_init__(self) -> None:
        if self.window < 1:
            raise UsageError(f"the window is {self.window}; it must be 1 word or more.")

    def details(self) -> dict[str, Any]:
        """The same for signatures; JSON values."""
        return {"window": self.window, "weighting": self.weighting, "directed": self.directed}

    def weights(self, tokens: int, longest_sentence: int) -> tuple[NDArray[Any], int]:
        """See `distance_weights`. tokens: running words of the text; longest_sentence: words, beyond which nothing is near."""
        return distance_weights(min(self.window, max(longest_sentence, 1)), self.weighting, tokens)


@dataclass(frozen=True, eq=False)
class PairCounting:
    """How pairs are counted."""

    weights: NDArray[Any]  # (window,) of each distance
    types: int  # words that are known
    both_ways: bool
    resources: Resources

    def of_blocks(
        self, blocks: Iterable[NDArray[np.int32]], new_ids: NDArray[np.int32], tokens: int, longest_block: int
    ) -> tuple[Matrix, Scratch]:
        """(types, types) the summed weights of the pairs in blocks of whole padded sentences, and where there is room for more.

        new_ids: of the words in them, those in the vocabulary; tokens, longest_block: running words of all blocks, and of the longest.
        """
        workers, memory = self.resources.workers, self.resources.memory_limit
        room = max(memory - BESIDE, memory // 4)
        pieces = part_of_job("pairs")
        largest = 1 << 30 if pieces is None else -(-tokens // KEPT_SEGMENTS)  # places are 32-bit
        size = max(min(room // TOKEN_BYTES, largest), LEAST_SEGMENT)
        scratch = Scratch() if tokens <= size else self.resources.on_disk()
        numbers = new_ids - np.int32(FIRST_WORD)  # of all words; below 0: not known
        numbers[EOS] = self.types
        most = min(tokens, size + longest_block)
        matrices = []
        for words in segments(blocks, numbers, size, most, len(self.weights) + 1):
            count = partial(count_pairs, words, self.weights, self.types, self.both_ways, scratch, workers)
            matrices.append(count() if pieces is None else finished_pairs(pieces, words, count, scratch))
            give_back_memory()
        found = matrices[0] if len(matrices) == 1 else add_matrices(matrices, self.types, scratch, workers)
        return found, scratch


def word_matrix(
    matrix: Matrix, unit: int, vocabulary: Vocabulary, details: dict[str, Any], scratch: Scratch
) -> WordMatrix:
    """The matrix of sums, which are divided by the unit of their weights in place, with the words of a vocabulary."""
    indptr, indices, values = matrix
    if values.dtype.kind != "f":
        exact = values  # the result takes its place: it may be all the memory there is
        values = exact.view(np.float64) if exact.flags.writeable else scratch.allocate(len(exact), np.float64)
        for first in range(0, len(values), PIECE):
            np.divide(exact[first : first + PIECE], unit, out=values[first : first + PIECE])
            scratch.release()
    types = len(indptr) - 1
    found = csr_array((values, indices, indptr), shape=(types, types))
    return WordMatrix(found, words_only(vocabulary), details=details, scratch=scratch)


def finished_pairs(pieces: Pieces, words: NDArray[np.int32], count: Callable[[], Matrix], scratch: Scratch) -> Matrix:
    """The matrix of a segment of text, which is counted if it is not finished. A segment is known by its words: one of another text is never taken for it."""
    name = hashlib.sha256(words.data).hexdigest()[:32]
    piece = pieces.find(name, scratch)
    if piece is None:
        piece = pieces.keep(name, dict(zip(PARTS, count(), strict=True)), scratch=scratch)
    indptr, indices, values = (piece.arrays[part] for part in PARTS)
    return indptr, indices, values


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


def segments(
    blocks: Iterable[NDArray[np.int32]], numbers: NDArray[np.int32], size: int, most: int, margin: int
) -> Iterator[NDArray[np.int32]]:
    """The known words (words,) of whole sentences, from 0, with a separator after each sentence; about `size` at a time, `most` at most.

    numbers: of the words in the blocks; below 0: not known; that of </s> is the separator. `margin` of them stand in front, and at least as many
    at the end.
    """
    separator = numbers[EOS]
    words, end = np.empty(most + 2 * margin, np.int32), margin
    words[:margin] = separator
    for tokens in blocks:
        found = numbers.take(tokens)
        known = np.flatnonzero(found >= 0)
        found.take(known, out=words[end : end + len(known)], mode="clip")
        end += len(known)
        if end > size:
            words[end : end + margin] = separator
            yield words[: end + margin]
            end = margin
    if end > margin:
        words[end : end + margin] = separator
        yield words[: end + margin]


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
