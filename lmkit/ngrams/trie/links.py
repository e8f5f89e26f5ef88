"""The links of n-grams to their suffixes, as files of counts hold them: whether they are right is seen when they are first used."""

from collections.abc import Sequence
from functools import partial
from typing import overload

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.ngrams.trie.orders import Order

Links = Sequence[IndexArray]  # for each order, the entry of each n-gram without its first word, one order down


class StoredLinks(Links):
    """The links in a file, of which checksums tell nothing where somebody means to deceive. Scoring needs none, so that counts open at once."""

    def __init__(self, orders: Sequence[Order], stored: Sequence[IndexArray], scratch: Scratch) -> None:
        """stored: places that are some, right or wrong."""
        self._orders, self.stored, self._scratch = tuple(orders), tuple(stored), scratch
        self._looked_at = {0}

    def __len__(self) -> int:
        return len(self.stored)

    @overload
    def __getitem__(self, place: int) -> IndexArray: ...
    @overload
    def __getitem__(self, place: slice) -> Links: ...
    def __getitem__(self, place: int | slice) -> IndexArray | Links:
        """Those of an order, or of some. DataError if one is wrong."""
        if isinstance(place, slice):
            if not place.start and place.step is None:
                return StoredLinks(self._orders[place], self.stored[place], self._scratch)
            return tuple(self[each] for each in range(len(self))[place])
        place = range(len(self))[place]
        if place not in self._looked_at:
            if len(wrong_links(self._orders, self.stored, place + 1, self._scratch)):
                raise DataError(
                    f"the counts are damaged: some of their {place + 1}-grams have wrong links to their suffixes.",
                    "`lmkit ngram check` lists them; count the text again.",
                )
            self._looked_at.add(place)
        return self.stored[place]


def stored_links(links: Links) -> Links:
    """The links as they are, right or wrong."""
    return links.stored if isinstance(links, StoredLinks) else links


def wrong_links(orders: Sequence[Order], links: Links, length: int, scratch: Scratch) -> IndexArray:
    """The n-grams of a length that are linked to others than what is left of them without their first words; links of those below are right."""
    order, below = orders[length - 1], orders[length - 2]
    if length == 2:
        return np.flatnonzero(links[1] != order.indices)
    advance = stage(f"checking the suffixes of {length}-grams", len(order))
    work = partial(wrong_in_rows, order, below, links[length - 1], links[length - 2])
    found = [np.zeros(0, np.int64)]
    for looked_at, wrong in map_in_order(work, row_pieces(order.indptr), None):
        advance(looked_at)
        found.append(wrong)
    scratch.release()  # not before: all pieces look at the same n-grams below
    return np.concatenate(found)


def wrong_in_rows(
    order: Order, below: Order, links: IndexArray, of_histories: IndexArray, rows: tuple[int, int]
) -> tuple[int, IndexArray]:
    """The same of the n-grams after some histories; with their number. links, of_histories: those of the n-grams, and of the histories."""
    bounds = order.indptr[rows[0] : rows[1] + 1]
    first, last = map(int, bounds[[0, -1]])
    own, histories = links[first:last], of_histories[slice(*rows)]
    begin, end = (take(below.indptr, histories + np.int32(each)) for each in (0, 1))
    row = row_numbers(bounds)
    wrong = take(below.indices, own) != order.indices[first:last]
    wrong |= own < take(begin, row)
    wrong |= own >= take(end, row)
    return last - first, np.flatnonzero(wrong) + first
