"""Which questions of analogy sets vectors answer right, by both methods at once.

Questions of a set share their words: the cosines of each distinct word with all words are one product of matrices, block of
rows by block of rows, and what a question needs are a few additions or products of rows of it that lie in the cache.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.vectors.evaluation.cases import KnownWords
from lmkit.vectors.queries.analogies import QUESTIONS_AT_A_TIME, Cosines, combined, prepared
from lmkit.vectors.queries.names import METHODS, Method
from lmkit.vectors.queries.rows import Rows

ROWS_AT_A_TIME = 1 << 11  # so that the scores of some questions stay in the cache
Questions = Sequence[tuple[str, str, str, str]]
Best = tuple[NDArray[np.int64], NDArray[np.float32]]  # (questions,) the row of the best answer, and its score
Right = dict[Method, NDArray[np.bool_]]  # by method: (questions,) which are answered right


def right_answers(
    rows: Rows, questions: Questions, places: NDArray[np.int64], known: KnownWords, size: int, workers: int | None
) -> Right:
    """Which questions the best answer is right of, among the first `size` words; places: (questions, 4) of their words.

    As other tools have it, the words of a question are no answers, nor are words that differ from them in case only (if case
    is ignored), and a word that differs so from the right one is right, too.
    """
    if not len(questions):
        return {method: np.zeros(0, bool) for method in METHODS}
    distinct, numbers = np.unique(places[:, :3], return_inverse=True)
    numbers = numbers.reshape(-1, 3)
    words = Cosines(rows, distinct)
    excluded, question = excluded_rows(questions, known)
    advance = stage("analogies", size)

    def best_of_block(first: int) -> dict[Method, Best]:
        last = min(first + ROWS_AT_A_TIME, size)
        cosines = words.block(first, last)
        here = slice(*np.searchsorted(excluded, (first, last)))
        zero = np.flatnonzero(rows.norms[first:last] == 0)
        found = {}
        for method in METHODS:
            of_block = prepared(cosines, method)
            place, score = best_in(of_block, numbers, (question[here], excluded[here] - first), zero, method)
            found[method] = place + first, score
        advance(last - first)
        return found

    number = len(questions)
    answers: dict[Method, Best] = {
        method: (np.zeros(number, np.int64), np.full(number, -np.inf, np.float32)) for method in METHODS
    }
    with one_blas_thread():
        for found in map_in_order(best_of_block, range(0, size, ROWS_AT_A_TIME), workers):
            for method, (place, score) in found.items():
                better = score > answers[method][1]  # of equal ones the first
                answers[method][0][better] = place[better]
                answers[method][1][better] = score[better]
    wanted = [set(known.rows[known.shape(words[3])]) for words in questions]
    return {
        method: np.array(
            [row in right for row, right in zip(np.where(score > -np.inf, place, -1).tolist(), wanted, strict=True)]
        )
        for method, (place, score) in answers.items()
    }


def best_in(
    cosines: NDArray[np.float32],
    numbers: NDArray[np.int64],
    excluded: tuple[NDArray[np.int64], NDArray[np.int64]],
    zero: NDArray[np.int64],
    method: Method,
) -> Best:
    """The best answers in a block of rows. excluded: questions, and the rows that do not answer them; zero: rows that answer none."""
    order = np.argsort(excluded[0], kind="stable")
    questions, rows = excluded[0][order], excluded[1][order]
    places, scores = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.float32)
    for first in range(0, len(numbers), QUESTIONS_AT_A_TIME):
        here = slice(first, first + QUESTIONS_AT_A_TIME)
        found = combined(cosines, numbers[here], method)
        out = slice(*np.searchsorted(questions, (first, first + QUESTIONS_AT_A_TIME)))
        found[questions[out] - first, rows[out]] = -np.inf
        found[:, zero] = -np.inf
        places[here] = found.argmax(axis=1)
        scores[here] = found[np.arange(len(found)), places[here]]
    return places, scores


def excluded_rows(questions: Questions, known: KnownWords) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that are no answers, ascending, and the numbers of the questions they are excluded from."""
    listed = [
        (row, number)
        for number, question in enumerate(questions)
        for word in dict.fromkeys(map(known.shape, question[:3]))
        for row in known.rows[word]
    ]
    rows, numbers = np.array(sorted(listed), np.int64).reshape(-1, 2).T
    return rows, numbers
