"""Between which words the ranges lie in which n-grams are merged: what the driver makes of what splits told of their words."""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.runners.payloads import unpacked
from lmkit.engine.runners.protocol import Message, Sent
from lmkit.engine.sparse import sort_pairs
from lmkit.text.ids.supersteps.numbering import COUNTS, TOLD
from lmkit.text.ids.supersteps.reading import WholeVocabulary
from lmkit.text.vocabulary import EOS


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
