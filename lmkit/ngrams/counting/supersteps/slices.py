"""Slices of a chain: the n-grams of a range, whole rows of histories, so that they can be merged without the others."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.runners.payloads import in_planes, of_planes
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.trie.orders import Order

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
