"""The first step: how many distinct words stand before n-grams, as far as a range sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import packed, unpacked
from lmkit.engine.runners.protocol import Message
from lmkit.engine.sparse import group_many
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.runs import CompactCounts, compact
from lmkit.ngrams.counting.supersteps.counting import SLICE
from lmkit.ngrams.counting.supersteps.slices import chain_of_slice, slices_of
from lmkit.ngrams.trie.orders import Order

SUFFIXES = "suffixes"  # a kind


@dataclass(frozen=True, eq=False)
class Suffixes:
    """How suffixes are told."""

    types: int
    cuts: NDArray[np.int64]  # (ranges + 1, 2) see `even_cuts`
    resources: Resources

    def __call__(self, number: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To each range, those of its n-grams that end n-grams of this one, with the number of distinct words before them here; the range's own n-grams stay with it."""
        (message,) = messages
        chain = chain_of_slice(unpacked(message), self.cuts[number : number + 2], self.types)
        for target, arrays in slices_of(suffixes_in(chain, self.resources.workers), self.cuts):
            yield Message(target, number, SUFFIXES, packed(arrays))
        yield Message(number, number, SLICE, message.payload)


def suffixes_in(chain: Chain, workers: int | None) -> Chain:
    """The distinct suffixes of the n-grams of a chain, each with the number of distinct words before it; single words are not counted."""
    types = len(chain.orders[0])
    orders = [chain.orders[0]]
    counts: list[CompactCounts] = [np.zeros(types, np.uint8)]
    entries: IndexArray = chain.orders[1].indices  # of each n-gram, its suffix
    for order in chain.orders[2:]:
        histories = take(entries, row_numbers(order.indptr))
        indptr, words, entries = group_many(histories, order.indices, (len(orders[-1]), types), workers)
        orders.append(Order(indptr, words))
        counts.append(compact(np.bincount(entries, minlength=len(words))))
    return Chain(tuple(orders), (), tuple(counts))
