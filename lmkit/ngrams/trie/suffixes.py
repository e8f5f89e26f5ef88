"""The suffixes of n-grams: the n-grams without their first words, one order down. Chains of counts hold them all; others may not."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import CellIndex, take
from lmkit.engine.pieces import in_pieces
from lmkit.engine.scratch import Scratch
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
    for length, (order, step) in enumerate(zip(orders[2:], cells_of(orders, len(orders[0])), strict=False), start=3):
        suffixes: IndexArray = scratch.allocate(len(order), order.indptr.dtype)
        look_up = partial(find_suffixes, order, step, found[-1], suffixes)
        in_pieces(f"finding the suffixes of {length}-grams", look_up, len(order), workers, scratch)
        found.append(suffixes)
    return tuple(found)


def find_suffixes(
    order: Order, step: CellIndex, below: IndexArray, suffixes: IndexArray, piece: tuple[int, int]
) -> None:
    """Fill in the suffixes of a piece of an order. step: down to the order below; below: its suffixes."""
    histories, words = order.ngrams_between(*piece)
    suffixes[slice(*piece)] = step.find(take(below, histories), words)


def all_suffixes_of(
    orders: Sequence[Order], scratch: Scratch | None = None, workers: int | None = None
) -> tuple[IndexArray, ...]:
    """The same of a chain of counts. DataError where a suffix is not stored."""
    found = suffixes_of(orders, scratch, workers)
    for length, suffixes in enumerate(found, start=1):
        if len(suffixes) and suffixes.min() < 0:
            raise DataError(
                f"the model is damaged: it has {length}-grams, and not all of them without their first words.",
                "Make it again of its counts.",
            )
    return found
