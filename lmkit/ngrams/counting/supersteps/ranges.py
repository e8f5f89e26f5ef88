"""Between which words the ranges lie in which n-grams are merged: what splits tell of their words, and what the driver makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.runners.payloads import unpacked
from lmkit.engine.runners.protocol import Message, Sent
from lmkit.engine.sparse import sort_pairs
from lmkit.text.ids.supersteps.numbering import COUNTS, TOLD
from lmkit.text.ids.supersteps.reading import WholeVocabulary
from lmkit.text.vocabulary import EOS


@dataclass(frozen=True)
class HeavyRows:
    """Tells of the bigrams that begin with words so frequent that ranges will be cut within them, and how often each occurs."""

    ranges: int

    def __call__(
        self, part: int, tokens: NDArray[np.int32], counts: NDArray[np.int64]
    ) -> Mapping[str, NDArray[np.int64]] | None:
        """See `Telling`: of the first part of a split, which stands for all of it."""
        if part:
            return None
        heavy = 2 * self.ranges * counts > len(tokens) if self.ranges > 1 else np.zeros(len(counts), bool)
        places = np.flatnonzero(heavy.take(tokens[:-1]))
        types = len(counts)
        found = sort_pairs(tokens.take(places), tokens.take(places + 1), (types, types))
        return {"firsts": found.rows, "seconds": found.columns, COUNTS: np.diff(found.bounds).astype(np.int64)}


def cuts_of(whole: WholeVocabulary, sent: Sent, ranges: int) -> NDArray[np.int64]:
    """(ranges + 1, 2) between which first and second words the ranges lie, so that about as many n-grams begin in each.

    A range holds the n-grams from its first cut on, up to the next one. Where a word begins more of them than a range is to hold, it
    is cut at second words, as far as the splits told of them; there may be fewer ranges than asked for.
    """
    weights = whole.counts.copy()
    weights[EOS] = 0  # begins no n-gram
    ends, types = np.cumsum(weights), len(weights)
    firsts, seconds, counts = heavy_bigrams(whole, sent, types)
    total = int(ends[-1])
    cuts = {(0, 0), (types, 0)}
    for place in (total * number // ranges for number in range(1, ranges)):
        word = int(np.searchsorted(ends, place, side="right"))
        inside, size = place - int(ends[word] - weights[word]), int(weights[word])
        row = slice(*np.searchsorted(firsts, np.array([word, word + 1])).tolist())
        if 2 * ranges * size > total and row.start < row.stop:
            running = np.cumsum(counts[row])
            cuts.add((word, int(seconds[row][np.searchsorted(running, inside * int(running[-1]) // size)])))
        else:
            cuts.add((word + (2 * inside > size), 0))
    return np.array(sorted(cuts), np.int64)


def heavy_bigrams(
    whole: WholeVocabulary, sent: Sent, types: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first words, second words and counts of the bigrams that the splits told of."""
    found = [bigrams_in(message, whole) for message in sent.to_driver(TOLD)]
    firsts, seconds, counts = (np.concatenate([np.zeros(0, np.int64), *column]) for column in zip(*found, strict=True))
    pairs = sort_pairs(firsts, seconds, (types, types))
    return pairs.rows, pairs.columns, pairs.sums(counts)


def bigrams_in(message: Message, whole: WholeVocabulary) -> tuple[NDArray[np.int64], ...]:
    """The same of one split."""
    arrays, ids = unpacked(message), whole.ids[message.source].astype(np.int64)
    return ids.take(arrays["firsts"]), ids.take(arrays["seconds"]), arrays[COUNTS]
