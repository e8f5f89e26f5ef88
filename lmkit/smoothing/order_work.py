"""The estimation of one order: its rows in pieces that fit the caches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray, IndexArray
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.protocol import Precision, float_dtype, log10
from lmkit.smoothing.counted_rows import CountedRows, Rule, Shares
from lmkit.smoothing.forms import FORMS, SharedOut
from lmkit.smoothing.registry import Form


@dataclass(frozen=True, eq=False)
class Smoothed:
    """The estimates of one order."""

    probs: NDArray[np.float64]  # (n-grams,); of an order that no other builds on, none
    log10_probs: FloatArray  # (n-grams,)
    log10_backoffs: FloatArray  # (histories,) log10 of what the order below is multiplied with


@dataclass(frozen=True, eq=False)
class OrderWork:
    """One order and all that its estimation looks at."""

    order: Order
    values: CountArray  # (n-grams,) the counts that the rule looks at
    kept: NDArray[np.bool_] | None  # (n-grams,) which n-grams the model will keep; None: all
    rule: Rule
    lower: NDArray[np.float64]  # (n-grams below,) the probabilities one order down
    suffixes: IndexArray | None  # (n-grams,) where to find them there; None: where it does not look there
    form: Form
    events: NDArray[np.bool_] | None  # (words,) what can be predicted, at order 1

    def run(self, precision: Precision, scratch: Scratch, workers: int | None, *, highest: bool) -> Smoothed:
        """The estimates, made in `scratch`.

        The work is done in pieces that fit the caches, cut between rows, so that the figures do not depend on the
        pieces or the threads.
        """
        order, dtype = self.order, float_dtype(precision)
        built_on = FORMS[self.form].looks_below and not highest
        probs = scratch.allocate(len(order) if built_on else 0, np.float64)
        logs, backoffs = scratch.allocate(len(order), dtype), scratch.allocate(len(order.indptr) - 1, dtype)

        def estimate_piece(rows: tuple[int, int]) -> int:
            """The estimates of a range of rows; returns how many n-grams they hold."""
            first, last = rows
            entries = slice(*(int(bound) for bound in order.indptr[[first, last]]))
            bounds = order.indptr[first : last + 1] - order.indptr.dtype.type(entries.start)
            own, row_backoffs = self.shares(entries, bounds)
            if built_on:
                probs[entries] = own
            logs[entries] = log10(own)
            backoffs[first:last] = log10(row_backoffs)
            return len(own)

        advance = stage(FORMS[self.form].doing.format(number=len(order)), len(order))
        for done in map_in_order(estimate_piece, row_pieces(order.indptr), workers):
            advance(done)
            scratch.release()
        return Smoothed(probs, logs, backoffs)

    def shares(self, entries: slice, bounds: IndexArray) -> Shares:
        """The probabilities of the n-grams of some whole rows, and the backoffs of these rows."""
        values = self.values[entries]
        counts = values.astype(np.float64)
        totals = row_sums(bounds, counts)
        counted = totals > 0  # a row can be without counts: nothing follows </s>, or only <unk>, which was taken out
        totals[~counted] = 1.0
        form = FORMS[self.form]
        own, weights = self.rule(CountedRows(values, counts, bounds, totals))
        if form.adds_up:
            weights[~counted] = 1.0
        dropped = None if self.kept is None else ~self.kept[entries]
        if form.looks_below and self.events is None and not values.all():
            # Adjusted counts are 0 of what was seen, but after no word: it has what words have that were not seen.
            dropped = (values == 0) if dropped is None else dropped | (values == 0)
        if dropped is not None and form.adds_up:
            weights += row_sums(bounds, own * dropped)
            np.copyto(own, 0.0, where=dropped)
        lower = None if self.suffixes is None else self.lower.take(self.suffixes[entries])
        return form.share_out(SharedOut(own, weights, bounds, lower, dropped, self.events))
