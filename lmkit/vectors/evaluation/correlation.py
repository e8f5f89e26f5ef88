"""Spearman's rank correlation, of data and of samples of them, which draw some pairs more than once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.threads import map_in_order
from lmkit.scoring.bootstrap import DRAWS, drawn_items

Floats = NDArray[np.float64]
LEAST_PAIRS = 3  # of which a correlation says anything


def spearman(one: Floats, other: Floats) -> float:
    """The rank correlation of two figures (pairs,), ties having the mean of their ranks; NaN if one of them is the same for all."""
    return float(weighted(one, other)(np.ones((1, len(one))))[0])


def undefined(pairs: int) -> str:
    """Why so many pairs have no rank correlation."""
    if pairs < LEAST_PAIRS:
        return f"a correlation needs {LEAST_PAIRS} pairs, and no more than {pairs} are covered"
    return "all cosines, or all judgements, are the same"


def weighted(one: Floats, other: Floats) -> Callable[[Floats], Floats]:
    """The rank correlation of figures (pairs,) where each pair is there as often as weights (samples, pairs) say: (samples,)."""
    sides = [Ranks(one), Ranks(other)]

    def of(weights: Floats) -> Floats:
        total = weights.sum(axis=1, keepdims=True)
        x, y = (side.of(weights) - (total + 1) / 2 for side in sides)  # the mean of ranks is that of 1 to their number
        with np.errstate(invalid="ignore", divide="ignore"):
            found = (weights * x * y).sum(axis=1) / np.sqrt(
                (weights * x * x).sum(axis=1) * (weights * y * y).sum(axis=1)
            )
        clipped: Floats = np.clip(found, -1, 1)
        return clipped

    return of


class Ranks:
    """The ranks of figures (items,) in samples that have each item a number of times."""

    def __init__(self, values: Floats) -> None:
        self._order = np.argsort(values, kind="stable")
        ordered = values[self._order]
        begins = np.concatenate((np.ones(1, bool), ordered[1:] != ordered[:-1]))
        self._starts = np.flatnonzero(begins)
        self._group = np.empty(len(values), np.int64)  # of items with the same figure
        self._group[self._order] = np.cumsum(begins) - 1

    def of(self, weights: Floats) -> Floats:
        """(samples, items) the ranks, weights being (samples, items); what a sample has not counts for nothing."""
        sizes = np.add.reduceat(weights[:, self._order], self._starts, axis=1)
        ranks = np.cumsum(sizes, axis=1) - (sizes - 1) / 2
        return ranks[:, self._group]


def samples_of(items: int, samples: int, seed: int, measure: Callable[[Floats], Floats], workers: int | None) -> Floats:
    """(samples,) what `measure` makes of weights (samples, items), how often each item is in each sample."""
    at_once = max(1, DRAWS // items)

    def of_some(first: int) -> Floats:
        number = min(at_once, samples - first)
        begins = np.arange(number)[:, None] * items
        weights = np.zeros(number * items, np.int64)
        for drawn in drawn_items(items, first, number, seed):
            weights += np.bincount((drawn + begins).ravel(), minlength=len(weights))
        return measure(weights.reshape(number, items).astype(np.float64))

    return np.concatenate(list(map_in_order(of_some, range(0, samples, at_once), workers)))
