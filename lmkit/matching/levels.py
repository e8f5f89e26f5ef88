"""The longest match of each place, by buckets over both texts together: no index is made of either.

At level k, every place that is still wanted has the number of the k-gram that ends there: the same number, the same k words. A place stays
wanted while its k-gram occurs in the other text, too; those that stay are put into buckets by the word before, which numbers their
(k+1)-grams. What has no partner is dropped, so that less and less is left. Long matches are compared word by word at last (see `pairs.py`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import bucket, row_numbers, take
from lmkit.matching.pairs import Pairs
from lmkit.matching.window import Window
from lmkit.text.vocabulary import FIRST_WORD

FAR = 16  # levels after which few places are left, unless texts are copies
LEAST_PAIRS = 1 << 16  # that there is always room for; else there is for as many as places
FEWER = 4  # entries, so many times fewer than there are words, are sorted: buckets would mostly be empty


@dataclass(frozen=True, eq=False)
class Longest:
    """For each place of a part of the test text, the longest match that ends there in a part of the training text."""

    lengths: NDArray[np.int32]  # (places,) in words; 0: the word is not there, or the place is between sentences
    counts: NDArray[np.int32]  # (places,) how often it occurs there
    ends: NDArray[np.int32]  # (places,) where it first ends there: the place of its last word

    @classmethod
    def nothing(cls, places: int) -> "Longest":
        """No match anywhere."""
        return cls(*(np.zeros(places, np.int32) for _ in range(3)))


@dataclass(frozen=True, eq=False)
class Wanted:
    """The places of both texts whose k-gram occurs in both, those of a k-gram together, in the order of the texts."""

    ends: NDArray[np.int32]  # (places,) in the window
    groups: NDArray[np.int32]  # (places,) the number of the k-gram of each, ascending
    firsts: NDArray[np.int32]  # (k-grams,) where each is first
    tests: NDArray[np.int32]  # (places in the test text,) which of all places these are
    counts: NDArray[np.int32]  # (k-grams,) how often each is in the training text

    @classmethod
    def of(cls, changes: NDArray[np.bool_], ends: NDArray[np.int32], border: int) -> "Wanted":
        """Those with a partner. changes: (ends + 1,) where a k-gram begins, and the end; border: where the test text begins."""
        starts = np.flatnonzero(changes).astype(np.int32)
        # Places of one k-gram are in order, those of the training text before those of the test text.
        firsts = take(ends, starts[:-1])
        shared = (firsts < border) & (take(ends, starts[1:] - np.int32(1)) >= border)
        sizes = np.diff(starts)
        kept = np.compress(np.repeat(shared, sizes), ends)
        bounds = np.zeros(np.count_nonzero(shared) + 1, np.int32)
        np.cumsum(sizes[shared], out=bounds[1:])
        groups = row_numbers(bounds)
        tests = np.flatnonzero(kept >= border).astype(np.int32)
        of_test = np.bincount(take(groups, tests), minlength=len(bounds) - 1).astype(np.int32)
        return cls(kept, groups, firsts[shared], tests, np.diff(bounds) - of_test)

    def enter(self, found: Longest, length: int, window: Window) -> None:
        """Note that these places have matches of this length."""
        places = take(self.ends, self.tests) - np.int32(window.border)
        groups = take(self.groups, self.tests)
        found.lengths[places] = length
        found.counts[places] = take(self.counts, groups)
        found.ends[places] = take(self.firsts, groups) - np.int32(window.context)

    def number_of_pairs(self) -> int:
        """How many there are of a place in each text with the same k-gram."""
        return int(take(self.counts, take(self.groups, self.tests)).sum(dtype=np.int64))

    def enter_pairs(self, found: Longest, length: int, window: Window) -> None:
        """Note the longest matches that end in these places, which have one of this length: all partners are looked at."""
        groups, sizes = take(self.groups, self.tests), take(self.counts, take(self.groups, self.tests))
        starts = np.cumsum(sizes) - sizes  # of the pairs of each place
        within = np.arange(int(sizes.sum(dtype=np.int64))) - np.repeat(starts, sizes)
        group_starts = np.searchsorted(
            self.groups, np.arange(len(self.counts))
        )  # those of the training text come first
        trains = self.ends[np.repeat(group_starts.take(groups), sizes) + within] - window.context
        places = take(self.ends, self.tests) - np.int32(window.border)
        pairs = Pairs(np.repeat(places, sizes), trains, length)
        lengths = pairs.lengths(window)
        longest = np.maximum.reduceat(lengths, starts)
        are_longest = lengths == np.repeat(longest, sizes)
        found.lengths[places] = longest
        found.counts[places] = np.add.reduceat(are_longest, starts, dtype=np.int32)
        found.ends[places] = np.minimum.reduceat(np.where(are_longest, trains, window.train_size), starts)


def longest_matches(window: Window, types: int) -> Longest:
    """The longest match of each place of the test text of a window. types: the words have numbers below it."""
    found = Longest.nothing(window.test_size)
    wanted, length = of_words(window, types), 1
    while len(wanted.tests):
        if length >= FAR and wanted.number_of_pairs() <= max(len(window.words), LEAST_PAIRS):
            wanted.enter_pairs(found, length, window)
            break
        wanted.enter(found, length, window)
        ends = window.reach(wanted.ends, length)
        before = take(window.words, ends - np.int32(length))
        inside = before >= FIRST_WORD
        before, groups, ends = (np.compress(inside, values) for values in (before, wanted.groups, ends))
        length += 1
        wanted = Wanted.of(*by_word_before(before, groups, ends, types), window.border)
    return found


def of_words(window: Window, types: int) -> Wanted:
    """The places of the words that both texts have."""
    words, border = window.words, window.border
    known = np.bincount(window.train, minlength=types) > 0
    known &= np.bincount(window.test, minlength=types) > 0
    known[:FIRST_WORD] = False  # two unknown words need not be the same
    places = np.flatnonzero(take(known, words)).astype(np.int32)
    places = places[(places >= border) | ((places >= window.context) & (places < border - window.context))]
    rows = take(words, places)
    bounds, _, ends = bucket(rows, rows, places, types)
    return Wanted.of(changes_at(bounds, len(ends)), ends.astype(np.int32), border)


def by_word_before(
    before: NDArray[np.int32], groups: NDArray[np.int32], ends: NDArray[np.int32], types: int
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """The places in the order of the (k+1)-grams: where each of these begins (places + 1,), and the places (places,).

    before: (places,) the word before each k-gram; groups: (places,) the number of the k-gram, ascending.
    """
    if FEWER * len(ends) < types:
        keys = before.astype(np.int64) * (int(groups[-1]) + 1 if len(groups) else 1) + groups
        order = np.argsort(keys, kind="stable")
        changes = changes_at(np.zeros(0, np.int32), len(ends))
        changes[1:-1] |= np.diff(keys.take(order)) != 0
        return changes, ends.take(order)
    bounds, groups, ends = (np.asarray(values, np.int32) for values in bucket(before, groups, ends, types))
    changes = changes_at(bounds, len(ends))
    changes[1:-1] |= groups[1:] != groups[:-1]
    return changes, ends


def changes_at(bounds: NDArray[Any], size: int) -> NDArray[np.bool_]:
    """(size + 1,) the bounds, with both ends, as marks."""
    changes = np.zeros(size + 1, bool)
    changes[bounds] = True
    changes[0] = changes[-1] = True
    return changes
