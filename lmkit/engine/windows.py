"""How often a word stands in a window before each of its occurrences: in one sort of the words, whatever the window."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def counts_in_windows(words: NDArray[Any], lows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(words,) how often each word stands among those from its low, which may be itself, to before it.

    lows: (words,) the first place of the window of each.
    """
    order, before = occurrences(words, lows)
    counts = np.empty(len(words), np.int64)
    counts[order] = before
    return counts


def weights_in_windows(
    words: NDArray[Any], lows: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(words,) the sum of the weights of these occurrences. weights: of those 1, 2, … places back, never rising; 0 beyond.

    The nearest ones are added first, one after the other, and what would change no digit of the sum ends it: so the sum is the same
    whatever else is among the words. Work: the number of pairs of a word and an earlier occurrence that counts.
    """
    order, before = occurrences(words, lows)
    sums = np.zeros(len(words))
    left, back = np.flatnonzero(before), 1  # those in the order of words that have one more occurrence
    while len(left):
        distances = order[left] - order[left - back]
        added = weights.take(distances - 1)
        sums[left] += added
        back += 1
        left = left[(before[left] >= back) & (added > sums[left] * np.finfo(float).epsneg / 2)]
    found = np.empty(len(words))
    found[order] = sums
    return found


def occurrences(words: NDArray[Any], lows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the words in the order of words, then places, and of each, in this order, the number of occurrences from its low to before it."""
    order = np.argsort(words, kind="stable")
    first_of_word = words[order].astype(np.int64) * (len(words) + 1)
    low = np.searchsorted(first_of_word + order, first_of_word + lows[order])
    return order, np.arange(len(words)) - low
