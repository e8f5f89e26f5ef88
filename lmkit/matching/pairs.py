"""Long matches: once few places are left, each place of the test text is compared with each of its partners, back to where they differ.

Level by level, a copied book would take as many levels as it has words. Pairs of places that follow one another in both texts are compared once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.matching.window import Window
from lmkit.text.vocabulary import FIRST_WORD

FIRST_STEP, LONGEST_STEP = 32, 1 << 14  # words that are compared at a time
COMPARED = 1 << 20  # words of all pairs that are compared at a time


@dataclass(frozen=True, eq=False)
class Pairs:
    """Places of the test text, each with all its partners in the training text, in order."""

    tests: IndexArray  # (pairs,) places in the part of the test text, ascending
    trains: IndexArray  # (pairs,) places in the part of the training text, ascending for each of the former
    length: int  # words that all pairs have in common, at least

    def lengths(self, window: Window) -> NDArray[np.int64]:
        """(pairs,) how many words each pair has in common, up to its places."""
        diagonals = self.tests.astype(np.int64) - self.trains
        order = np.lexsort((self.tests, diagonals))
        tests, diagonals = self.tests.take(order), diagonals.take(order)
        begins = np.ones(len(order), bool)
        begins[1:] = (np.diff(diagonals) != 0) | (np.diff(tests) != 1)
        firsts = np.flatnonzero(begins)
        more = self._before(window, order.take(firsts))
        runs = np.cumsum(begins) - 1
        found = np.empty(len(order), np.int64)
        found[order] = self.length + more.take(runs) + tests - tests.take(firsts).take(runs)
        return found

    def _before(self, window: Window, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """(pairs,) how many words before those that all have in common some of them do."""
        found = np.zeros(len(pairs), np.int64)
        left, step = np.arange(len(pairs)), FIRST_STEP
        done = 0
        while len(left):
            window.hold(self.length + done + step)
            back = np.arange(self.length + done, self.length + done + step)
            size = max(COMPARED // step, 1)
            same = np.concatenate(
                [self._same(window, pairs[left[at : at + size]], back) for at in range(0, len(left), size)]
            )
            found[left] += same
            left = left[same == step]
            done, step = done + step, min(2 * step, LONGEST_STEP)
        return found

    def _same(self, window: Window, pairs: NDArray[np.int64], back: NDArray[np.int64]) -> NDArray[np.int64]:
        """(pairs,) how many of the words so far back are the same, before one that is not."""
        trains = window.words[window.context + self.trains[pairs][:, None] - back]
        tests = window.words[window.border + self.tests[pairs][:, None] - back]
        other = np.ones((len(pairs), len(back) + 1), bool)
        other[:, :-1] = (trains != tests) | (trains < FIRST_WORD)
        same: NDArray[np.int64] = np.argmax(other, axis=1)
        return same
