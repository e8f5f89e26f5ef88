"""The longest history that a model knows before each word, in text and word by word: on how much the distribution there rests.

A history is known if some n-gram of the model begins with it. So <unk>, which every model lists, is none unless words were seen after it; nor is what
pruning has left without a continuation.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import take
from lmkit.engine.pieces import row_pieces
from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.trie.tracing import histories_of
from lmkit.ngrams.values.protocol import Counts
from lmkit.scoring.protocol import KnownHistories


class ModelHistories:
    """A model prepared for finding known histories; see `lmkit.scoring.protocol.HistoryFinder`."""

    def __init__(self, model: NgramModel, *, counts: bool) -> None:
        """counts: whether it is asked how often histories were seen. DataError if the model has kept no counts."""
        self._orders, self._counts = model.orders, model.counts if counts else None
        if counts and self._counts is None:
            raise DataError(
                f"the n-gram model ({model.smoothing}) has kept no counts, so it does not say how often histories were seen.",
                "Give first a model that `lmkit smooth` or `lmkit ngram train` has made of counts, unpruned; or let weights depend on the length alone, which every n-gram model knows.",
            )
        self._histories = Histories(model)

    def in_text(self, tokens: NDArray[np.int32]) -> KnownHistories:
        """Those before each token (tokens,) of whole padded sentences."""
        return self._known(self._before(tokens), len(tokens))

    def start(self, ids: Sequence[int], sentences: int) -> States:
        """The state of so many sentences that begin with these ids."""
        return np.repeat(self._histories.state_after(ids), sentences, axis=1)

    def extend(self, state: States, kept: NDArray[np.int64], words: NDArray[np.int64]) -> States:
        """The state of the kept sentences after one more word each."""
        return self._histories.extend(state[:, kept], words)

    def known(self, state: States) -> KnownHistories:
        """Those that sentences end with."""
        return self._known(state[1:], state.shape[1])

    @cached_property
    def _magnitudes(self) -> list[NDArray[np.uint8]]:
        """For each length from 0 on, see `magnitudes`."""
        counts: Iterable[Counts | None] = self._counts or [None] * len(self._orders)
        return [magnitudes(order, of_order) for order, of_order in zip(self._orders, counts, strict=True)]

    def _before(self, tokens: NDArray[np.int32]) -> Iterator[IndexArray]:
        """For each length from 1 on, the entry (tokens,) of the n-gram before each token; −1: none."""
        entries: IndexArray = tokens
        for length in range(1, len(self._orders)):
            histories = histories_of(entries, tokens)
            yield histories
            if length < len(self._orders) - 1:
                entries = self._histories.find(length, histories, tokens)

    def _known(self, histories: Iterable[IndexArray], size: int) -> KnownHistories:
        """The longest known ones. histories: for each length from 1 on, their entries (size,); −1: not stored."""
        lengths = np.zeros(size, np.uint8)
        found = np.full(size, self._magnitudes[0][0], np.uint8)
        for length, (entries, of_entries) in enumerate(zip(histories, self._magnitudes[1:], strict=True), start=1):
            places = np.flatnonzero(entries >= 0)
            here = take(of_entries, entries.take(places))
            places, here = places[here > 0], here[here > 0]
            lengths[places], found[places] = length, here
        return KnownHistories(lengths, found - np.minimum(found, np.uint8(1)))


def magnitudes(order: Order, counts: Counts | None) -> NDArray[np.uint8]:
    """(histories,) 1 + ⌊log2⌋ of how many words were counted after each history of an order (None: 1); 0 where none was.

    Counts are those that the model is made of: Kneser–Ney's below the highest order are numbers of distinct words before.
    """
    found: NDArray[np.uint8] = (order.indptr[1:] > order.indptr[:-1]).astype(np.uint8)
    if counts is None:
        return found
    for first, last in row_pieces(order.indptr):
        bounds = order.indptr[first : last + 1].astype(np.int64)
        running = np.zeros(bounds[-1] - bounds[0] + 1, np.int64)
        np.cumsum(counts.between(int(bounds[0]), int(bounds[-1])), out=running[1:])
        sums = np.diff(running.take(bounds - bounds[0]))
        exponents = np.frexp(np.maximum(sums, 1).astype(np.float64))[
            1
        ]  # of 2: one more than the logarithm rounded down
        found[first:last] *= exponents.astype(np.uint8)
    return found
