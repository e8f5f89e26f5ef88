"""The suffixes of n-grams: the n-grams without their first words, one order down. Chains of counts hold them all; others may not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import CellIndex, bucket, row_numbers, take
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.scratch import DiskScratch, Scratch
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.trie.tracing import cells_of


def suffixes_of(
    orders: Sequence[Order], scratch: Scratch | None = None, workers: int | None = None
) -> tuple[IndexArray, ...]:
    """For each order, the entry (n-grams,) of each n-gram without its first word, one order down; −1: it is not stored.

    Made in `scratch`; that of a bigram is its last word.
    """
    scratch = scratch or Scratch()
    found: list[IndexArray] = [np.zeros(0, np.int32), *(order.indices for order in orders[1:2])]
    steps = cells_of(orders, len(orders[0]))[: len(orders) - 2]
    runs = runs_of(orders, scratch) if steps else np.zeros(0, np.int32)
    starts: IndexArray = np.arange(len(runs) + 1)
    for length, (order, step) in enumerate(zip(orders[2:], steps, strict=True), start=3):
        suffixes: IndexArray = scratch.allocate(len(order), order.indptr.dtype)
        starts = order.indptr.take(starts)
        search = SuffixSearch(order, step, found[-1], suffixes, starts.take(runs), np.diff(starts).take(runs))
        advance = stage(f"finding the suffixes of {length}-grams", len(order))
        for done in map_in_order(search.find, search.pieces(), workers):
            advance(done)
            scratch.release()
        found.append(suffixes)
    return tuple(found)


def runs_of(orders: Sequence[Order], scratch: Scratch) -> IndexArray:
    """(bigrams,) the bigrams in the order in which the n-grams that begin with them are looked at: by last word.

    The suffixes of all that have the same second word are the n-grams that begin with it, which lie side by side: so most of what is
    looked up is in the caches of the processor. On disk, where arrays should be written from the first page to the last, they stay as they are.
    """
    bigrams = orders[1]
    entries = np.arange(len(bigrams), dtype=bigrams.indptr.dtype)
    if isinstance(scratch, DiskScratch):
        return entries
    last_words = bigrams.indices.astype(entries.dtype, copy=False)
    return bucket(last_words, last_words, entries, len(orders[0]))[2]


@dataclass(frozen=True, eq=False)
class SuffixSearch:
    """What finds the suffixes of an order."""

    order: Order
    step: CellIndex  # down to the order below
    below: IndexArray  # (n-grams below,) the suffixes of the order below
    suffixes: IndexArray  # (n-grams,) is filled in
    starts: IndexArray  # (runs,) where the n-grams of each run begin
    lengths: IndexArray  # (runs,)

    def pieces(self) -> Iterator[tuple[int, int]]:
        """Ranges of runs with about as many n-grams each."""
        bounds = np.zeros(len(self.lengths) + 1, np.int64)
        np.cumsum(self.lengths, out=bounds[1:])
        return row_pieces(bounds)

    @cached_property
    def histories(self) -> IndexArray:
        """(n-grams,) the history of each."""
        return row_numbers(self.order.indptr)

    def find(self, runs: tuple[int, int]) -> int:
        """Fill in the suffixes of the n-grams of some runs; returns how many these are."""
        lengths = self.lengths[slice(*runs)]
        ends = np.cumsum(lengths, dtype=lengths.dtype)
        places = row_numbers(np.concatenate((np.zeros(1, ends.dtype), ends)))
        places = take(self.starts[slice(*runs)] - (ends - lengths), places)
        places += np.arange(len(places), dtype=places.dtype)
        below = take(self.below, take(self.histories, places))
        self.suffixes[places] = self.step.find(below, take(self.order.indices, places))
        return len(places)


def all_suffixes_of(
    orders: Sequence[Order], scratch: Scratch | None = None, workers: int | None = None
) -> tuple[IndexArray, ...]:
    """The same of a chain of counts. DataError where a suffix is not stored."""
    found = suffixes_of(orders, scratch, workers)
    for length, suffixes in enumerate(found, start=1):
        if len(suffixes) and suffixes.min() < 0:
            raise missing_suffixes(length)
    return found


def missing_suffixes(length: int) -> DataError:
    """The error for a chain of counts that lacks the suffixes of some of its n-grams of a length."""
    return DataError(
        f"the model is damaged: it has {length}-grams, and not all of them without their first words.",
        "Make it again of its counts.",
    )
