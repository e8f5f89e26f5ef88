"""Weights of a mixture that depend on the history: those of the bucket in which it is (Jelinek & Mercer 1980).

A bucket looks at the words before and never at the word that comes, so that each distribution sums to 1 with the weights of its own history. What
it looks at is seen by the first n-gram model of the mixture, of order n:

    length   how many words the longest history has that the model knows: 0 … n−1
    count    that, and ⌊log2⌋ of how many words it has counted after that history, up to 7
    oov      how many words back the last one is that the model does not know, among the last n−1

A plain mixture has one bucket.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.scoring.bucketing.kinds import KINDS, Kind
from lmkit.scoring.protocol import HistoryFinder, KnownHistories, KnowsHistories, Model
from lmkit.scoring.word_maps import WordMap
from lmkit.text.vocabulary import EOS, UNK, predicted_in

Numbers = NDArray[np.intp]  # of buckets
LEVELS = 8  # of counts: 1, 2, 4, … and 128 or more


@one_line
@dataclass(frozen=True)
class BucketWeights:
    """The weights of the buckets of a kind; buckets without any have those of the mixture."""

    kind: Kind
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # by name of the bucket, one for each model
    tokens: Mapping[str, int] = field(
        default_factory=dict
    )  # by name, of the text that they were tuned on, if they were

    @property
    def shown(self) -> str:
        """All of them in a word, as signatures have it: what they depend on, and a digest."""
        listed = " ".join(
            f"{name}:{','.join(f'{weight:.6g}' for weight in self.weights[name])}" for name in sorted(self.weights)
        )
        return f"{self.kind}-{hashlib.sha256(listed.encode()).hexdigest()[:8]}"

    def as_dict(self) -> dict[str, Any]:
        """The weights as JSON values."""
        rows = {name: {"weights": list(row), "tokens": self.tokens.get(name, 0)} for name, row in self.weights.items()}
        return {"kind": self.kind, "buckets": rows}


class Buckets(Protocol):
    """What tells the bucket of histories, in text or as a predictor does. A state is its own business."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all buckets, by number."""

    def in_text(self, tokens: NDArray[np.int32]) -> Numbers:
        """(predicted tokens,) the bucket of the history of each, of whole padded sentences; (1,) where it is the same for all."""

    def start(self, ids: Sequence[int], sentences: int) -> Any:
        """The state of so many sentences that begin with these ids."""

    def extend(self, state: Any, kept: NDArray[np.int64], words: NDArray[np.int64]) -> Any:
        """The state of some of the sentences after one more word each (see `Predictor.extend`)."""

    def numbers(self, state: Any) -> Numbers:
        """(sentences,) the bucket of each; (1,) where it is the same for all."""


class OneBucket:
    """One bucket for all histories."""

    names = ("all",)

    def in_text(self, tokens: NDArray[np.int32]) -> Numbers:  # noqa: ARG002
        """See `Buckets`, as for the other names."""
        return np.zeros(1, np.intp)

    def start(self, ids: Sequence[int], sentences: int) -> None:
        """There is nothing to remember."""

    def extend(self, state: None, kept: NDArray[np.int64], words: NDArray[np.int64]) -> None:
        """There is nothing to remember."""

    def numbers(self, state: None) -> Numbers:  # noqa: ARG002
        """That of all."""
        return np.zeros(1, np.intp)


class HistoryBuckets:
    """By the longest history that a model knows, and, with counts, by how often it was seen."""

    def __init__(self, finder: HistoryFinder, words: WordMap, order: int, *, counts: bool) -> None:
        """words: those of the mixture in the eyes of the model, which has this order."""
        self._finder, self._words, self._counts = finder, words, counts
        lengths = [str(length) for length in range(order)]
        levels = [f"{length}:{1 << level}" for length in lengths for level in range(LEVELS)]
        self.names = tuple(levels if counts else lengths)

    def in_text(self, tokens: NDArray[np.int32]) -> Numbers:
        """See `Buckets`, as for the other names."""
        return self._numbers(self._finder.in_text(self._words.ids.take(tokens)))[predicted_in(tokens)]

    def start(self, ids: Sequence[int], sentences: int) -> Any:
        """The state of the model's histories."""
        return self._finder.start(self._words.ids.take(np.array(ids, np.intp)).tolist(), sentences)

    def extend(self, state: Any, kept: NDArray[np.int64], words: NDArray[np.int64]) -> Any:
        """The same after one more word each."""
        return self._finder.extend(state, kept, self._words.ids.take(words).astype(np.int64))

    def numbers(self, state: Any) -> Numbers:
        """The bucket of each sentence."""
        return self._numbers(self._finder.known(state))

    def _numbers(self, known: KnownHistories) -> Numbers:
        lengths = known.lengths.astype(np.intp)
        return lengths * LEVELS + np.minimum(known.log2_counts, LEVELS - 1) if self._counts else lengths


class UnknownWordBuckets:
    """By how many words back the last one is that a model does not know, among those at which it looks."""

    def __init__(self, words: WordMap, order: int) -> None:
        """words: see `HistoryBuckets`."""
        self._words, self._longest = words, order - 1
        self.names = ("none", *map(str, range(1, order)))

    def in_text(self, tokens: NDArray[np.int32]) -> Numbers:
        """See `Buckets`, as for the other names."""
        places = np.arange(len(tokens))
        is_unknown = self._words.ids.take(tokens) == UNK
        last = np.maximum.accumulate(np.where(is_unknown, places, -1))
        ended = np.maximum.accumulate(np.where(tokens == EOS, places, -1))
        last[last < ended] = -1  # of another sentence
        back = places[1:] - last[:-1]
        found = np.zeros(len(tokens), np.intp)
        found[1:] = np.where((last[:-1] >= 0) & (back <= self._longest), back, 0)
        return found[predicted_in(tokens)]

    def start(self, ids: Sequence[int], sentences: int) -> Numbers:
        """The buckets, which are all that there is to remember."""
        state = np.zeros(sentences, np.intp)
        for word in ids:
            state = self.extend(state, np.arange(sentences), np.full(sentences, word, np.int64))
        return state

    def extend(self, state: Numbers, kept: NDArray[np.int64], words: NDArray[np.int64]) -> Numbers:
        """The same after one more word each."""
        state = state[kept]
        state = np.where((state > 0) & (state < self._longest), state + 1, 0)
        return np.where(self._words.ids.take(words) == UNK, min(1, self._longest), state)

    def numbers(self, state: Numbers) -> Numbers:
        """The bucket of each sentence."""
        return state


ONE_BUCKET = OneBucket()


def buckets_of(kind: Kind, models: Sequence[Model], word_maps: Sequence[WordMap]) -> Buckets:
    """The buckets of a kind in the eyes of the first n-gram model.

    UsageError for a kind that there is none of; DataError if no model is one of n-grams, or if it is to be asked for counts and has none.
    """
    if kind not in KINDS:
        raise UsageError(f"there are no weights by {kind!r}: they depend on {', '.join(KINDS)}.")
    for model, words in zip(models, word_maps, strict=True):
        if model.order is None:
            continue
        if kind == "oov":
            return UnknownWordBuckets(words, model.order)
        if isinstance(model, KnowsHistories):
            counts = kind == "count"
            return HistoryBuckets(model.history_finder(counts=counts), words, model.order, counts=counts)
    raise DataError(
        f"weights by {kind} are told by the first n-gram model of a mixture, and none of its models ({', '.join(model.method for model in models)}) lists n-grams.",
        "Mix an n-gram model with them, as `lmkit ngram train` makes it; or give one weight a model, without weights by bucket.",
    )


def check_names(by: BucketWeights, names: Sequence[str]) -> None:
    """UsageError for weights of buckets that there are not."""
    others = [name for name in by.weights if name not in names]
    if others:
        raise UsageError(
            f"there are weights of the bucket {others[0]!r}, and the buckets by {by.kind} are {' '.join(names)}."
        )
