"""The two-sided objective: p(w | v) = p(c(w) | c(v)) p(w | c(w)), in which classes follow classes (Brown et al. 1992; Martin, Liermann & Ney 1998).

With f(x) = x ln x, the log-likelihood of the text is Σ f(N(b, c)) − Σ f(N(b, ·)) − Σ f(N(·, c)), and what does not depend on the classes: but for
constants, the average mutual information of classes side by side.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.exchange.cells import change
from lmkit.classes.exchange.logarithms import Products, x_ln_x
from lmkit.classes.exchange.pairs import Bigrams, Neighbours, add_sums
from lmkit.classes.exchange.settings import Classes, Words
from lmkit.engine.kernels import add_to_table
from lmkit.text.vocabulary import FIRST_WORD

CELLS = 1 << 20  # of classes beside classes, which are looked at together
Table = NDArray[np.int64]


class TwoSided:
    """Words in classes, and how often each class follows each class; each mark is a class, after those of words."""

    def __init__(self, bigrams: Bigrams, of_words: Classes, classes: int) -> None:
        """of_words: (types,) the class of each word, which is changed in place, or -1: it stays by itself, if it is a mark, or is never seen."""
        self.of_words = of_words
        self._bigrams = bigrams
        self._all = of_words.copy()
        self._all[:FIRST_WORD] = classes + np.arange(FIRST_WORD)
        self.sizes = np.bincount(of_words[of_words >= 0], minlength=classes)
        self.cells = class_bigrams(bigrams, self._all, classes + FIRST_WORD)
        self._followed, self._predicted = self.cells.sum(axis=1), self.cells.sum(axis=0)
        self._products = Products(int(bigrams.followed.sum()))
        self._is_moved = np.zeros(len(of_words), bool)
        words = bigrams.predicted[of_words >= 0]
        self._constant = x_ln_x(words).sum() + x_ln_x(self._predicted[classes:]).sum()

    def log_likelihood(self) -> float:
        """That of the text, in nats."""
        totals = x_ln_x(self._followed).sum() + x_ln_x(self._predicted).sum()
        return float(x_ln_x(self.cells).sum() - totals + self._constant)

    def best(self, words: Words) -> Classes:
        """The class in which each of some words does most for the likelihood, with all others where they are: its own if none is better."""
        own, here = self.of_words[words], np.arange(len(words))
        after, alone = self._classes_beside(self._bigrams.after, words)
        before, _ = self._classes_beside(self._bigrams.before, words)
        gains = np.zeros((len(words), len(self.sizes)))
        self._add_gains(self.cells.T.copy(), after, before, alone, own, gains)
        self._add_gains(self.cells, before, after, alone, own, gains)
        # What follows its own class: without the word, and with it.
        width = len(self.sizes)
        both = after[:, :width] + before[:, :width] + alone[:, np.newaxis]
        within = np.tile(self.cells.diagonal()[:width], (len(words), 1))
        within[here, own] -= both[here, own]
        gains += self._products.growth(within, both)
        for totals, counts in (
            (self._followed, self._bigrams.followed[words]),
            (self._predicted, self._bigrams.predicted[words]),
        ):
            without = np.tile(totals[:width], (len(words), 1))
            without[here, own] -= counts
            gains -= self._products.growth(without, counts[:, np.newaxis])
        best = gains.argmax(axis=1).astype(np.int32)
        return np.where(gains[here, best] > gains[here, own], best, own)

    def move(self, words: Words, classes: Classes) -> float:
        """Put words into other classes. Returns by how much the log-likelihood grows."""
        own, width = self.of_words[words], np.int64(len(self.cells))
        after, before = self._bigrams.after.of(words), self._bigrams.before.of(words)
        self._is_moved[words] = True
        others = ~self._is_moved[before.neighbours]  # pairs of two that move are among those after
        self._is_moved[words] = False
        histories, rows, counts = before.neighbours[others], before.rows[others], before.counts[others]
        places = [own.take(after.rows) * width + self._all[after.neighbours], self._all[histories] * width + own[rows]]
        self.of_words[words] = self._all[words] = classes
        places += [
            classes.take(after.rows) * width + self._all[after.neighbours],
            self._all[histories] * width + classes[rows],
        ]
        changed = change(self.cells, places, (-after.counts, -counts, after.counts, counts))
        gain = (self._products.of(changed.new) - self._products.of(changed.old)).sum()
        for totals, each in ((self._followed, self._bigrams.followed), (self._predicted, self._bigrams.predicted)):
            gain += x_ln_x(totals).sum()
            np.subtract.at(totals, own, each[words])
            np.add.at(totals, classes, each[words])
            gain -= x_ln_x(totals).sum()
        np.subtract.at(self.sizes, own, 1)
        np.add.at(self.sizes, classes, 1)
        return float(gain)

    def _classes_beside(self, pairs: Neighbours, words: Words) -> tuple[Table, NDArray[np.int64]]:
        """(words, all classes) how often each class stands beside some words, and (words,) how often these do so themselves, which is left out."""
        listed = pairs.of(words)
        itself = listed.neighbours == words.take(listed.rows)
        alone = listed.sums(np.where(itself, listed.counts, 0)).astype(np.int64)
        table = np.zeros((len(words), len(self.cells)), np.int64)
        counts = np.where(itself, 0, listed.counts).astype(np.int64)
        add_to_table(table, listed.rows, self._all[listed.neighbours], counts)
        return table, alone

    def _add_gains(
        self,
        cells: Table,
        beside: Table,
        across: Table,
        alone: NDArray[np.int64],
        own: Classes,
        gains: NDArray[np.float64],
    ) -> None:
        """Add what the classes on one side of some words bring, in place, but for a class beside itself.

        cells: (all classes on this side, all classes) of the text; beside, across: (words, all classes) on this side of the words, and on the other.
        """
        rows, sides = np.nonzero(beside)
        width = len(self.sizes)
        bounds = np.searchsorted(rows, np.arange(len(beside) + 1)).astype(np.int32)
        step = max(CELLS // width, 1)
        for first in range(0, len(rows), step):
            row, side = rows[first : first + step], sides[first : first + step]
            counts, here = beside[row, side], np.arange(len(row))
            without = cells.take(side, axis=0)[:, :width]
            of_own = np.flatnonzero(side == own[row])
            without[of_own] -= across[row[of_own], :width]
            without[here, own[row]] -= counts
            without[of_own, own[row[of_own]]] -= alone[row[of_own]]
            grown = self._products.growth(without, counts[:, np.newaxis])
            words = np.flatnonzero(side < width)
            grown[words, side[words]] = 0
            add_sums(bounds, grown, first, gains)


def class_bigrams(bigrams: Bigrams, of_words: Classes, classes: int) -> Table:
    """(classes, classes) how often each class is followed by each. of_words: (types,) the class of each word; -1 of those never seen."""
    table = np.zeros((classes, classes), np.int64)
    pairs = bigrams.after.of(np.arange(len(of_words)))
    add_to_table(table, of_words.take(pairs.rows), of_words.take(pairs.neighbours), pairs.counts.astype(np.int64))
    return table
