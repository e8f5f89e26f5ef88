"""What a backoff model stores of each n-gram. There are two kinds: probabilities, and counts of which they follow.

Either gives log10 probabilities and backoffs as whole arrays, which all algorithms can work on; what scores and predicts asks for
single ones, and needs no arrays then.
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.errors import UsageError

Precision = Literal["single", "double"]


class TextRecursion(Protocol):
    """How the score of an n-gram follows from that of the same without its first word: by sums of logarithms, or otherwise."""

    def of_words(self) -> NDArray[np.float64]:
        """(types,) the scores of words alone."""

    def lengthen(
        self,
        length: int,
        scores: NDArray[np.float64],
        histories: IndexArray,
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """Turn the scores (n-grams,) of the suffixes of n-grams into those of the n-grams.

        length: of the n-grams; histories: (n-grams,) the entries of theirs; entries: (n-grams,) their own, -1 for what is not
        stored; known: the n-grams whose histories are stored; None: all.
        """

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores as log10 probabilities."""


class Recursion(TextRecursion, Protocol):
    """The same, also for all words after a history at once."""

    def lengthen_all(
        self, length: int, scores: NDArray[np.float64], history: int, words: IndexArray, row: slice
    ) -> None:
        """Turn the scores (types,) of all words after a history without its first word into those after the history.

        length: of the n-grams; history: its entry; words, row: which are stored after it, and as which n-grams.
        """

    def of_log10(self, log10_probs: FloatArray) -> NDArray[np.float64]:
        """Log10 probabilities as scores."""


class Values(Protocol):
    """The probabilities and backoffs of a model, whatever they are made of."""

    @property
    def precision(self) -> Precision:
        """That of log10 values."""

    @property
    def log10_probs(self) -> tuple[FloatArray, ...]:
        """(n-grams,) of each order; -inf where the probability is 0."""

    @property
    def log10_backoffs(self) -> tuple[FloatArray, ...]:
        """(n-grams,) of each order but the highest."""

    @property
    def counts(self) -> "Sequence[Counts] | None":
        """(n-grams,) of each order, what was estimated from; None where it was not kept."""

    @property
    def word_log10_probs(self) -> FloatArray:
        """(types,) of words alone."""

    def log10_probs_of(self, length: int, entries: IndexArray) -> FloatArray:
        """(entries,) of some n-grams of this length."""

    def log10_backoffs_of(self, length: int, entries: IndexArray) -> FloatArray:
        """(entries,) of some histories of this length."""

    def recursion(self, *, in_text: bool = True) -> Recursion:
        """The same for scoring. in_text: histories that do not begin with <s> are as long as they can be."""

    def up_to(self, order: int) -> "Values":
        """Those of the lower orders alone."""

    def in_precision(self, precision: Precision) -> "Values":
        """The same with log10 values of this precision."""

    def exact(self) -> "Values":
        """The same with all the digits that are known."""


class Counts(Protocol):
    """The counts of the n-grams of an order."""

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """(last − first,) those of the n-grams first <= entry < last."""


def log10(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """log10 of probabilities; -inf for 0."""
    with np.errstate(divide="ignore"):
        return np.log10(values)


def float_dtype(precision: Precision) -> type[np.floating[Any]]:
    """float32 for single, float64 for double precision."""
    if precision not in ("single", "double"):
        raise UsageError(f"the precision is {precision!r}; it must be single or double.")
    return np.float32 if precision == "single" else np.float64


def precision_of(dtype: np.dtype[Any] | type[np.floating[Any]]) -> Precision:
    """The precision of values of this type."""
    return "double" if dtype == np.float64 else "single"
