"""Models and counts in shards: ranges of first words, each with all n-grams that begin with them.

Ranges begin at first words where these are light enough, else at bigrams: the n-grams of all orders that begin with the bigrams of a range lie
together, because orders are sorted. Words, order 1 and where bigrams of words begin are in the index.
"""

from bisect import bisect_left
from itertools import pairwise

import numpy as np

from lmkit.engine.files.own_files import Fields, Tensors
from lmkit.engine.shards.cuts import Cut, Parts
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.schema import CUT, parts_of
from lmkit.ngrams.trie.orders import Order

SHARD_BYTES = 1 << 30  # about, if nobody says how many there are to be
Orders = tuple[Order, ...]


def shards_of(value: NgramModel | NgramCounts, number: int | None) -> Parts:
    """A model or counts in so many shards (None: by size), or as many as there are bigrams at which to cut."""
    return cut_into(number, *parts_of(value), value)


def cut_into(number: int | None, tensors: Tensors, fields: Fields, value: NgramModel | NgramCounts) -> Parts:
    """The same of a value whose arrays, and what is said of them, are already known."""
    cuts = cuts_of(tensors)
    if number is None:
        number = max(-(-sum(tensors[name].nbytes for name in cuts) // SHARD_BYTES), 1)
    bounds = bounds_of(value.orders, number) if value.order > 1 else []
    spans = []
    for first, last in pairwise(bounds):
        low, high = entries_before(value.orders, first), entries_before(value.orders, last)
        spans.append({k: (low[k], high[k]) for k in low})
    begins = [bigram_at(value, first) for first in bounds[:-1]]
    return Parts(tensors, fields, cuts, spans, begins, value.scratch)


def cuts_of(tensors: Tensors) -> dict[str, Cut]:
    """How each array that is cut is cut; levels are orders. Of rows, those of words are in the index, with the words."""
    found = {}
    for name in tensors:
        kind, _, order = name.rpartition(".")
        if kind in CUT and int(order) > (2 if CUT[kind] == "rows" else 1):
            found[name] = Cut(CUT[kind], int(order))
    return found


def bounds_of(orders: Orders, number: int) -> list[int]:
    """The bigrams between which the shards lie, so that about as many n-grams, of all orders, are in each; no shard is empty if there are bigrams."""
    size = len(orders[1])
    total, bounds = weight(orders, size), {0}
    for shard in range(1, number):
        place = bisect_left(range(size), -(-total * shard // number), key=lambda entry: weight(orders, entry))
        bounds.add(at_first_word(orders, place, total // number))
    return [*sorted(bounds - {size}), size]


def at_first_word(orders: Orders, place: int, share: int) -> int:
    """The bigram at or beside a place with which a first word begins; the place itself, if that word has more n-grams than half a share."""
    starts = orders[1].indptr
    if place >= len(orders[1]):
        return len(orders[1])
    word = int(np.searchsorted(starts, starts.dtype.type(place), side="right")) - 1
    first, last = int(starts[word]), int(starts[word + 1])
    low, here, high = (weight(orders, entry) for entry in (first, place, last))
    if 2 * (high - low) > share:
        return place
    return first if here - low <= high - here else last


def entries_before(orders: Orders, bigram: int) -> dict[int, int]:
    """Of each order from 2 on, how many n-grams come before those that begin with this bigram, or a later one."""
    found = {2: bigram}
    for k, order in enumerate(orders[2:], start=3):
        found[k] = int(order.indptr[found[k - 1]])
    return found


def weight(orders: Orders, bigram: int) -> int:
    """The same of all orders together."""
    return sum(entries_before(orders, bigram).values())


def bigram_at(value: NgramModel | NgramCounts, place: int) -> str:
    """The words of a bigram; empty if there is none."""
    if place >= len(value.orders[1]):
        return ""
    histories, words = value.orders[1].ngrams_between(place, place + 1)
    text, offsets = value.vocabulary.utf8, value.vocabulary.offsets
    return b" ".join(text[offsets[word] : offsets[word + 1]].tobytes() for word in (histories[0], words[0])).decode()
