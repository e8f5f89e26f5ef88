"""Counts with more known words, and of texts read several times over."""

from dataclasses import replace

import numpy as np

from lmkit.errors import UsageError
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.renumbering import renumber_words
from lmkit.ngrams.values.small_counts import LARGEST_COUNT
from lmkit.text.vocabulary import FIRST_WORD, Vocabulary


def add_words(counts: NgramCounts, vocabulary: Vocabulary) -> tuple[NgramCounts, int]:
    """The counts with the words of a vocabulary among the known ones, seen or not, and how many are new.

    A new word has a count of 0: smoothing gives it what it gives to words that were not seen.
    """
    known = counts.vocabulary.ids
    new = [word for word in vocabulary.words[FIRST_WORD:] if word not in known]
    if not new:
        return counts, 0
    larger = Vocabulary.from_words([*counts.vocabulary.words, *new])
    same = np.arange(len(counts.vocabulary), dtype=np.int32)
    return replace(counts, vocabulary=larger, chain=renumber_words(counts.chain, same, len(larger))), len(new)


def weighted(counts: NgramCounts, weight: int) -> NgramCounts:
    """The counts of the text read `weight` times over."""
    if weight == 1:
        return counts
    if weight * (counts.tokens + counts.sentences) >= LARGEST_COUNT:
        raise UsageError(f"the weight {weight:,} is too large: counts stay below {LARGEST_COUNT:,}.")
    chain = counts.chain
    widest = np.int64 if weight * (counts.tokens + counts.sentences) >= 2**31 else np.int32
    multiplied = tuple(
        (values.astype(widest) * weight).astype(np.min_scalar_type(int(values.max(initial=0)) * weight))
        for values in chain.counts
    )
    return replace(counts, chain=replace(chain, counts=multiplied))
