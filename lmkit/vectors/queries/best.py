"""The best few of many rows for each of several queries, block of rows by block of rows, in threads.

Which rows these are depends on no block and on no number of threads: of equal scores, the row that stands first is the better one.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError

SCORES_AT_A_TIME = 1 << 20  # of a block of rows, for all queries
ROWS_AT_A_TIME = 1 << 14  # at most, and at least an eighth of it
GROUP = 128  # rows whose largest score bounds the best ones from below
SPARE = 8  # rows beyond those asked for, as scores of 32 bits may be wrong in the last digit
Scores = NDArray[np.float32]
ScoresOf = Callable[
    [int, int], Scores
]  # (queries, last − first) the scores of the rows first <= row < last; -inf: never chosen
Found = tuple[IndexArray, IndexArray, Scores]  # query, row, score: of each query its best rows in this order


def best_rows(scores_of: ScoresOf, rows: int, queries: int, top: int, workers: int | None) -> Found:
    """The best rows of each query, `top` of them or as many as there are, with scores that are not -inf."""
    size = min(ROWS_AT_A_TIME, max(SCORES_AT_A_TIME // max(queries, 1), ROWS_AT_A_TIME // 8))
    advance = stage("comparing", rows)

    def best_of_block(first: int) -> Found:
        found = best_of(scores_of(first, min(first + size, rows)), top, first)
        advance(min(size, rows - first))
        return found

    with one_blas_thread():
        blocks = list(map_in_order(best_of_block, range(0, rows, size), workers))
    numbers, places, scores = (np.concatenate(each) for each in zip(*blocks, strict=True))
    return in_order(numbers, places, scores, top)


def best_of(scores: Scores, top: int, first: int) -> Found:
    """The best rows of each query in a block of scores (queries, rows) that begins with the row `first`."""
    queries, rows = scores.shape
    groups = rows // GROUP
    if top < groups:
        # Of so many groups of rows, each has a score at least as large as the least of their largest ones.
        largest = scores[:, : groups * GROUP].reshape(queries, groups, GROUP).max(axis=2)
        least = np.partition(largest, groups - top, axis=1)[:, groups - top]
    else:
        least = np.full(queries, -np.inf, np.float32)
    numbers, places = np.nonzero((scores >= least[:, None]) & (scores > -np.inf))
    return in_order(numbers, places + first, scores[numbers, places], top)


def in_order(
    numbers: IndexArray, places: IndexArray, scores: NDArray[Any], top: int
) -> tuple[IndexArray, IndexArray, NDArray[Any]]:
    """The best rows of each query, best first: (found,) the number of the query, the row, the score."""
    order = np.lexsort((places, -scores, numbers))
    numbers = numbers[order]
    ranks = np.arange(len(numbers)) - np.searchsorted(numbers, numbers)
    order = order[ranks < top]
    return numbers[ranks < top], places[order], scores[order]


def refuse_unanswered(names: Sequence[str], numbers: IndexArray, norms: NDArray[np.float32]) -> None:
    """DataError if one of the queries with these names is not among the numbers of those that something was found for."""
    without = np.setdiff1d(np.arange(len(names)), numbers)
    if len(without):
        raise DataError(
            f"no word is left for {names[without[0]]}: of {len(norms):,} words, {np.count_nonzero(norms):,} have a vector that is not zero.",
            "Words that are asked for are no answers: take vectors of more words.",
        )
