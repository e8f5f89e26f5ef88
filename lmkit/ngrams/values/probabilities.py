"""The probabilities and backoffs that counts stand for, of all n-grams: for ARPA files, and for what works on whole arrays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.suffixes import all_suffixes_of
from lmkit.ngrams.values.protocol import log10

if TYPE_CHECKING:
    from lmkit.ngrams.values.interpolated import InterpolatedValues


def log10_arrays(values: "InterpolatedValues", dtype: Any) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """(n-grams,) the log10 probabilities of each order, and the log10 backoffs of each but the highest."""
    suffixes: Sequence[IndexArray] = ()
    if not values.full_histories:
        suffixes = values.suffixes or all_suffixes_of(values.orders, values.scratch)
    log10_probs: list[FloatArray] = [log10(values.word_probs).astype(dtype)]
    log10_backoffs: list[FloatArray] = []
    lower = values.word_probs
    for length, (shares, codes) in enumerate(zip(values.shares[1:], values.codes, strict=True), start=2):
        work = OrderProbabilities(values, length, lower, suffixes[length - 1] if suffixes else None)
        lower, logs = work.run(dtype)
        log10_probs.append(logs)
        log10_backoffs.append(log10(shares.weights).astype(dtype).take(codes))
    return tuple(log10_probs), tuple(log10_backoffs)


class OrderProbabilities:
    """The probabilities of one order, from those of the order below."""

    def __init__(
        self, values: "InterpolatedValues", length: int, lower: NDArray[np.float64], suffixes: IndexArray | None
    ) -> None:
        """lower: (n-grams below,); suffixes: (n-grams,) where to find them there; None: they are the lowest there are."""
        self._values, self._length, self._suffixes = values, length, suffixes
        self._lower = values.lowest if suffixes is None else lower
        self._order = values.orders[length - 1]
        self._is_needed = suffixes is not None and length < values.order

    def run(self, dtype: Any) -> tuple[NDArray[np.float64], FloatArray]:
        """(n-grams,) the probabilities, if an order builds on them, and their logarithms. Figures do not depend on pieces."""
        order, scratch = self._order, self._values.scratch
        probs: NDArray[np.float64] = scratch.allocate(len(order) if self._is_needed else 0, np.float64)
        logs: FloatArray = scratch.allocate(len(order), dtype)

        def work_out(rows: tuple[int, int]) -> int:
            first, last = (int(bound) for bound in order.indptr[list(rows)])
            own = self.of_rows(*rows)
            if self._is_needed:
                probs[first:last] = own
            logs[first:last] = log10(own)
            return last - first

        advance = stage(f"interpolating {len(order):,} n-grams", len(order))
        for done in map_in_order(work_out, row_pieces(order.indptr), None):
            advance(done)
            scratch.release()
        return probs, logs

    def of_rows(self, first_row: int, last_row: int) -> NDArray[np.float64]:
        """(n-grams,) the probabilities of the n-grams of the histories first_row <= history < last_row."""
        values, order, length = self._values, self._order, self._length
        bounds = order.indptr[first_row : last_row + 1]
        first, last = int(bounds[0]), int(bounds[-1])
        codes = take(values.codes[length - 2][first_row:last_row], row_numbers(bounds))
        below = order.indices if self._suffixes is None else self._suffixes
        counts = values.small_counts[length - 1].between(first, last)
        return values.interpolated(length, counts, codes, take(self._lower, below[first:last]))
