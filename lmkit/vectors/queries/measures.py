"""How alike two vectors are: the cosine of their angle, their product, or how far they are from each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.vectors.queries.lookup import SHOWN, rows_of
from lmkit.vectors.queries.names import Measure
from lmkit.vectors.queries.rows import Rows, in_pieces

Vectors = NDArray[np.float64]
OTHER_MEASURES = "--measure dot and --measure euclidean are defined."


def similarities(rows: Rows, pairs: Sequence[tuple[str, str]], measure: Measure = "cosine") -> NDArray[np.float64]:
    """(pairs,) how alike the two words of each pair are; by `euclidean`, how far from each other, 0 being the nearest.

    DataError for a word without a vector, with the nearest spellings, and for cosines of vectors that are zero.
    """
    words = list(dict.fromkeys(word for pair in pairs for word in pair))
    places = dict(zip(words, rows_of(rows, words).tolist(), strict=True))
    if measure == "cosine":
        refuse_zero(words, rows.norms[list(places.values())])
    return of_pairs(
        rows, np.array([[places[word] for word in pair] for pair in pairs], np.int64).reshape(-1, 2), measure
    )


def of_pairs(rows: Rows, places: NDArray[np.int64], measure: Measure) -> NDArray[np.float64]:
    """(pairs,) the measure of pairs of rows (pairs, 2)."""
    found = [
        measured(rows.vectors_at(places[here, 0]), rows.vectors_at(places[here, 1]), measure)
        for here in in_pieces(rows, len(places))
    ]
    return np.concatenate([np.zeros(0), *found])


def measured(one: Vectors, other: Vectors, measure: Measure) -> NDArray[np.float64]:
    """(pairs,) the measure of pairs of vectors, both (pairs, dimensions). NaN for cosines of vectors that are zero."""
    if measure == "euclidean":
        differences = one - other
        distances: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", differences, differences))
        return distances
    products: NDArray[np.float64] = np.einsum("ij,ij->i", one, other)
    if measure == "dot":
        return products
    squares = np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines: NDArray[np.float64] = np.clip(products / np.sqrt(squares), -1, 1)
    return cosines


def refuse_zero(names: Sequence[str], norms: NDArray[np.floating], remedy: str = OTHER_MEASURES) -> None:
    """DataError if one of the vectors, which have these norms (names,), is zero. remedy: what is defined of such a vector."""
    zero = [name for name, norm in zip(names, norms.tolist(), strict=True) if norm == 0]
    if zero:
        shown = ", ".join(zero[:SHOWN]) + (f" and {len(zero) - SHOWN:,} more" if len(zero) > SHOWN else "")
        raise DataError(
            f"the vector of {shown} is zero: it has no direction, so that its cosine with another is undefined.",
            f"{remedy} A word without any pairs in a matrix has such a row.",
        )
