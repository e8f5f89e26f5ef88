"""Slices of a chain: the n-grams of a range, whole rows of histories, so that they can be worked on without the others."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.runners.payloads import in_planes, of_planes
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.trie.orders import Order, first_order

Arrays = dict[str, NDArray[Any]]


def order_arrays(k: int, lengths: IndexArray, words: IndexArray, counts: NDArray[Any]) -> Arrays:
    """One order of a slice: the lengths of its rows, the last word of each n-gram, ascending within a row, and its count."""
    return {f"lengths.{k}": compact(lengths), f"words.{k}": in_planes(words), f"counts.{k}": counts}


def arrays_of_order(arrays: Arrays, k: int) -> tuple[IndexArray, IndexArray, NDArray[Any]]:
    """The same of an order of a slice: lengths (rows,), words and counts (n-grams,)."""
    return arrays[f"lengths.{k}"], of_planes(arrays[f"words.{k}"]), arrays[f"counts.{k}"]


def rows_between(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[int, int]:
    """The first words from a cut up to another one (see `cuts_of`)."""
    return int(first[0]), int(last[0]) + bool(last[1])


def place_of(bigrams: Order, cut: NDArray[np.int64]) -> int:
    """The first bigram at or after a cut."""
    word, second = cut.tolist()
    start = int(bigrams.indptr[word])
    if not second:
        return start
    row = bigrams.indices[start : int(bigrams.indptr[word + 1])]
    return start + int(np.searchsorted(row, row.dtype.type(second)))


def slices_of(chain: Chain, cuts: NDArray[np.int64]) -> Iterator[tuple[int, Arrays]]:
    """Each range between cuts in which there are n-grams, and these from order 2 on."""
    bigrams = chain.orders[1]
    for number, (low, high) in enumerate(pairwise(cuts)):
        first, last = place_of(bigrams, low), place_of(bigrams, high)
        if first == last:
            continue
        rows = slice(*rows_between(low, high))
        bounds = np.clip(bigrams.indptr[rows.start : rows.stop + 1], first, last)
        arrays = order_arrays(2, np.diff(bounds), bigrams.indices[first:last], chain.counts[1][first:last])
        for k, (order, counts) in enumerate(zip(chain.orders[2:], chain.counts[2:], strict=True), start=3):
            bounds = order.indptr[first : last + 1]
            first, last = int(bounds[0]), int(bounds[-1])
            arrays |= order_arrays(k, np.diff(bounds), order.indices[first:last], counts[first:last])
        yield number, arrays


def chain_of_slice(arrays: Arrays, between: NDArray[np.int64], types: int) -> Chain:
    """The chain of the n-grams of a slice: its order 1 is all words, uncounted, and its suffixes are not there. between: the two cuts."""
    orders, counts = [first_order(types)], [np.zeros(types, np.uint8)]
    for k in range(2, 2 + sum(name.startswith("counts.") for name in arrays)):
        lengths, words, own = arrays_of_order(arrays, k)
        low, high = rows_between(*between) if k == 2 else (0, len(orders[-1]))
        indptr = np.zeros(len(orders[-1]) + 1, index_dtype(max(len(words), len(orders[-1]))))
        np.cumsum(lengths, out=indptr[low + 1 : high + 1])
        indptr[high + 1 :] = len(words)
        orders.append(Order(indptr, words))
        counts.append(own)
    return Chain(tuple(orders), (), tuple(counts))


def even_cuts(chain: Chain, ranges: int) -> NDArray[np.int64]:
    """(ranges + 1, 2) first and second words between which ranges lie in which about as many n-grams from order 2 on begin; fewer where there are few bigrams.

    A range holds the n-grams from its first cut on, up to the next one. A cut lies within a first word wherever that is even.
    """
    bigrams = chain.orders[1]
    bounds: NDArray[Any] = np.arange(len(bigrams) + 1)
    before = bounds.astype(np.int64)  # (bigrams + 1,) how many n-grams begin with those before each bigram
    for order in chain.orders[2:]:
        bounds = order.indptr.take(bounds)
        before += bounds
    wanted = int(before[-1]) * np.arange(1, ranges) // ranges
    places = np.unique(np.searchsorted(before, wanted)).astype(bigrams.indptr.dtype)
    places = places[places < len(bigrams)]
    words = bigrams.histories_of(places)
    seconds = np.where(bigrams.indptr.take(words) == places, 0, bigrams.indices.take(places))
    cuts = {(0, 0), *zip(words.tolist(), seconds.tolist(), strict=True), (len(bigrams.indptr) - 1, 0)}
    return np.array(sorted(cuts), np.int64)
