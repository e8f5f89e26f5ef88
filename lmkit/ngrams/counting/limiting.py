"""Counts with fewer known words."""

from dataclasses import replace

import numpy as np

from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.renumbering import renumber_words
from lmkit.ngrams.counting.runs import compact
from lmkit.text.limits import cut_off
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import BOS, EOS, UNK, Vocabulary


def apply_cutoff(counts: NgramCounts, cutoff: int) -> NgramCounts:
    """The counts after words seen fewer than `cutoff` times became <unk>: no second pass over the text."""
    vocabulary, new_ids = cut_off(counts.vocabulary, counts.chain.counts[0], cutoff)
    return replace(
        counts, vocabulary=vocabulary, cutoff=cutoff, chain=renumber_words(counts.chain, new_ids, len(vocabulary))
    )


def counts_of(
    chain: Chain, vocabulary: Vocabulary, settings: TextSettings, *, fixed_vocabulary: bool = False
) -> NgramCounts:
    """The counts of the whole padded sentences in a chain, which were read so."""
    marks = settings.sentence_marks
    return NgramCounts(vocabulary, settings, 1, fixed_vocabulary, chain if marks else without_ends(chain), whole=marks)


def without_ends(chain: Chain) -> Chain:
    """The chain of sentences without marks, of which </s> is no part; the count of <s> tells how many they are, as with marks."""
    new_ids = np.arange(len(chain.counts[0]), dtype=np.int32)
    new_ids[EOS] = -1
    shorter = renumber_words(chain, new_ids, len(new_ids))
    words = shorter.counts[0].astype(np.int64)
    words[BOS] = chain.counts[0][EOS]
    return replace(shorter, counts=(compact(words), *shorter.counts[1:]))


def without_unknown(counts: NgramCounts) -> NgramCounts:
    """The counts without the n-grams that contain <unk>, as a closed vocabulary wants them."""
    if not counts.chain.counts[0][UNK]:
        return counts
    new_ids = np.arange(len(counts.vocabulary), dtype=np.int32)
    new_ids[UNK] = -1
    return replace(counts, chain=renumber_words(counts.chain, new_ids, len(counts.vocabulary)))
