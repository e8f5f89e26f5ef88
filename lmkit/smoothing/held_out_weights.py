"""The weights of Jelinek–Mercer smoothing: one for all histories, or those that make a held-out text most probable.

The latter depend on the order and on how often the history was seen, in buckets that double: 1, 2–3, 4–7, …; they are
found by expectation maximisation (Baum–Welch).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import row_sums
from lmkit.errors import DataError
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.limiting import without_unknown
from lmkit.ngrams.trie.tracing import histories_of, trace_ngrams
from lmkit.ngrams.values.history_counts import HistoryCounts
from lmkit.ngrams.within import NumberedText
from lmkit.smoothing.counted_evidence import raw_counts
from lmkit.smoothing.counted_rows import DividingRule, Shares
from lmkit.text.ids.texts import ids_of_texts
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import UNK, events_mask, predicted_in

BUCKETS = 48  # of history counts, each twice as wide as the one before
ROUNDS = 200  # of expectation maximisation, at most
CONVERGED = 1e-9  # gain of a round in log10 probability a token at which it ends
SMALLEST_WEIGHT = 1e-6  # weights stay this far from 0 and 1
POOLED = 100  # held-out tokens that a weight is estimated from, at least: smaller buckets share one


def weighting(table: NDArray[np.float64]) -> DividingRule:
    """The rule f = λ c / C, γ = 1 − λ. table: (buckets,) λ by the count of the history."""

    def divide(histories: HistoryCounts) -> Shares:
        taken = table.take(bucket_of(histories.totals))
        return histories.totals / taken, 1.0 - taken

    return DividingRule(divide)


def same_weights(orders: int, weight: float) -> list[NDArray[np.float64]]:
    """For each order, one weight for all buckets (buckets,)."""
    return [np.full(BUCKETS, weight)] * orders


def bucket_of(totals: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bucket of each history count: the whole part of its logarithm to base 2."""
    buckets: NDArray[np.int64] = np.minimum(np.frexp(totals)[1] - 1, BUCKETS - 1).astype(np.int64)
    return buckets


@dataclass(frozen=True, eq=False)
class HeldOutOrder:
    """What an order knows of the tokens of a held-out text."""

    likelihoods: NDArray[np.float64]  # (tokens,) maximum likelihood of each after its history
    buckets: NDArray[np.int64]  # (tokens,) of the history; −1 where it was not seen


def estimate_weights(counts: NgramCounts, held_out: Texts | NumberedText, closed: bool) -> list[NDArray[np.float64]]:
    """For each order, the weights (buckets,) that make the held-out texts most probable. closed: <unk> is no event."""
    if isinstance(held_out, NumberedText):
        tokens = held_out.tokens
    else:
        tokens = ids_of_texts(held_out, counts.settings, counts.vocabulary)
    if closed:
        counts = without_unknown(counts)
    orders = held_out_orders(counts, tokens, closed)
    pools = [pool_buckets(order.buckets) for order in orders]
    orders = [
        replace(order, buckets=np.where(order.buckets >= 0, pool.take(order.buckets, mode="clip"), -1))
        for order, pool in zip(orders, pools, strict=True)
    ]
    events = events_mask(len(counts.vocabulary), closed=closed, marks=counts.settings.sentence_marks)
    uniform = 1.0 / events.sum()
    weights = [np.full(BUCKETS, 0.5) for _ in orders]
    advance = stage("estimating weights", ROUNDS)
    before = -np.inf
    for _ in range(ROUNDS):
        likelihood, weights = improve_weights(orders, weights, uniform)
        advance(1)
        if likelihood - before < CONVERGED:
            break
        before = likelihood
    return [table.take(pool) for table, pool in zip(weights, pools, strict=True)]


def pool_buckets(buckets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(BUCKETS,) the pool of each bucket: neighbours are put together until POOLED tokens, or all, fall into a pool.

    buckets: (tokens,) the bucket of each held-out token; −1: none.
    """
    sizes = np.bincount(buckets[buckets >= 0], minlength=BUCKETS)
    pools = np.zeros(BUCKETS, np.int64)
    pool, size, left = 0, 0, int(sizes.sum())
    for bucket in range(BUCKETS):
        if size >= POOLED and left >= POOLED:
            pool, size = pool + 1, 0
        pools[bucket] = pool
        size += int(sizes[bucket])
        left -= int(sizes[bucket])
    return pools


def held_out_orders(counts: NgramCounts, tokens: NDArray[np.int32], closed: bool) -> list[HeldOutOrder]:
    """What each order knows of the predicted tokens; in a closed vocabulary, of those that have a probability."""
    predicted = predicted_in(tokens)
    if closed:
        predicted &= tokens != UNK
    if not predicted.any():
        raise DataError(
            "the held-out text has no known word.", "Is it in the same language, in the same shape (lower case)?"
        )
    traced = trace_ngrams(counts.orders, len(counts.vocabulary), tokens)
    orders = []
    for length, order in enumerate(counts.orders, start=1):
        values = raw_counts(counts.chain, length, Scratch()).astype(np.float64)
        totals = row_sums(order.indptr, values)
        histories = np.zeros(len(tokens), np.int64) if length == 1 else histories_of(traced[length - 2], tokens)
        entries, histories = traced[length - 1][predicted], histories[predicted]
        total, count = values_at(totals, histories), values_at(values, entries)
        seen = total > 0
        likelihoods = np.divide(count, total, out=np.zeros(len(total)), where=seen)
        orders.append(HeldOutOrder(likelihoods, np.where(seen, bucket_of(np.where(seen, total, 1.0)), -1)))
    return orders


def values_at(values: NDArray[np.float64], places: IndexArray) -> NDArray[np.float64]:
    """(places,) the values there; 0 for a place of -1, as all are where no n-gram is long enough."""
    return np.append(values, 0.0).take(places)  # the place -1 is the last


def improve_weights(
    orders: Sequence[HeldOutOrder], weights: Sequence[NDArray[np.float64]], uniform: float
) -> tuple[float, list[NDArray[np.float64]]]:
    """One round of expectation maximisation: the log10 probability a token before it, and the new weights.

    A token is generated from the highest order down: order k gives it with its weight, else the one below is asked.
    """
    probs = [np.full(len(orders[0].likelihoods), uniform)]
    used = []
    for order, table in zip(orders, weights, strict=True):
        taken = np.where(order.buckets >= 0, table.take(order.buckets, mode="clip"), 0.0)
        used.append(taken)
        probs.append(taken * order.likelihoods + (1.0 - taken) * probs[-1])
    likelihood = float(np.log10(probs[-1]).mean())
    improved = []
    reached = np.ones(len(probs[0]))  # the chance that this order was asked
    for order, table, taken, prob in reversed(list(zip(orders, weights, used, probs[1:], strict=True))):
        given = reached * taken * order.likelihoods / prob
        seen = order.buckets >= 0
        numbers = order.buckets[seen]
        asked = np.bincount(numbers, reached[seen], BUCKETS)
        gave = np.bincount(numbers, given[seen], BUCKETS)
        better = np.divide(gave, asked, out=table.copy(), where=asked > 0)
        improved.append(np.clip(better, SMALLEST_WEIGHT, 1.0 - SMALLEST_WEIGHT))
        reached = reached - given
    return likelihood, improved[::-1]
