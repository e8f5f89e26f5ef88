"""What a model that is kept as counts needs of an order, beside its rule."""

from dataclasses import dataclass

from lmkit.engine.arrays import CountArray
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.history_counts import HistoryCoder
from lmkit.ngrams.values.small_counts import SmallCounts


@dataclass(frozen=True, eq=False)
class Tally:
    """The n-grams of an order, and what follows their histories."""

    counts: SmallCounts
    coder: HistoryCoder | None  # of all histories; of words alone, which follow the empty one, none


def tally_of(order: Order, length: int, values: CountArray, scratch: Scratch, workers: int | None) -> Tally:
    """The tally of the n-grams of a length, made in `scratch`. values: (n-grams,) their counts."""
    counts = SmallCounts.of(values, scratch)
    if length == 1:
        return Tally(counts, None)
    coder = HistoryCoder(len(order.indptr) - 1, scratch)
    coder.add_up(order, counts, workers)
    return Tally(counts, coder)
