"""Counts with fewer known words."""

from dataclasses import replace

import numpy as np

from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.renumbering import renumber_words
from lmkit.text.limits import cut_off
from lmkit.text.vocabulary import UNK


def apply_cutoff(counts: NgramCounts, cutoff: int) -> NgramCounts:
    """The counts after words seen fewer than `cutoff` times became <unk>: no second pass over the text."""
    vocabulary, new_ids = cut_off(counts.vocabulary, counts.chain.counts[0], cutoff)
    return replace(
        counts, vocabulary=vocabulary, cutoff=cutoff, chain=renumber_words(counts.chain, new_ids, len(vocabulary))
    )


def without_unknown(counts: NgramCounts) -> NgramCounts:
    """The counts without the n-grams that contain <unk>, as a closed vocabulary wants them."""
    if not counts.chain.counts[0][UNK]:
        return counts
    new_ids = np.arange(len(counts.vocabulary), dtype=np.int32)
    new_ids[UNK] = -1
    return replace(counts, chain=renumber_words(counts.chain, new_ids, len(counts.vocabulary)))
