"""Co-occurrence: how often, and how near, words stand beside each other in sentences."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from lmkit.corpus.encoded import EncodedText
from lmkit.corpus.vocabulary import BOS, EOS, FIRST_WORD, UNK, Vocabulary
from lmkit.errors import UsageError
from lmkit.sparse import group_pairs, row_numbers

Weighting = Literal["distance", "flat"]
PAIRS_AT_A_TIME = 1 << 21


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Weighted counts of pairs of words."""

    words: Vocabulary  # of rows and columns; the sentence marks and <unk> are left out
    matrix: Any  # (words, words) float64 csr_array; row: word, column: context


def cooccurrence(
    text: EncodedText, *, window: int = 5, weighting: Weighting = "distance", directed: bool = False
) -> Cooccurrence:
    """The words × words matrix of pairs at most `window` words apart in a sentence, as GloVe's cooccur counts them.

    weighting: a pair at distance d adds 1/d ("distance") or 1 ("flat"). directed: the row is the word on the left;
    otherwise each pair is counted both ways. OOV words are removed before the window is applied.

    Sums are exact: weights are integers in units of 1/lcm(1, …, window), so that no order of adding changes a digit
    (with windows above 28 or so the sums would not fit 64 bits: then they are rounded in the 16th digit).
    """
    if window < 1:
        raise UsageError(f"the window is {window}; it must be 1 word or more.")
    types = len(text.vocabulary) - FIRST_WORD
    weights, unit = distance_weights(window, weighting, text.tokens)
    sums: list[Any] = []  # partial sums, each at most half as large as the one before
    for block in text.blocks():
        for tokens in sentence_pieces(block, PAIRS_AT_A_TIME // window):
            sums.append(count_pairs(tokens, weights, types))
            while len(sums) > 1 and 2 * sums[-1].nnz > sums[-2].nnz:
                sums.append(add_pairs(sums.pop(), sums.pop(), types))
    while len(sums) > 1:
        sums.append(add_pairs(sums.pop(), sums.pop(), types))
    total = sums[0] if directed else add_pairs(sums[0], sums[0].T.tocsr(), types)
    matrix = csr_array((total.data / unit, total.indices, total.indptr), shape=(types, types))
    return Cooccurrence(words_only(text.vocabulary), matrix)


def sentence_pieces(tokens: NDArray[np.int32], size: int) -> Iterator[NDArray[np.int32]]:
    """The tokens cut at sentence ends into pieces of about `size` tokens, or of one longer sentence."""
    ends = np.flatnonzero(tokens == EOS) + 1
    cuts = np.unique(ends[np.searchsorted(ends, np.arange(size, len(tokens) + size, size).clip(max=len(tokens)))])
    start = 0
    for end in cuts.tolist():
        yield tokens[start:end]
        start = end


def distance_weights(window: int, weighting: Weighting, tokens: int) -> tuple[NDArray[Any], int]:
    """The weights (window,) of distances 1…window as integers, and the unit they are to be divided by.

    tokens: running words of the text. Where 64-bit sums of integers could overflow, plain fractions in unit 1.
    """
    distances = np.arange(1, window + 1)
    if weighting == "flat":
        return np.ones(window, np.int64), 1
    unit = math.lcm(*range(1, window + 1))
    if 2 * unit * window * tokens >= 2**63:
        return 1.0 / distances, 1
    return unit // distances, unit


def count_pairs(tokens: NDArray[np.int32], weights: NDArray[Any], types: int) -> Any:
    """The directed pairs of a block as a words × words matrix of summed integer weights."""
    kept = tokens[(tokens != UNK) & (tokens != BOS)]  # </s> stays: it separates the sentences
    sentences = np.cumsum(kept == EOS)
    words = np.flatnonzero(kept != EOS)
    ids, sentences = kept[words] - FIRST_WORD, sentences[words]
    lefts, rights, values = [], [], []
    for distance, weight in enumerate(weights, start=1):
        left = np.flatnonzero(sentences[:-distance] == sentences[distance:])
        lefts.append(ids[left])
        rights.append(ids[left + distance])
        values.append(np.full(len(left), weight, weights.dtype))
    return grouped(np.concatenate(lefts), np.concatenate(rights), np.concatenate(values), types)


def add_pairs(one: Any, other: Any, types: int) -> Any:
    """The sum of two matrices of pairs."""
    rows = np.concatenate((row_numbers(one.indptr), row_numbers(other.indptr)))
    columns = np.concatenate((one.indices, other.indices))
    return grouped(rows, columns, np.concatenate((one.data, other.data)), types)


def grouped(rows: Any, columns: Any, values: Any, types: int) -> Any:
    """Weighted pairs as a csr_array with one entry a distinct pair."""
    indptr, indices, sums, _ = group_pairs(rows, columns, values, shape=(types, types))
    return csr_array((sums, indices, indptr), shape=(types, types))


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
