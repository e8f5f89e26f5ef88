"""Models with fewer n-grams: the structure of what is kept."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.orders import Order


def select_ngrams(model: NgramModel, kept: Sequence[NDArray[np.bool_]]) -> NgramModel:
    """The model without the n-grams that are not kept; values are as they were.

    kept: (n-grams,) of each order; all of order 1, and the history of every n-gram that is kept.
    """
    orders = [model.orders[0]]
    for order, below, mask in zip(model.orders[1:], kept, kept[1:], strict=False):
        orders.append(select_rows(order, below, mask))
    return model.with_values(
        [values[mask] for values, mask in zip(model.log10_probs, kept, strict=True)],
        [values[mask] for values, mask in zip(model.log10_backoffs, kept, strict=False)],
        orders=tuple(orders),
    )


def select_rows(order: Order, histories: NDArray[np.bool_], ngrams: NDArray[np.bool_]) -> Order:
    """The order with these histories (rows,) and n-grams (entries,) only."""
    before = np.zeros(len(ngrams) + 1, order.indptr.dtype)
    np.cumsum(ngrams, out=before[1:])
    lengths = np.diff(before.take(order.indptr))[histories]
    indptr = np.zeros(len(lengths) + 1, order.indptr.dtype)
    np.cumsum(lengths, out=indptr[1:])
    return Order(indptr, order.indices[ngrams])
