"""The predictive objective: p(w | v) = p(c(w) | v) p(w | c(w)), in which the word before is itself (Goodman 2001; Uszkoreit & Brants 2008).

With f(x) = x ln x, the log-likelihood of the text is Σ f(N(v, c)) − Σ f(N(c)), and what does not depend on the classes. What a word w
brings in class c, all counted without it, is Σ_v f(N(v, c) + N(v, w)) − f(N(v, c)), less f(N(c) + N(w)) − f(N(c)).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.exchange.cells import change
from lmkit.classes.exchange.logarithms import FEW, Growth, Products, x_ln_x
from lmkit.classes.exchange.pairs import Bigrams, add_sums
from lmkit.classes.exchange.settings import Classes, Words
from lmkit.engine.kernels import add_products, add_to_table

CELLS = 1 << 20  # of classes after words before, which are looked at together
CELL_BYTES = 8  # of each: how often a class follows a word, and what one more would bring


class Predictive:
    """Words in classes, and how often each class follows each word."""

    def __init__(self, bigrams: Bigrams, of_words: Classes, classes: int) -> None:
        """of_words: (types,) the class of each word, which is changed in place, or -1: it stays by itself."""
        self.of_words = of_words
        self._counts = bigrams.predicted
        self._before = before = bigrams.before
        self._once = before.kept(before.counts == 1)
        self._few = before.kept((before.counts > 1) & (before.counts <= FEW))
        self._many = before.kept(before.counts > FEW)
        moving, staying = np.flatnonzero(of_words >= 0), np.flatnonzero(of_words < 0)
        self.sizes = np.bincount(of_words[moving], minlength=classes)
        self._totals = np.zeros(classes, np.int64)
        np.add.at(self._totals, of_words[moving], self._counts[moving])
        self._cells = np.zeros((len(of_words), classes), np.int32)
        listed = before.of(moving)
        add_to_table(self._cells, listed.neighbours, of_words[moving].take(listed.rows), listed.counts)
        largest = int(bigrams.followed.max())  # of the cells
        # A word is also added to its own class, which has no meaning.
        self._products, self._growth = Products(2 * largest), Growth(largest)
        # Most pairs were seen once: what they bring is looked up for all cells beforehand
        self._steps = np.diff(x_ln_x(np.arange(largest + 2))).astype(np.float32)
        self._gains_of_one = np.empty(self._cells.shape, np.float32)
        for piece in self._pieces(len(self._cells)):
            self._gains_of_one[piece] = self._steps.take(self._cells[piece])
        self._constant = (
            x_ln_x(before.of(staying).counts.astype(np.int64)).sum()
            + x_ln_x(self._counts[moving]).sum()
            - x_ln_x(bigrams.followed).sum()
        )

    def log_likelihood(self) -> float:
        """That of the text, in nats."""
        cells = sum(float(self._products.of(self._cells[piece]).sum()) for piece in self._pieces(len(self._cells)))
        return float(cells - x_ln_x(self._totals).sum() + self._constant)

    def best(self, words: Words) -> Classes:
        """The class in which each of some words does most for the likelihood, with all others where they are: its own if none is better."""
        own, here = self.of_words[words], np.arange(len(words))
        gains = self._gains_of_small(words)
        self._add_large(words, gains)
        gains[here, own] = self._gains_where_they_are(words, own)
        # Words of one count cost the same everywhere but where they are.
        counts, kinds = np.unique(self._counts[words], return_inverse=True)
        gains -= (x_ln_x(self._totals + counts[:, np.newaxis]) - x_ln_x(self._totals))[kinds]
        best = gains.argmax(axis=1).astype(np.int32)
        return np.where(gains[here, best] > gains[here, own], best, own)

    def move(self, words: Words, classes: Classes) -> float:
        """Put words into other classes. Returns by how much the log-likelihood grows."""
        own, listed = self.of_words[words], self._before.of(words)
        rows = listed.rows
        before = listed.neighbours * np.int64(len(self.sizes))
        changed = change(
            self._cells, (before + own.take(rows), before + classes.take(rows)), (-listed.counts, listed.counts)
        )
        self._gains_of_one.ravel()[changed.places] = self._steps.take(changed.new)
        gain = (self._products.of(changed.new) - self._products.of(changed.old)).sum()
        counts, totals = self._counts[words], self._totals.copy()
        np.subtract.at(self._totals, own, counts)
        np.add.at(self._totals, classes, counts)
        np.subtract.at(self.sizes, own, 1)
        np.add.at(self.sizes, classes, 1)
        self.of_words[words] = classes
        return float(gain - (x_ln_x(self._totals) - x_ln_x(totals)).sum())

    def _gains_of_small(self, words: Words) -> NDArray[np.float64]:
        """(words, classes) what the pairs of some words that were seen FEW times at most bring in each class."""
        once, few = self._once.of(words), self._few.of(words)
        gains = np.zeros((len(words), len(self.sizes)), np.float32)
        add_products(once.bounds, once.neighbours, once.counts.astype(np.float32), self._gains_of_one, gains)
        for here in self._pieces(len(few.counts)):
            cells = self._cells.take(few.neighbours[here], axis=0)
            add_sums(few.bounds, self._growth.of(cells, few.counts[here]), here.start, gains)
        return gains.astype(np.float64)

    def _add_large(self, words: Words, gains: NDArray[np.float64]) -> None:
        """Add what pairs that were seen more often bring, in place."""
        many = self._many.of(words)
        for here in self._pieces(len(many.counts)):
            cells = self._cells.take(many.neighbours[here], axis=0)
            add_sums(many.bounds, self._products.growth(cells, many.counts[here, np.newaxis]), here.start, gains)

    def _pieces(self, rows: int) -> Iterator[slice]:
        """Rows of cells, (rows, classes), that are looked at together."""
        step = max(CELLS // len(self.sizes), 1)
        for first in range(0, rows, step):
            yield slice(first, first + step)

    def _gains_where_they_are(self, words: Words, own: Classes) -> NDArray[np.float64]:
        """(words,) what some words bring in their own classes, as far as it is to be compared with other ones."""
        listed = self._before.of(words)
        cells = self._cells[listed.neighbours, own.take(listed.rows)]
        gains = listed.sums(self._products.growth(cells - listed.counts, listed.counts))
        totals, counts = self._totals[own], self._counts[words]
        with_it, as_others = x_ln_x(totals) - x_ln_x(totals - counts), x_ln_x(totals + counts) - x_ln_x(totals)
        return gains - with_it + as_others
