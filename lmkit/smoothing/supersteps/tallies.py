"""The second step: the counts that a smoothing looks at, and what follows each history, added up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, IndexArray
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import packed, unpacked
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.supersteps.counting import SLICE
from lmkit.ngrams.counting.supersteps.slices import Arrays, chain_of_slice
from lmkit.ngrams.trie.suffixes import missing_suffixes
from lmkit.ngrams.trie.tracing import cells_of
from lmkit.ngrams.values.history_counts import HistoryCoder
from lmkit.ngrams.values.small_counts import SmallCounts
from lmkit.smoothing.adjusted_counts import adjust_counts, counts_of_counts, room_for_left_words
from lmkit.smoothing.counted_evidence import CountedNgrams, raw_counts
from lmkit.smoothing.registry import Counted
from lmkit.smoothing.supersteps.suffixes import SUFFIXES

NUMBERS = "counts of counts"  # a kind: (orders from 2 on, 4)
CODED = 3  # the order from which on no row of a history lies in two ranges


def tally_kind(length: int) -> str:
    """The kind of the message with the tally of an order of a range."""
    return f"tally {length}"


@dataclass(frozen=True, eq=False)
class Tallies:
    """How the n-grams of ranges are added up."""

    types: int
    cuts: NDArray[np.int64]
    counts: Counted  # what the smoothing looks at
    drops_unknown: bool  # n-grams with <unk> are no part of the model
    resources: Resources

    def __call__(self, number: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To the driver, the counts of counts of a range, and the tally of each of its orders."""
        (own,) = (unpacked(message) for message in messages if message.kind == SLICE)
        chain = chain_of_slice(own, self.cuts[number : number + 2], self.types)
        heard = [unpacked(message) for message in messages if message.kind == SUFFIXES]
        left = left_words(chain, heard, self.cuts[number : number + 2]) if self.counts == "adjusted" else {}

        def values_of(chain: Chain, length: int, scratch: Scratch) -> CountArray:
            if self.counts == "raw":
                return raw_counts(chain, length, scratch)
            return adjust_counts(chain, length, scratch, left.pop(length, None))

        ngrams, numbers = CountedNgrams(chain, self.drops_unknown), []
        for length in range(2, len(chain.orders) + 1):
            looked_at = ngrams.values(values_of, length, chain.scratch)
            numbers.append(counts_of_counts(looked_at))
            counts = SmallCounts.of(ngrams.of_model(looked_at, length, chain.scratch))
            arrays: Arrays = {each.name: getattr(counts, each.name) for each in fields(counts)}
            if length >= CODED:
                order = ngrams.order_of_model(length)
                coder = HistoryCoder(len(order.indptr) - 1, chain.scratch)
                coder.add_up(order, counts, self.resources.workers)
                arrays |= coder.arrays()
            yield Message(DRIVER, number, tally_kind(length), packed(arrays))
        yield Message(DRIVER, number, NUMBERS, packed({NUMBERS: np.stack(numbers)}))


def left_words(chain: Chain, heard: Sequence[Arrays], between: NDArray[np.int64]) -> dict[int, CountArray]:
    """By length, the number (n-grams,) of distinct words before each n-gram of a range, which no two of those that were heard of have in common.

    heard: slices of suffixes from all ranges; between: the cuts of this one. DataError where an n-gram of theirs is not in the range.
    """
    lengths = range(2, len(chain.orders))
    left = {length: room_for_left_words(chain, length, chain.scratch) for length in lengths}
    cells = cells_of(chain.orders, len(chain.orders[0]))
    for arrays in heard:
        suffixes = chain_of_slice(arrays, between, len(chain.orders[0]))
        entries: IndexArray = suffixes.orders[0].indices
        for length, order in zip(lengths, suffixes.orders[1:], strict=True):
            entries = cells[length - 2].lookup(take(entries, row_numbers(order.indptr)), order.indices)
            if entries.min(initial=0) < 0:
                raise missing_suffixes(length + 1)
            left[length][entries] += suffixes.counts[length - 1]
    return left
