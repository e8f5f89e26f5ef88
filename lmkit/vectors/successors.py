"""Words as what follows them: the distribution of the next word after each, from counts of pairs or from any model that predicts.

Rows and columns are the same words, without the marks: a row sums to 1 less the probabilities of </s> and <unk>, and, where only the
most frequent words are taken, of all others.
"""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from lmkit.engine.memory import megabytes
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.scoring.protocol import Model, predictor_of
from lmkit.text.vocabulary import FIRST_WORD, Vocabulary
from lmkit.vectors.word_matrix import WordMatrix
from lmkit.vectors.word_vectors import WordVectors

METHOD = "successors"
PROBABILITIES = "probabilities"
Cells = Literal["probabilities", "counts"]
BATCH_BYTES = 1 << 26  # of predictions made together


def successor_matrix(
    following: Any,
    vocabulary: Vocabulary,
    *,
    cells: Cells = "probabilities",
    top: int | None = None,
    details: dict[str, Any] | None = None,
) -> WordMatrix:
    """The words × words matrix of what follows each word, as a sparse one: p(next word | word), or how often.

    following: (types, types) counts, the row is followed by the column, as `counts.matrix(2)` gives them; vocabulary: its words, marks
    first. Probabilities are shares of all that follows, marks included. top: only the most frequent words, as rows and as columns.
    Words stand in descending order of what follows them, which is their count, ties by code point. details: of how the text was read.
    UsageError for other cells, or a top below 1; DataError for a vocabulary of marks alone.
    """
    if cells not in get_args(Cells):
        raise UsageError(f"cells are {cells!r}; they must be {' or '.join(get_args(Cells))}.")
    counts = csr_array(following)
    if counts.shape != (len(vocabulary),) * 2:
        raise UsageError(
            f"the counts are {counts.shape[0]:,} × {counts.shape[1]:,} and there are {len(vocabulary):,} words.",
            "Give a square matrix of these words: `counts.matrix(2)`.",
        )
    sums = np.asarray(counts.sum(axis=1), np.float64).ravel()
    places = most_frequent(sums, vocabulary, top)
    chosen = counts[places][:, places].astype(np.float64)
    if cells == PROBABILITIES:
        with np.errstate(divide="ignore"):
            shares = np.where(sums[places] > 0, 1 / sums[places], 0.0)
        chosen = csr_array(diags_array(shares) @ chosen)
    chosen.sort_indices()
    return WordMatrix(chosen, vocabulary.taken(places), cells, {"context": "next-word"} | limits(top) | (details or {}))


def successor_vectors(model: Model, *, top: int | None = None, resources: Resources = Resources()) -> WordVectors:
    """The same of any model that predicts after a word alone: p(next word | word) of each word for each, in 32 bits. Longer histories are not looked at.

    top: only the most frequent words, which are those with the largest p(word) after no history; they stand in this order. DataError
    for a model that does not predict, or nothing after no history, and where the vectors need more than the memory to keep to.
    """
    predictor = predictor_of(model)
    try:
        state = predictor.start([], 1)
    except UsageError:  # of the history, which nobody has given
        raise DataError(
            f"this model ({model.method}) predicts nothing after no history, and so does not say which words are the most frequent.",
            "Take counts or an n-gram model; the vectors that a neural model has of its words are written by `lmkit neural embeddings`.",
        ) from None
    log10_probs = predictor.log10_probs(state)[0]
    places = most_frequent(log10_probs, model.vocabulary, top)
    check_room(len(places), resources)
    matrix = np.empty((len(places), len(places)), np.float32)
    batch = max(BATCH_BYTES // (8 * len(model.vocabulary)), 1)
    advance = stage("predicting", len(places))
    for first in range(0, len(places), batch):
        words = places[first : first + batch]
        state = predictor.extend(predictor.start([], len(words)), np.arange(len(words)), words)
        matrix[first : first + batch] = 10.0 ** predictor.log10_probs(state)[:, places]
        advance(len(words))
    read = {} if model.settings is None else model.settings.for_signature()
    details = {"model": model.method, "order": model.order} | limits(top) | read
    return WordVectors(model.vocabulary.taken(places), matrix, METHOD, details)


def as_vectors(matrix: WordMatrix, resources: Resources = Resources()) -> WordVectors:
    """The rows of a matrix of successors as vectors, zeros and all. DataError where these need more than the memory to keep to."""
    check_room(len(matrix.words), resources)
    rows = matrix.matrix.astype(np.float32).toarray()
    return WordVectors(matrix.words, rows, METHOD, {"cells": matrix.cells} | matrix.details)


def most_frequent(weights: NDArray[np.float64], vocabulary: Vocabulary, top: int | None) -> NDArray[np.int64]:
    """(words,) the ids of words, or of `top` of them, the greatest weight first, ties by code point; marks left out."""
    if top is not None and top < 1:
        raise UsageError(f"the {top} most frequent words were asked for; it must be 1 or more.")
    if len(vocabulary) <= FIRST_WORD:
        raise DataError("there are no words besides the marks.", "Count a text that has some.")
    ranks = vocabulary.code_point_ranks()[FIRST_WORD:]
    found: NDArray[np.int64] = np.lexsort((ranks, -weights[FIRST_WORD:]))[:top] + FIRST_WORD
    return found


def limits(top: int | None) -> dict[str, int]:
    """What details say of the words that were taken."""
    return {} if top is None else {"top": top}


def check_room(words: int, resources: Resources) -> None:
    """DataError if a vector for each of so many words, with a number for each, needs more than the memory to keep to."""
    needed, limit = 4 * words**2, resources.memory_limit
    if needed > limit:
        fitting = int((limit / 4) ** 0.5)
        raise DataError(
            f"{words:,} words with a number for each of {words:,} words take {megabytes(needed)}, and the memory to keep to is {megabytes(limit)}.",
            f"Take fewer words, as --top {fitting}, give more with --memory, or keep what was counted and no zeros: counts with -o x.npz.",
        )
