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
from lmkit.sparse import group_pairs
from lmkit.threads import map_in_order

Weighting = Literal["distance", "flat"]
PAIRS_AT_A_TIME = 1 << 21
FREQUENT = 1024  # words whose pairs are counted in a square array


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Weighted counts of pairs of words."""

    words: Vocabulary  # of rows and columns; the sentence marks and <unk> are left out
    matrix: Any  # (words, words) float64 csr_array; row: word, column: context


def cooccurrence(
    text: EncodedText,
    *,
    window: int = 5,
    weighting: Weighting = "distance",
    directed: bool = False,
    workers: int | None = None,
) -> Cooccurrence:
    """The words × words matrix of pairs at most `window` words apart in a sentence, as GloVe's cooccur counts them.

    weighting: a pair at distance d adds 1/d ("distance") or 1 ("flat"). directed: the row is the word on the left;
    otherwise each pair is counted both ways. workers: threads (default: the number of cores). OOV words are removed
    before the window is applied.

    Sums are exact: weights are integers in units of 1/lcm(1, …, window), so that no order of adding changes a digit.
    Where these could overflow 64 bits (windows above 19 to 30, the shorter the longer the text), sums of fractions
    stand in their place, whose 16th digit depends on that order.
    """
    if window < 1:
        raise UsageError(f"the window is {window}; it must be 1 word or more.")
    types = len(text.vocabulary) - FIRST_WORD
    weights, unit = distance_weights(window, weighting, text.tokens)
    size = max(PAIRS_AT_A_TIME // window, 1)
    pieces = (piece for block in text.blocks() for piece in sentence_pieces(block, size))
    frequent = frequent_words(text, types)
    square = np.zeros((len(frequent), len(frequent)))  # pairs of frequent words: most pairs, in few cells
    sums: list[Any] = [csr_array((types, types), dtype=weights.dtype)]  # each at most half as large as the one before
    for rare, dense in map_in_order(lambda tokens: count_pairs(tokens, weights, types, frequent), pieces, workers):
        square += dense
        sums.append(rare)
        while len(sums) > 1 and 2 * sums[-1].nnz > sums[-2].nnz:
            sums.append(sums.pop() + sums.pop())
    while len(sums) > 1:
        sums.append(sums.pop() + sums.pop())
    rows, columns = np.nonzero(square)
    cells = (square[rows, columns].astype(weights.dtype), (frequent[rows], frequent[columns]))
    total = sums[0] + coo_array(cells, shape=(types, types)).tocsr()
    if not directed:
        total = total + total.T.tocsr()
    matrix = csr_array((total.data / unit, total.indices, total.indptr), shape=(types, types))
    return Cooccurrence(words_only(text.vocabulary), matrix)


def frequent_words(text: EncodedText, types: int) -> NDArray[np.int64]:
    """The ids, without the marks, of the most frequent words of the first block: at most FREQUENT."""
    first = next(text.blocks())
    counts = np.bincount(first[first >= FIRST_WORD] - FIRST_WORD, minlength=types)
    return np.argsort(-counts, kind="stable")[:FREQUENT]


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
    unit = 1
    for distance in range(1, window + 1):
        unit = math.lcm(unit, distance)
        if 2 * unit * window * tokens >= 2**63:
            return 1.0 / distances, 1
    return unit // distances, unit


def count_pairs(
    tokens: NDArray[np.int32], weights: NDArray[Any], types: int, frequent: NDArray[np.int64]
) -> tuple[Any, NDArray[Any]]:
    """The summed weights of the directed pairs of whole sentences.

    Returns the words × words matrix of pairs with a word that is not frequent, and the (frequent, frequent) array of
    the others. Both are exact if the weights are integers.
    """
    kept = tokens[(tokens != UNK) & (tokens != BOS)]  # </s> stays: it separates the sentences
    sentences = np.cumsum(kept == EOS, dtype=np.int32)
    words = np.flatnonzero(kept != EOS)
    ids, sentences = kept[words] - FIRST_WORD, sentences[words]
    longest = int(np.bincount(sentences, minlength=1).max())  # words of a sentence
    side = len(frequent)
    ranks = np.full(types, -1, np.int32)
    ranks[frequent] = np.arange(side)
    columns = ranks[ids]
    rows, is_frequent = columns * side, columns >= 0
    cells, lefts, rights = [], [], []  # for each distance: of pairs of frequent words, and of the others
    weights = weights[: max(longest, 1)]
    for distance in range(1, len(weights) + 1):
        near = sentences[:-distance] == sentences[distance:]
        both = is_frequent[:-distance] & is_frequent[distance:]
        dense = np.flatnonzero(near & both)
        cells.append(rows[dense] + columns[distance:][dense])
        rare = np.flatnonzero(near & ~both)
        lefts.append(ids[rare])
        rights.append(ids[distance:][rare])
    dense_weights = np.repeat(weights.astype(np.float64), list(map(len, cells)))
    square = np.bincount(np.concatenate(cells), weights=dense_weights, minlength=side * side).reshape(side, side)
    values: NDArray[Any] = np.repeat(weights, list(map(len, lefts)))
    indptr, indices, sums, _ = group_pairs(np.concatenate(lefts), np.concatenate(rights), values, shape=(types, types))
    matrix = csr_array((sums, indices, indptr), shape=(types, types))
    matrix.has_canonical_format = True  # so that sums of such matrices take one pass
    return matrix, square


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
