"""The histories that a model is in, one node each, and the walk from one to the next, word by word.

After any words, the model is in the longest stored history that they end with and that matters: one that no stored n-gram extends, and that
weighs nothing, tells the next word no more than the same without its first word does (Heafield 2011). So decoders recombine what ends in equal histories.

Each step is plain Python: one `bisect` an order on the arrays as they are mapped, which costs a few microseconds; NumPy would take
longer to be called. What is remembered are tuples of numbers and of such tuples, which Python's garbage collector soon passes over.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final, Protocol

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.text.vocabulary import BOS

MOST_STEPS = 1 << 17  # that are remembered: some 50 MB

# A stored history, from which words lead on:
# - its number times the number of words: with a word added, the key of a step; 0: the empty history
# - its length in words
# - where the n-grams begin that extend it, in their order, and where they end
# - its weight, which takes the score of a word after its suffix to that after itself, if the word is not stored here
# - what the counts of words are divided by that are stored here
# - its suffix, the longest history that matters and that it ends with; None: it is empty
History = tuple[int, int, int, int, float, float, "History | None"]
BASE: Final = 0
LENGTH: Final = 1
Step = tuple[
    float, int, History
]  # the score of a word, the length of the n-gram that gave it, the history that it leads to


class Arithmetic(Protocol):
    """How scores follow from what a model stores: sums of logarithms, or shares of counts (see `lmkit.kenlm.arithmetic`)."""

    neutral: float  # the weight of a history that changes nothing

    def of_word(self, word: int) -> float:
        """The score of a word alone."""

    def of_history(self, length: int, entry: int) -> tuple[float, float]:
        """The weight and the divisor of a history."""

    def weighted(self, score: float, weight: float, /) -> float:
        """A score after the suffix of a history as one after the history."""

    def stored(self, length: int, entry: int, weighted: float, divisor: float) -> float:
        """The score of a word that is stored after a history of this length, as an entry of its order. weighted: if it were not."""

    def log10(self, score: float) -> float:
        """A score as log10 probability."""


class Walk:
    """A model as a decoder walks it; it remembers its last steps."""

    def __init__(self, model: NgramModel, arithmetic: Arithmetic) -> None:
        """arithmetic: of the values of the model."""
        self._arithmetic, self._weighted, self.log10 = arithmetic, arithmetic.weighted, arithmetic.log10
        self._types, self._order = len(model.vocabulary), model.order
        self._unseen = model.traits.unseen_log10_backoff
        # By length of history. Memory views give plain numbers.
        self._words: list[Sequence[int]] = [views(order.indices) for order in model.orders]
        self._bounds: list[Sequence[int]] = [views(order.indptr) for order in model.orders]
        self._firsts = [1]  # numbers of the first histories of each length, from 1
        for order in model.orders:
            self._firsts.append(self._firsts[-1] + len(order))
        self._known: dict[int, Step] = {}
        self.empty: History = (0, 0, 0, 0, arithmetic.neutral, 1.0, None)
        self.sentence_start = self._history(1, BOS, self.empty)

    def step(self, history: History, word: int) -> Step:
        """The score of a word after a history, the length of the n-gram that it is stored with, and the history that comes next."""
        key = history[BASE] + word
        return self._known.get(key) or self._first_step(key, history, word)

    def _first_step(self, key: int, history: History, word: int) -> Step:
        """The same where it is not remembered."""
        _, length, start, end, weight, divisor, suffix = history
        if suffix is None:
            found = self._arithmetic.of_word(word), 1, self._history(1, word, history)
        else:
            score, matched, following = self.step(suffix, word)
            score = self._weighted(score, weight)
            words = self._words[length]
            entry = bisect_left(words, word, start, end)
            if entry < end and words[entry] == word:
                matched = length + 1
                score = self._arithmetic.stored(length, entry, score, divisor)
                following = self._history(matched, entry, following)
            found = score, matched, following
        if len(self._known) >= MOST_STEPS:
            self._known.clear()
        self._known[key] = found
        return found

    def _history(self, length: int, entry: int, suffix: History) -> History:
        """The history that a stored n-gram is; its suffix, if it does not matter."""
        if length == self._order:
            return suffix
        bounds = self._bounds[length]
        start, end = bounds[entry], bounds[entry + 1]
        weight, divisor = self._arithmetic.of_history(length, entry)
        if start == end and weight == self._arithmetic.neutral and not self._unseen:
            return suffix
        if self._unseen:  # between a history and its suffix, there may be some that are not stored
            weight += self._unseen * (length - suffix[LENGTH] - 1)
        return (self._firsts[length - 1] + entry) * self._types, length, start, end, weight, divisor, suffix


def views(array: Any) -> Sequence[Any]:
    """A NumPy array, whose items are plain numbers of Python."""
    view: Any = memoryview(array)
    return view  # type: ignore[no-any-return]
