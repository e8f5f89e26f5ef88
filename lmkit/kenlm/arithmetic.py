"""How the score of a word after a history follows from that after a shorter one, a word at a time, in plain Python.

The same formulas as `lmkit.ngrams.values` has for whole texts, on the same arrays: nothing is worked out when a model is opened.
"""

import math
import operator
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from lmkit.kenlm.history import Walk, views
from lmkit.ngrams.backoff.full_histories import in_text
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.recursion import LOG10_E
from lmkit.ngrams.values.small_counts import LARGE, SmallCounts


def walk_of(model: NgramModel) -> Walk:
    """The walk of a model, as text is scored with it."""
    model = in_text(model)
    values = model.values
    if isinstance(values, InterpolatedValues):
        return Walk(model, Interpolating(values))
    return Walk(model, BackingOff(values.log10_probs, values.log10_backoffs))


class BackingOff:
    """Log10 probabilities, and backoffs that are added to them (see `StoredRecursion`)."""

    neutral, weighted = 0.0, staticmethod(operator.add)

    def __init__(self, log10_probs: Sequence[object], log10_backoffs: Sequence[object]) -> None:
        """(n-grams,) of each order."""
        self._log10_probs: list[Sequence[float]] = [views(array) for array in log10_probs]
        self._log10_backoffs: list[Sequence[float]] = [views(array) for array in log10_backoffs]

    def of_word(self, word: int) -> float:
        """See `Arithmetic`."""
        return self._log10_probs[0][word]

    def of_history(self, length: int, entry: int) -> tuple[float, float]:
        """See `Arithmetic`."""
        return self._log10_backoffs[length - 1][entry], 1.0

    def stored(self, length: int, entry: int, weighted: float, divisor: float) -> float:  # noqa: ARG002 (it stands for itself)
        """See `Arithmetic`."""
        return self._log10_probs[length][entry]

    def log10(self, score: float) -> float:
        """See `Arithmetic`."""
        return score


class Interpolating:
    """Probabilities, of which a history has a share, and passes on the rest (see `InterpolatedRecursion`)."""

    neutral, weighted = 1.0, staticmethod(operator.mul)

    def __init__(self, values: InterpolatedValues) -> None:
        shorter = values.full_histories and values.order > 1
        self._word_probs: Sequence[float] = views(values.lowest if shorter else values.word_probs)
        self._codes: list[Sequence[int]] = [views(codes) for codes in values.codes]
        self._weights = [shares.weights.tolist() for shares in values.shares]
        self._divisors = [shares.divisors.tolist() for shares in values.shares]
        self._counts: list[SmallCounts] = list(values.small_counts)
        self._small: list[Sequence[int]] = [views(counts.small) for counts in values.small_counts]
        self._places: list[Sequence[int]] = [views(counts.places) for counts in values.small_counts]
        # By small count, what an n-gram has of it; of large ones, what is taken off
        self._own = [values.own(length, np.arange(LARGE + 1)).tolist() for length in range(1, values.order + 1)]
        self._largest_discounts = [float(discounts[-1]) for discounts in values.discounts]
        ends = bos_ends(values.orders)[:-1] if values.full_histories else [len(order) for order in values.orders[:-1]]
        # Of each length, the first histories so many; others have no words of their own. Longest ones are full.
        self._full = [*ends[:-1], len(values.orders[-2])] if values.order > 1 else []

    def of_word(self, word: int) -> float:
        """See `Arithmetic`."""
        return self._word_probs[word]

    def of_history(self, length: int, entry: int) -> tuple[float, float]:
        """See `Arithmetic`."""
        if entry >= self._full[length - 1]:
            return 1.0, math.inf
        code = self._codes[length - 1][entry]
        return self._weights[length][code], self._divisors[length][code]

    def stored(self, length: int, entry: int, weighted: float, divisor: float) -> float:
        """See `Arithmetic`."""
        small = self._small[length][entry]
        own = self._own[length][small] if small < LARGE else self._of_large(length, entry)
        return weighted + own / divisor

    def _of_large(self, length: int, entry: int) -> float:
        """A count of 255 and more, less its discount. length: of the history."""
        counts = self._counts[length]
        count = int(counts.large[bisect_left(self._places[length], entry)])
        return count - self._largest_discounts[length]

    def log10(self, score: float) -> float:
        """See `Arithmetic`."""
        if 0.0 < score < 1.0:
            return math.log(score) * LOG10_E
        return 0.0 if score > 0.0 else -math.inf  # what rounding has left above 1 is 1
