"""A chain of orders as a file lists it: histories and suffixes of its n-grams may be missing, and are put in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray, index_dtype
from lmkit.engine.kernels import CellIndex, row_numbers
from lmkit.engine.pieces import row_pieces
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.orders import Order, words_of
from lmkit.ngrams.trie.tracing import IdRows, find_ngrams
from lmkit.text.settings import has_marks
from lmkit.text.vocabulary import UNK

LOG10_ZERO = -99.0  # what stands for the log10 of 0 in files of other tools


@dataclass(frozen=True, eq=False)
class ListedOrder:
    """The n-grams of one length, and where the file has them."""

    order: Order
    types: int  # words in the vocabulary
    log10_probs: FloatArray  # (n-grams,) NaN: not in the file, or not to be read there
    log10_backoffs: FloatArray  # (n-grams,) NaN: none is given
    lines: IndexArray  # (n-grams,) line in the file, from 1; 0: the file has it not; -1: the file has no lines

    @cached_property
    def cells(self) -> CellIndex:
        """To find n-grams by history and word."""
        return CellIndex(self.order.indptr, self.order.indices, self.types)

    @property
    def listed(self) -> NDArray[np.bool_]:
        """(n-grams,) which of them the file has."""
        is_listed: NDArray[np.bool_] = self.lines != 0
        return is_listed

    def with_backoffs_of_missing(self, log10_backoff: float) -> "ListedOrder":
        """The same with this backoff of the n-grams that the file has not: what unseen histories cost."""
        lacking = ~self.listed
        if not lacking.any():
            return self
        log10_backoffs = self.log10_backoffs.copy()
        log10_backoffs[lacking] = log10_backoff
        return replace(self, log10_backoffs=log10_backoffs)


def unigrams_listed(model: NgramModel) -> NDArray[np.int64]:
    """The unigrams that files of other tools have: all, but for <unk> when it is no event, stands in no n-gram, and has no backoff.

    Where sentences have no marks, these are none.
    """
    listed = np.arange(0 if has_marks(model.settings) else UNK, len(model.vocabulary))
    begins = model.order > 1 and model.orders[1].indptr[UNK] < model.orders[1].indptr[UNK + 1]
    used = begins or any((order.indices == UNK).any() for order in model.orders[1:])
    used |= any(backoffs[UNK] != 0 for backoffs in model.log10_backoffs[:1])
    return listed[listed != UNK] if model.closed and not used else listed


def chain_of(model: NgramModel) -> list[ListedOrder]:
    """The n-grams of a model, into which others can be put."""
    chain = []
    for order, probs, backoffs in zip_longest(model.orders, model.log10_probs, model.log10_backoffs):
        size = len(order)
        nothing = np.broadcast_to(np.array(np.nan, probs.dtype), size) if backoffs is None else backoffs
        chain.append(ListedOrder(order, len(model.vocabulary), probs, nothing, np.broadcast_to(np.int32(-1), size)))
    return chain


@dataclass(frozen=True, eq=False)
class NewNgrams:
    """N-grams of one length that are to be put into a chain."""

    ids: IdRows
    log10_probs: FloatArray
    log10_backoffs: FloatArray
    lines: IndexArray

    @classmethod
    def without_values(cls, ids: IdRows) -> "NewNgrams":
        """N-grams that the file has not."""
        unknown = np.full(len(ids), np.nan)
        return cls(ids, unknown, unknown, np.zeros(len(ids), np.int32))


def find(chain: Sequence[ListedOrder], ids: IdRows) -> IndexArray:
    """(n-grams,) the entry of each n-gram in its order; -1 if it is not there."""
    return find_beginnings(chain, ids)[0]


def find_beginnings(chain: Sequence[ListedOrder], ids: IdRows) -> tuple[IndexArray, NDArray[np.int32]]:
    """The entry of each n-gram, and how many words of it, from its first, are not there (see `find_ngrams`)."""
    return find_ngrams([listed.cells for listed in chain[1:]], ids)


def ids_of(chain: Sequence[ListedOrder], length: int, entries: IndexArray) -> IdRows:
    """The words (n-grams, length) of these n-grams."""
    return np.stack(words_of([listed.order for listed in chain], length, entries), axis=1).astype(np.int32)


def entries_of_rows(indptr: IndexArray, rows: IndexArray) -> NDArray[np.int64]:
    """The entries of these rows, one row after the other."""
    starts = indptr[rows].astype(np.int64)
    lengths = indptr[rows + 1] - starts
    bounds = np.cumsum(lengths) - lengths
    return np.repeat(starts - bounds, lengths) + np.arange(int(lengths.sum()))


def put_in(chain: list[ListedOrder], new: NewNgrams) -> None:
    """Put n-grams that are not there into their order. Their histories must be there."""
    k = new.ids.shape[1]
    listed = chain[k - 1]
    rows, columns = find(chain, new.ids[:, :-1]).astype(np.int64), new.ids[:, -1].astype(np.int64)
    keys = rows * listed.types + columns  # 64 bits: a history and a word in one number
    ascending = np.argsort(keys)
    old = np.repeat(np.arange(len(listed.order.indptr) - 1, dtype=np.int64), np.diff(listed.order.indptr))
    old *= listed.types
    old += listed.order.indices
    places = np.searchsorted(old, keys[ascending])
    dtype = index_dtype(len(old) + len(keys))
    lengths = np.diff(listed.order.indptr) + np.bincount(rows, minlength=len(listed.order.indptr) - 1)

    def joined(values: NDArray[Any], added: NDArray[Any]) -> NDArray[Any]:
        return np.insert(values, places, added[ascending].astype(values.dtype))

    indptr = np.concatenate((np.zeros(1, dtype), np.cumsum(lengths, dtype=dtype)))
    chain[k - 1] = replace(
        listed,
        order=Order(indptr, joined(listed.order.indices, columns)),
        log10_probs=joined(listed.log10_probs, new.log10_probs),
        log10_backoffs=joined(listed.log10_backoffs, new.log10_backoffs),
        lines=joined(listed.lines, new.lines),
    )
    if k < len(chain):  # nothing follows the new ones yet
        above = chain[k]
        starts = np.insert(above.order.indptr[:-1], places, above.order.indptr[places])
        starts = np.append(starts, above.order.indptr[-1:])
        chain[k] = replace(above, order=Order(starts, above.order.indices))


def distinct_rows(ids: IdRows) -> IdRows:
    """The distinct n-grams, in order."""
    return np.unique(ids, axis=0)


def put_in_with_histories(chain: list[ListedOrder], new: NewNgrams) -> None:
    """Put n-grams that are not there into their order, and those of their histories that are missing below."""
    lacking = [new]
    while (length := lacking[-1].ids.shape[1]) > 2:
        histories = distinct_rows(lacking[-1].ids[:, :-1])
        histories = histories[find(chain[: length - 1], histories) < 0]
        if not len(histories):
            break
        lacking.append(NewNgrams.without_values(histories))
    for ngrams in reversed(lacking):
        put_in(chain, ngrams)


def suffix_entries(chain: Sequence[ListedOrder]) -> list[IndexArray]:
    """For each order, the entry one order down (n-grams,) of each n-gram without its first word; -1: not there.

    Order 1 has none; its array is empty.
    """
    suffixes: list[IndexArray] = [np.zeros(0, np.int32)]
    for k in range(2, len(chain) + 1):
        order, below = chain[k - 1].order, chain[k - 2]
        if k == 2:
            suffixes.append(order.indices)
            continue
        found: IndexArray = np.empty(len(order), index_dtype(len(below.order)))

        def find_rows(
            rows: tuple[int, int],
            order: Order = order,
            below: ListedOrder = below,
            shorter: IndexArray = suffixes[-1],
            found: IndexArray = found,
        ) -> None:
            here = slice(int(order.indptr[rows[0]]), int(order.indptr[rows[1]]))
            histories = shorter.take(row_numbers(order.indptr, *rows))
            found[here] = below.cells.find(histories, order.indices[here])

        for _ in map_in_order(find_rows, row_pieces(order.indptr), None):
            pass
        suffixes.append(found)
    return suffixes


def complete(chain: list[ListedOrder], suffixes: list[IndexArray]) -> list[IndexArray]:
    """Put in all suffixes that are missing, and their histories, without values; returns all suffixes anew."""
    lacking = [k for k in range(3, len(chain) + 1) if len(suffixes[k - 1]) and suffixes[k - 1].min() < 0]
    if lacking:
        needed: IdRows = np.zeros((0, len(chain)), np.int32)
        new: list[IdRows] = []
        for k in range(len(chain), 2, -1):
            wanted = [needed[:, 1:], needed[:, :-1]]
            if k in lacking:
                wanted.append(ids_of(chain, k, np.flatnonzero(suffixes[k - 1] < 0))[:, 1:])
            needed = distinct_rows(np.concatenate(wanted))
            needed = needed[find(chain, needed) < 0]
            new.append(needed)
        for ids in reversed(new):
            if len(ids):
                put_in(chain, NewNgrams.without_values(ids))
        suffixes = suffix_entries(chain)
    return suffixes


def back_off(chain: list[ListedOrder], suffixes: Sequence[IndexArray], k: int) -> None:
    """Give the k-grams without a probability the one that backing off gives them."""
    listed, below = chain[k - 1], chain[k - 2]
    places = np.flatnonzero(np.isnan(listed.log10_probs))
    if not len(places):
        return
    weights = given(below.log10_backoffs[listed.order.histories_of(places)])
    log10_probs = listed.log10_probs.copy()
    log10_probs[places] = weights + below.log10_probs[suffixes[k - 1][places]]
    chain[k - 1] = replace(listed, log10_probs=log10_probs)


def given(log10_backoffs: FloatArray) -> NDArray[np.float64]:
    """The backoffs, 0 where none is given."""
    return np.where(np.isnan(log10_backoffs), 0.0, log10_backoffs.astype(np.float64))
