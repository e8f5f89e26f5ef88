"""The words nearest to others, or to vectors that are given: all queries in one pass over the rows."""

from collections.abc import Callable, Sequence
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
from lmkit.vectors.queries.measures import Vectors, measured, refuse_zero
from lmkit.vectors.queries.names import FIGURES, TOP, Measure
from lmkit.vectors.queries.rows import Rows, in_pieces

QUERIES_AT_A_TIME = 256
Queries = tuple[
    Vectors, IndexArray | None
]  # (queries, dimensions), and the row of each, which is no neighbour of its own


@one_line
@dataclass(frozen=True, eq=False)
class Neighbours(Tabular):
    """Of each query its neighbours, nearest first, ties in the order of the rows."""

    queries: tuple[str, ...]  # words, or how vectors were named
    query: IndexArray  # (found,) the number of the query
    row: IndexArray  # (found,) the neighbour
    similarity: NDArray[np.float64]  # (found,) by `euclidean`, the distance
    measure: Measure
    words: Vocabulary  # of the rows

    def columns(self, first: int | None = None) -> Columns:
        """The neighbours, and how near each is."""
        from lmkit.engine.columns import as_texts, texts_at

        query, row = self.query[:first], self.row[:first]
        return {
            "word": texts_at(texts_to_arrow(self.queries), query),
            "neighbour": as_texts(texts_at(self.words.arrow_words(), row)),
            FIGURES[self.measure]: self.similarity[:first],
        }


def neighbours(
    rows: Rows,
    words: Sequence[str],
    *,
    top: int = TOP,
    measure: Measure = "cosine",
    resources: Resources = Resources(),
) -> Neighbours:
    """The `top` words nearest to each of the words, which are no neighbours of their own.

    Words whose vector is zero are nobody's neighbours by cosine. DataError for a word without a vector, with the nearest
    spellings, and for cosines with a vector that is zero.
    """
    places = rows_of(rows, words)
    if measure == "cosine":
        refuse_zero(words, rows.norms[places])
    return gathered(rows, words, lambda here: (rows.vectors_at(places[here]), places[here]), top, measure, resources)


def neighbours_of_vectors(
    rows: Rows,
    vectors: Vectors,
    names: Sequence[str],
    *,
    top: int = TOP,
    measure: Measure = "cosine",
    resources: Resources = Resources(),
) -> Neighbours:
    """The `top` words nearest to each of some vectors (names, dimensions); in messages and results these have names."""
    if measure == "cosine":
        refuse_zero(names, np.linalg.norm(vectors, axis=1))
    return gathered(rows, names, lambda here: (vectors[here], None), top, measure, resources)


def gathered(
    rows: Rows,
    names: Sequence[str],
    queries_in: Callable[[slice], Queries],
    top: int,
    measure: Measure,
    resources: Resources,
) -> Neighbours:
    """The neighbours of queries, some of them at a time. DataError for one that has none."""
    if top < 1 or not names:
        raise UsageError(f"{top} neighbours of {len(names)} words were asked for; both must be 1 or more.")
    found = []
    for first in range(0, len(names), QUERIES_AT_A_TIME):
        queries, but = queries_in(slice(first, first + QUERIES_AT_A_TIME))
        number, place, value = nearest(rows, queries, top, measure, resources.workers, but)
        found.append((number + first, place, value))
    query, row, similarity = (np.concatenate(each) for each in zip(*found, strict=True))
    refuse_unanswered(names, query, rows.norms)
    return Neighbours(tuple(names), query, row, similarity, measure, rows.words)


def nearest(
    rows: Rows, queries: Vectors, top: int, measure: Measure, workers: int | None, but: IndexArray | None
) -> tuple[IndexArray, IndexArray, NDArray[np.float64]]:
    """The number of the query, the row, the measure of each neighbour. but: (queries,) rows that are none of their neighbours.

    Scores of 32 bits tell which rows are compared in 64 bits.
    """
    norms = rows.norms
    lengths = np.linalg.norm(queries, axis=1, keepdims=True) if measure == "cosine" else 1
    shaped = (queries / lengths).astype(np.float32)

    def scores_of(first: int, last: int) -> Scores:
        scores = rows.products(first, last, shaped)
        if measure == "cosine":
            with np.errstate(divide="ignore", invalid="ignore"):
                scores /= norms[first:last]
            scores[:, norms[first:last] == 0] = -np.inf
        elif measure == "euclidean":  # |x − q|² = |x|² − 2 x·q + |q|², the last of which is the same for all rows
            scores *= 2
            scores -= norms[first:last] ** 2
        if but is not None:
            here = np.flatnonzero((but >= first) & (but < last))
            scores[here, but[here] - first] = -np.inf
        return scores

    number, place, _ = best_rows(scores_of, len(rows), len(queries), top + SPARE, workers)
    values = np.concatenate(
        [
            np.zeros(0),
            *(
                measured(rows.vectors_at(place[here]), queries[number[here]], measure)
                for here in in_pieces(rows, len(place))
            ),
        ]
    )
    sign = -1 if measure == "euclidean" else 1
    number, place, values = in_order(number, place, sign * values, top)
    return number, place, sign * values
