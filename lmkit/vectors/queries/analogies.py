"""a is to b as c is to d: the words that stand to c as b stands to a.

3CosAdd (Mikolov, Yih & Zweig 2013) takes the word d nearest to b − a + c, of vectors of length 1: the largest
cos(d, b) − cos(d, a) + cos(d, c). 3CosMul (Levy & Goldberg 2014, equation 4) takes the largest
cos(d, b) cos(d, c) / (cos(d, a) + ε), of cosines moved to [0, 1]: (cos + 1) / 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.arrow import texts_to_arrow
from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.resources import Resources
from lmkit.errors import UsageError
from lmkit.one_line import one_line
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.queries.best import SPARE, Scores, best_rows, in_order, refuse_unanswered
from lmkit.vectors.queries.lookup import rows_of
from lmkit.vectors.queries.measures import Vectors, refuse_zero
from lmkit.vectors.queries.names import TOP, Method
from lmkit.vectors.queries.rows import Rows, in_pieces

EPSILON = 0.001  # of 3CosMul, as published
QUESTIONS_AT_A_TIME = 128
Question = tuple[str, str, str]  # a, b, c


@one_line
@dataclass(frozen=True, eq=False)
class Answers(Tabular):
    """Of each question the words that may answer it, best first, ties in the order of the rows."""

    questions: tuple[Question, ...]
    question: IndexArray  # (found,) the number of the question
    row: IndexArray  # (found,) the answer
    score: NDArray[np.float64]  # (found,) add: the cosine with b − a + c; mul: the score of 3CosMul
    method: Method
    words: Vocabulary  # of the rows

    def columns(self, first: int | None = None) -> Columns:
        """The questions, and the words that may answer each."""
        from lmkit.engine.columns import as_texts, texts_at

        question, row = self.question[:first], self.row[:first]
        asked = dict(zip("abc", map(list, zip(*self.questions, strict=True)), strict=True))
        columns = {name: texts_at(texts_to_arrow(words), question) for name, words in asked.items()}
        return columns | {"answer": as_texts(texts_at(self.words.arrow_words(), row)), "score": self.score[:first]}


def analogies(
    rows: Rows,
    questions: Sequence[Question],
    *,
    method: Method = "add",
    top: int = TOP,
    resources: Resources = Resources(),
) -> Answers:
    """The `top` best answers to each question a : b = c : ?, never a word of the question, nor one whose vector is zero.

    DataError for a word without a vector, with the nearest spellings, for one whose vector is zero, and for a question that no
    other word is left for.
    """
    if top < 1:
        raise UsageError(f"{top} answers were asked for; it must be 1 or more.")
    words = list(dict.fromkeys(word for question in questions for word in question))
    places = rows_of(rows, words)
    refuse_zero(words, rows.norms[places], "Ask with words that have other vectors.")
    row_of = dict(zip(words, places.tolist(), strict=True))
    asked = np.array([[row_of[word] for word in question] for question in questions], np.int64).reshape(-1, 3)
    found = []
    for first in range(0, len(asked), QUESTIONS_AT_A_TIME):
        question, row, score = answered(rows, asked[first : first + QUESTIONS_AT_A_TIME], method, top, resources)
        found.append((question + first, row, score))
    columns = [np.concatenate(each) for each in zip(*found, strict=True)] or [np.zeros(0, np.int64)] * 3
    refuse_unanswered([f"{a} : {b} = {c} : ?" for a, b, c in questions], columns[0], rows.norms)
    return Answers(tuple(questions), columns[0], columns[1], columns[2], method, rows.words)


def answered(
    rows: Rows, asked: IndexArray, method: Method, top: int, resources: Resources
) -> tuple[IndexArray, IndexArray, NDArray[np.float64]]:
    """The number of the question, the row, the score of each answer to questions (questions, 3) of rows."""
    distinct, numbers = np.unique(asked, return_inverse=True)
    numbers = numbers.reshape(-1, 3)
    words = Cosines(rows, distinct)

    def scores_of(first: int, last: int) -> Scores:
        scores = combined(prepared(words.block(first, last), method), numbers, method)
        for place in range(3):
            here = np.flatnonzero((asked[:, place] >= first) & (asked[:, place] < last))
            scores[here, asked[here, place] - first] = -np.inf
        scores[:, rows.norms[first:last] == 0] = -np.inf
        return scores

    question, row, _ = best_rows(scores_of, len(rows), len(asked), top + SPARE, resources.workers)
    scores = in_full(rows, words, numbers[question], row, method)
    return in_order(question, row, scores, top)


class Cosines:
    """The cosines of some words with all words, block by block."""

    def __init__(self, rows: Rows, places: IndexArray) -> None:
        vectors = rows.vectors_at(places)
        self.units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # (words, dimensions)
        self._single = self.units.astype(np.float32)
        self._rows = rows

    def block(self, first: int, last: int) -> Scores:
        """(words, last − first) those with the rows first <= row < last; 0 with vectors that are zero."""
        norms = self._rows.norms[first:last]
        cosines = self._rows.products(first, last, self._single)
        cosines /= np.where(norms > 0, norms, 1)
        return cosines


def prepared(cosines: Scores, method: Method) -> Scores:
    """The cosines as the method takes them: those of 3CosMul are moved to [0, 1]."""
    return cosines if method == "add" else (cosines + 1) * np.float32(0.5)


def combined(cosines: Scores, numbers: IndexArray, method: Method) -> Scores:
    """(questions, rows) what the method makes of prepared cosines (words, rows); numbers: (questions, 3) of the words a, b, c.

    Questions that follow each other often have the same a and b, whose part is made once.
    """
    a, b, c = numbers.T
    pairs, pair = np.unique(a * len(cosines) + b, return_inverse=True)
    a, b = np.divmod(pairs, len(cosines))
    if method == "add":
        scores = (cosines[b] - cosines[a]).take(pair, axis=0)
        scores += cosines.take(c, axis=0)
    else:
        scores = (cosines[b] / (cosines[a] + np.float32(EPSILON))).take(pair, axis=0)
        scores *= cosines.take(c, axis=0)
    return scores


def in_full(
    rows: Rows, words: Cosines, numbers: IndexArray, answers: IndexArray, method: Method
) -> NDArray[np.float64]:
    """(answers,) the scores of answers in 64 bits; numbers: (answers, 3) of the words of their questions."""
    found = np.empty(len(answers))
    for here in in_pieces(rows, len(answers)):
        vectors = rows.vectors_at(answers[here])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        a, b, c = (words.units[column] for column in numbers[here].T)
        found[here] = score_of(vectors, a, b, c, method)
    return found


def score_of(answer: Vectors, a: Vectors, b: Vectors, c: Vectors, method: Method) -> NDArray[np.float64]:
    """(answers,) the score of answers, all vectors (answers, dimensions) of length 1."""
    if method == "add":
        target = b - a + c
        length = np.linalg.norm(target, axis=1)
        cosines: NDArray[np.float64] = np.einsum("ij,ij->i", answer, target) / np.where(length > 0, length, 1)
        return cosines
    with_a, with_b, with_c = ((np.einsum("ij,ij->i", answer, word) + 1) / 2 for word in (a, b, c))
    scores: NDArray[np.float64] = with_b * with_c / (with_a + EPSILON)
    return scores
