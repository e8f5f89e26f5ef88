"""From KenLM's trie, which leads from the last word of an n-gram to its first, to the chain of orders, which leads from the first to the last.

An n-gram w1 … wk stands in the trie under its suffix w2 … wk. Its history w1 … wk−1 stands there under the history of that
suffix, w2 … wk−1, and has the same first word: so histories are found from those of the order below, all at once.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashed import method_of
from lmkit.binary.header import Header, damaged
from lmkit.binary.trie import Level
from lmkit.binary.words import Words
from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import CellIndex, row_numbers, take
from lmkit.engine.sparse import group_many
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.values.stored import LARGEST_BACKOFF, StoredValues
from lmkit.text.vocabulary import BOS


def listed_model(header: Header, words: Words, levels: Sequence[Level], name: str) -> NgramModel:
    """The n-gram model of a trie. DataError for one that is damaged."""
    for length, level in enumerate(levels, start=1):
        check_level(length, level, levels[length - 2] if length > 1 else None, header, name)
    log10_probs: list[FloatArray] = [with_marks(levels[0].log10_probs, words, -np.inf)]
    log10_backoffs: list[FloatArray] = [with_marks(backoffs_of(levels[0]), words, 0.0)]
    log10_probs[0][BOS] = -np.inf  # never predicted, whatever stands there
    orders = [first_order(len(words.vocabulary))]
    walk = Walk(levels, words.ids)
    for length in range(2, len(levels) + 1):
        rows, lasts = walk.next_level()
        if rows is None:
            raise damaged(name, f"a {length}-gram begins with a {length - 1}-gram that is not there")
        indptr, indices, entries = group_many(rows, lasts, (len(orders[-1]), len(words.vocabulary)))
        orders.append(Order(indptr, indices))
        walk.entries = entries
        log10_probs.append(placed(levels[length - 1].log10_probs, entries))
        if length < len(levels):
            log10_backoffs.append(placed(backoffs_of(levels[length - 1]), entries))
    values = StoredValues(tuple(log10_probs), tuple(log10_backoffs))
    origin = Origin({"smoothing": method_of(header)})
    return NgramModel(
        words.vocabulary, orders=tuple(orders), values=values, **origin.fields_of_model("single", closed=False)
    )


class Walk:
    """The n-grams of a trie, length by length, with their places in the chain of orders."""

    def __init__(self, levels: Sequence[Level], ids: NDArray[np.int32]) -> None:
        """ids: (KenLM's words,) of lmkit."""
        self._levels, self._length = levels, 1
        # Of the n-grams of the level that was walked last:
        self._histories: IndexArray = np.zeros(0, np.int32)  # in the level below
        self._lasts: IndexArray = ids  # their last words, by the ids of lmkit
        self.entries: IndexArray = ids  # in the chain

    def next_level(self) -> tuple[IndexArray | None, IndexArray]:
        """(n-grams,) of the next length: the entries of their histories in the chain (None: some have none), and their last words."""
        below, level = self._levels[self._length - 1 : self._length + 1]
        suffixes = row_numbers(bounds_of(below))
        histories = level.words
        if self._length > 1:
            cells = CellIndex(bounds_of(self._levels[self._length - 2]), below.words, len(self._levels[0].log10_probs))
            histories = cells.lookup(take(self._histories, suffixes), level.words)
        self._histories, self._lasts = histories, take(self._lasts, suffixes)
        self._length += 1
        if len(histories) and histories.min() < 0:
            return None, self._lasts
        return take(self.entries, histories), self._lasts


def bounds_of(level: Level) -> IndexArray:
    """Where the n-grams under each begin, of an order that is not the highest."""
    assert level.bounds is not None  # noqa: S101 (there are n-grams under it)
    return level.bounds


def backoffs_of(level: Level) -> FloatArray:
    """The backoffs of an order that is not the highest."""
    assert level.log10_backoffs is not None  # noqa: S101 (as above)
    return level.log10_backoffs


def with_marks(values: FloatArray, words: Words, absent: float) -> FloatArray:
    """(types,) the values (KenLM's words,) of words by lmkit's ids; of marks that KenLM does not know, another one."""
    found: FloatArray = np.full(len(words.vocabulary), absent, np.float32)
    found[words.ids] = values
    return found


def placed(values: FloatArray, entries: IndexArray) -> FloatArray:
    """The values, each at its entry."""
    found: NDArray[Any] = np.empty(len(values), np.float32)
    found[entries] = values
    return found


def check_level(length: int, level: Level, below: Level | None, header: Header, name: str) -> None:
    """DataError for n-grams that do not fit those that they stand under (below; None: they are words), and for values that are none."""
    if not (level.log10_probs <= 0).all():
        raise damaged(name, f"a {length}-gram has a log10 probability that is no number up to 0")
    if level.log10_backoffs is not None and not (level.log10_backoffs <= LARGEST_BACKOFF).all():
        raise damaged(name, f"a {length}-gram has a log10 backoff that is no number up to {LARGEST_BACKOFF:g}")
    if level.bounds is not None:
        bounds = level.bounds
        if bounds[0] or bounds[-1] != header.counts[length] or (bounds[1:] < bounds[:-1]).any():
            raise damaged(name, f"the pointers of {length}-grams do not ascend from 0 to {header.counts[length]:,}")
    if below is None or not len(level.words):
        return
    if int(level.words.max()) >= header.counts[0]:
        raise damaged(
            name, f"a {length}-gram has the word {int(level.words.max()):,}, and there are {header.counts[0]:,}"
        )
    ascends = np.empty(len(level.words) + 1, bool)
    np.greater(level.words[1:], level.words[:-1], out=ascends[1:-1])
    ascends[bounds_of(below)] = True  # where others begin
    if not ascends.all():
        raise damaged(name, f"the words of {length}-grams do not ascend")
