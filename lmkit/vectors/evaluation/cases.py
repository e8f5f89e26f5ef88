"""The words of sets among those of vectors, in upper and lower case."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.columns import as_texts
from lmkit.vectors.evaluation.settings import Case
from lmkit.vectors.queries.rows import Rows

SHAPES: dict[Case, tuple[Callable[[str], str], Callable[[str], str]]] = {  # of words of a set, of words of vectors
    "ignore": (str.upper, str.upper),
    "keep": (str, str),
    "lower": (str.lower, str),
}


@dataclass(frozen=True, eq=False)
class KnownWords:
    """The words of sets that have a vector which is not zero."""

    rows: Mapping[
        str, Sequence[int]
    ]  # of a word of a set as `shape` makes it; the first is its vector, others differ in case
    shape: Callable[[str], str]

    def row(self, word: str) -> int:
        """The row of a word of a set; -1: it has none."""
        found = self.rows.get(self.shape(word))
        return found[0] if found else -1

    def places(self, items: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """(items, words) the rows of the words of each item; -1: none."""
        width = len(items[0]) if items else 0
        return np.array([[self.row(word) for word in item] for item in items], np.int64).reshape(-1, width)

    def missing(self, items: Iterable[Sequence[str]]) -> list[str]:
        """The words without a vector, each once, in their order."""
        words = dict.fromkeys(word for item in items for word in item)
        return [word for word in words if self.row(word) < 0]


def known_words(vectors: Rows, items: Iterable[Sequence[str]], case: Case, first: int) -> KnownWords:
    """Where the words of items are among the first `first` words of vectors (0: all).

    case: "ignore": of words that are equal in upper case, the first one has the vector; "keep": as they are written; "lower":
    the words of the set in lower case. Words whose vector is zero have none.
    """
    of_set, of_vectors = SHAPES[case]
    found: dict[str, list[int]] = {of_set(word): [] for item in items for word in item}
    words = as_texts(vectors.words.arrow_words()[: first or None]).to_pylist()
    for row, word in enumerate(words):
        places = found.get(of_vectors(word))
        if places is not None:
            places.append(row)
    zero = vectors.norms == 0
    return KnownWords({word: [] if places and zero[places[0]] else places for word, places in found.items()}, of_set)


def size_of(vectors: Rows, first: int) -> int:
    """The number of words that take part."""
    return min(len(vectors), first or len(vectors))
