"""Adjusted counts: what Kneser–Ney smoothing counts instead of occurrences (Kneser & Ney 1995; Chen & Goodman 1998).

a(g) = c(g) if g has the highest order or begins with <s>; otherwise the number of distinct words seen before g.
a(<s>) = 0: it is never predicted.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, index_dtype
from lmkit.engine.kernels import add_ones
from lmkit.engine.pieces import PIECE
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.runs import CompactCounts
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.text.vocabulary import BOS, UNK


def adjust_counts(
    chain: Chain, length: int, scratch: Scratch | None = None, left: CountArray | None = None
) -> CountArray:
    """The adjusted counts of the n-grams of this length, aligned with the entries; new ones are made in `scratch`.

    left: (n-grams,) the number of distinct words before each, where they are known; overwritten (see `room_for_left_words`).
    """
    scratch = scratch or chain.scratch
    stage(f"adjusting the counts of {length}-grams")
    adjusted: CountArray
    counts = chain.counts[length - 1]
    if length == len(chain.orders):
        adjusted = counts.copy() if length == 1 else counts
    else:
        adjusted = count_left_words(chain, length, scratch) if left is None else left
        raw = counts_after_bos(chain, length)
        adjusted[: len(raw)] = raw
    if length == 1:
        adjusted[BOS] = 0
    return adjusted


def count_left_words(chain: Chain, length: int, scratch: Scratch) -> CountArray:
    """(n-grams,) the number of distinct words before each n-gram of a length below the highest, made in `scratch`."""
    left, suffixes = room_for_left_words(chain, length, scratch), chain.suffixes[length]
    for first in range(0, len(suffixes), PIECE):
        add_ones(left, suffixes[first : first + PIECE])
        scratch.release()
    return left


def room_for_left_words(chain: Chain, length: int, scratch: Scratch) -> CountArray:
    """(n-grams,) zeros, in `scratch`, that can become the adjusted counts of n-grams of a length below the highest."""
    largest = max(len(chain.orders[0]), int(counts_after_bos(chain, length).max(initial=0)))
    room: CountArray = scratch.allocate(len(chain.orders[length - 1]), index_dtype(largest))
    room.fill(0)
    return room


def counts_after_bos(chain: Chain, length: int) -> CompactCounts:
    """The counts of the n-grams of a length that begin with <s>, the first of their order."""
    # order 1 begins with </s>, whose count is one of distinct left words, and <s>, which has none
    return chain.counts[length - 1][: bos_ends(chain.orders)[length - 1] if length > 1 else 0]


def counts_of_counts(adjusted: CountArray) -> NDArray[np.int64]:
    """n1, n2, n3, n4: how many n-grams of an order have the adjusted count 1, 2, 3, 4."""
    return np.array([np.count_nonzero(adjusted == count) for count in range(1, 5)], np.int64)


def kenlm_counts_of_counts(chain: Chain, adjusted: CountArray, length: int) -> NDArray[np.int64]:
    """n1…n4 as KenLM's lmplz (up to 2025) has them: below the highest order the last n-gram enters with its raw count.

    Last is meant in suffix order: by last word, then the last but one, …, words by first appearance in the text.
    Found by the developers of KenLM in pull request 434; seen in commit 4cb443e.
    """
    found = counts_of_counts(adjusted)
    if length == len(chain.orders):
        return found
    last = last_in_suffix_order(chain, length)
    if last is None:
        return found
    for value, change in ((int(adjusted[last]), -1), (int(chain.counts[length - 1][last]), 1)):
        if 1 <= value <= 4:
            found[value - 1] += change
    return found


def last_in_suffix_order(chain: Chain, length: int) -> int | None:
    """The entry that is last by (last word, last but one, …); None when the order has no n-gram."""
    # KenLM numbers <unk> 0, <s> 1, </s> 2; the marks never tie with a word, only among themselves.
    order, counts = chain.orders[length - 1], chain.counts[length - 1]
    occurring = np.flatnonzero(counts > 0) if length == 1 else None  # of longer n-grams, all occur
    words = order.indices if occurring is None else order.indices[occurring]
    if not len(words):
        return None
    last = int(words.max())
    candidates = np.flatnonzero(order.indices == (last if last > UNK else int(words.min())))
    rows = candidates
    for below in reversed(chain.orders[: length - 1]):
        rows = np.searchsorted(order.indptr, rows.astype(order.indptr.dtype), side="right") - 1
        order = below
        kenlm_ids = np.where(order.indices[rows] <= UNK, UNK - order.indices[rows], order.indices[rows])
        latest = kenlm_ids == kenlm_ids.max()
        candidates, rows = candidates[latest], rows[latest]
    return int(candidates[0])
