"""The suffixes of n-grams, in a chain that holds each n-gram without its first word, too: those of counts do."""

from collections.abc import Sequence

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.engine.pieces import in_pieces
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.trie.tracing import cells_of


def suffixes_of(
    orders: Sequence[Order], scratch: Scratch | None = None, workers: int | None = None
) -> tuple[IndexArray, ...]:
    """For each order, the entry (n-grams,) of each n-gram without its first word, one order down; made in `scratch`.

    DataError where one is not there.
    """
    scratch = scratch or Scratch()
    found: list[IndexArray] = [np.zeros(0, np.int32)]
    steps = cells_of(orders, len(orders[0]))
    for length, order in enumerate(orders[1:], start=2):
        if length == 2:
            found.append(order.indices)
            continue
        suffixes: IndexArray = scratch.allocate(len(order), order.indptr.dtype)

        def look_up(
            piece: tuple[int, int],
            order: Order = order,
            step: int = length - 3,
            below: IndexArray = found[-1],
            suffixes: IndexArray = suffixes,
        ) -> None:
            histories, words = order.ngrams_between(*piece)
            suffixes[slice(*piece)] = steps[step].lookup(below.take(histories), words)

        in_pieces(f"finding the suffixes of {length}-grams", look_up, len(order), workers, scratch)
        if len(suffixes) and suffixes.min() < 0:
            raise DataError(
                f"the model is damaged: it has {length}-grams, and not all of them without their first words.",
                "Make it again of its counts.",
            )
        found.append(suffixes)
    return tuple(found)
