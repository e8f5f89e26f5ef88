"""Backoffs that make the probabilities after each history sum to 1.

backoff(h) = (1 − Σ p(w|h)) / (1 − Σ p(w|h′)), the sums over the words stored after h, and h′ the history without its first
word (Katz 1987).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.pieces import PIECE
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.automaton import HistoryStates
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.protocol import Precision, log10, precision_of

NOTHING_LEFT: dict[Precision, float] = {"single": 1e-6, "double": 1e-10}


def nothing_left(dtype: np.dtype[Any] | type[np.floating[Any]]) -> float:
    """The probability up to which rounding is all there is in 1 minus the sum of probabilities stored in this type."""
    return NOTHING_LEFT[precision_of(dtype)]


def backoff_weights(
    left: NDArray[np.float64], unseen: NDArray[np.float64], nothing: float, followed: NDArray[np.bool_] | bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The backoffs of histories, and the masses by which the probabilities of the words stored after them are to be divided.

    left: 1 − Σ p(w|h); unseen: 1 − Σ p(w|h′), both over the words stored after h; followed: whether there are any (all arrays are
    (histories,)). Where the order below has nothing for other words, there is nothing to back off to, and the words stored
    after h take all the mass.
    """
    full = followed & (unseen <= nothing)
    weights = np.divide(left, unseen, out=np.zeros_like(left), where=~full)
    return weights, np.where(full & (left < 1.0), 1.0 - np.minimum(left, 1.0 - nothing), 1.0)


def lower_log10_probs(
    states: HistoryStates,
    length: int,
    log10_probs: Sequence[FloatArray],
    log10_backoffs: Sequence[FloatArray],
    workers: int | None = None,
) -> NDArray[np.float64]:
    """(n-grams of this length,) log10 p(w|h′) of each n-gram hw. The arrays of the orders below are looked at."""
    order = states.orders[length - 1]
    lower = np.empty(len(order))

    def look_up(piece: tuple[int, int]) -> None:
        first, last = piece
        histories, words = order.ngrams_between(first, last)
        lower[first:last], _ = states.step(states.links[length - 2].take(histories), words, log10_probs, log10_backoffs)

    pieces = ((first, min(first + PIECE, len(order))) for first in range(0, len(order), PIECE))
    for _ in map_in_order(look_up, pieces, workers):
        pass
    return lower


def masses(order: Order, log10_probs: FloatArray) -> NDArray[np.float64]:
    """(histories,) the probabilities of the n-grams of each history added up."""
    return row_sums(order.indptr, 10.0 ** log10_probs.astype(np.float64))


def normalize_backoffs(
    orders: Sequence[Order], types: int, log10_probs: Sequence[FloatArray], workers: int | None = None
) -> tuple[list[NDArray[np.float64]], list[FloatArray]]:
    """The backoffs (n-grams,) of each order but the highest, and the probabilities that go with them.

    The probabilities are those given, but for histories below which nothing is left for other words: there they are
    scaled to sum to 1.
    """
    states = HistoryStates(orders, types, workers)
    log10_backoffs: list[NDArray[np.float64]] = []
    normalized = [log10_probs[0]]
    for length, order in enumerate(orders[1:], start=2):
        probs = log10_probs[length - 1]
        seen = masses(order, lower_log10_probs(states, length, normalized, log10_backoffs, workers))
        left, unseen = 1.0 - masses(order, probs), 1.0 - seen
        has_followers = np.diff(order.indptr) > 0
        left = np.where(has_followers, np.maximum(left, 0.0), 1.0)
        weights, shares = backoff_weights(left, unseen, nothing_left(probs.dtype), has_followers)
        log10_backoffs.append(log10(weights))
        if (shares != 1.0).any():
            probs = (probs - np.repeat(np.log10(shares), np.diff(order.indptr))).astype(probs.dtype)
        normalized.append(probs)
    return log10_backoffs, normalized
