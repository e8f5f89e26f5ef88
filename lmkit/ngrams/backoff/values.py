"""What a backoff model stores of each n-gram. There are two kinds: probabilities, and counts of which they follow.

Either gives log10 probabilities and backoffs as whole arrays, which all algorithms can work on; what scores and predicts asks for
single ones, and needs no arrays then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray, IndexArray
from lmkit.errors import UsageError

Precision = Literal["single", "double"]


class Recursion(Protocol):
    """How the score of an n-gram follows from that of the same without its first word: by sums of logarithms, or otherwise."""

    def of_words(self) -> NDArray[np.float64]:
        """(types,) the scores of words alone."""

    def lengthen(
        self,
        length: int,
        scores: NDArray[np.float64],
        histories: IndexArray,
        hits: IndexArray,
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """Turn the scores (n-grams,) of the suffixes of n-grams into those of the n-grams.

        length: of the n-grams; histories: (n-grams,) entries of theirs; hits: which n-grams are stored, entries: as which;
        known: those with a history that is stored; None: all.
        """

    def lengthen_all(
        self, length: int, scores: NDArray[np.float64], history: int, words: IndexArray, row: slice
    ) -> None:
        """Turn the scores (types,) of all words after a history without its first word into those after the history.

        length: of the n-grams; history: its entry; words, row: which are stored after it, and as which n-grams.
        """

    def of_log10(self, log10_probs: FloatArray) -> NDArray[np.float64]:
        """Log10 probabilities as scores."""

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores as log10 probabilities."""


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

    def in_precision(self, precision: Precision) -> "Values":
        """The same with log10 values of this precision."""

    def exact(self) -> "Values":
        """The same with all the digits that are known."""


class Counts(Protocol):
    """The counts of the n-grams of an order."""

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """(last − first,) those of the n-grams first <= entry < last."""


@dataclass(frozen=True, eq=False)
class KeptCounts:
    """Counts as an array."""

    array: CountArray  # (n-grams,)

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """(last − first,) those of the n-grams first <= entry < last."""
        return self.array[first:last].astype(np.int64)


@dataclass(frozen=True, eq=False)
class StoredValues:
    """Log10 probabilities and backoffs as arrays: what is read from ARPA files, pruned, mixed, or backs off."""

    log10_probs: tuple[FloatArray, ...]
    log10_backoffs: tuple[FloatArray, ...]
    counts: Sequence[KeptCounts] | None = None

    @property
    def precision(self) -> Precision:
        """That of the arrays."""
        return precision_of(self.log10_probs[0].dtype)

    @property
    def word_log10_probs(self) -> FloatArray:
        """(types,) of words alone."""
        return self.log10_probs[0]

    def log10_probs_of(self, length: int, entries: IndexArray) -> FloatArray:
        """(entries,) of some n-grams of this length."""
        return self.log10_probs[length - 1].take(entries)

    def log10_backoffs_of(self, length: int, entries: IndexArray) -> FloatArray:
        """(entries,) of some histories of this length."""
        return self.log10_backoffs[length - 1].take(entries)

    def recursion(self, *, in_text: bool = True) -> "StoredRecursion":  # noqa: ARG002 (it is all one)
        """Backoffs are added; what is stored stands for itself."""
        return StoredRecursion(self)

    def exact(self) -> "StoredValues":
        """No more are known."""
        return self

    def in_precision(self, precision: Precision) -> "StoredValues":
        """The same with values of this precision."""
        dtype: Any = float_dtype(precision)
        return StoredValues(
            tuple(values.astype(dtype, copy=False) for values in self.log10_probs),
            tuple(values.astype(dtype, copy=False) for values in self.log10_backoffs),
            self.counts,
        )


@dataclass(frozen=True, eq=False)
class StoredRecursion:
    """The log10 probability of an n-gram is the one stored, or else the backoff of its history plus that of its suffix."""

    values: StoredValues

    def of_words(self) -> NDArray[np.float64]:
        """(types,) those of words alone."""
        return self.values.log10_probs[0].astype(np.float64)

    def lengthen(
        self,
        length: int,
        scores: NDArray[np.float64],
        histories: IndexArray,
        hits: IndexArray,
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """See `Recursion`."""
        backoffs = self.values.log10_backoffs[length - 2]
        if known is None:
            scores += backoffs.take(histories)
        else:
            scores[known] += backoffs.take(histories.take(known))
        scores[hits] = self.values.log10_probs[length - 1].take(entries)

    def lengthen_all(
        self, length: int, scores: NDArray[np.float64], history: int, words: IndexArray, row: slice
    ) -> None:
        """See `Recursion`."""
        scores += self.values.log10_backoffs[length - 2][history]
        scores[words] = self.values.log10_probs[length - 1][row]

    def of_log10(self, log10_probs: FloatArray) -> NDArray[np.float64]:
        """They are that."""
        return log10_probs.astype(np.float64)

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """They are that."""
        return scores


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
