"""Probabilities and backoffs as arrays: what is read from ARPA files, pruned, mixed, or backs off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray, IndexArray
from lmkit.engine.kernels import take
from lmkit.ngrams.values.protocol import Precision, float_dtype, precision_of

LARGEST_BACKOFF = 100.0  # a log10 backoff above it is a damage


@dataclass(frozen=True, eq=False)
class KeptCounts:
    """Counts as an array."""

    array: CountArray  # (n-grams,)

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """(last − first,) those of the n-grams first <= entry < last."""
        return self.array[first:last].astype(np.int64)


@dataclass(frozen=True, eq=False)
class StoredValues:
    """Log10 probabilities and backoffs of each order."""

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

    def up_to(self, order: int) -> "StoredValues":
        """Those of the lower orders alone."""
        counts = None if self.counts is None else self.counts[:order]
        return StoredValues(self.log10_probs[:order], self.log10_backoffs[: order - 1], counts)

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
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """See `Recursion`."""
        backoffs = self.values.log10_backoffs[length - 2]
        if known is None:
            scores += take(backoffs, histories)
        else:
            scores[known] += backoffs.take(histories.take(known))
        log10_probs = self.values.log10_probs[length - 1]
        if len(log10_probs):  # an order may be empty
            np.copyto(scores, take(log10_probs, np.maximum(entries, 0)), where=entries >= 0)

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
