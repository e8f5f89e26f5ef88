"""Counts from a model that is kept as counts: its file is a counts file, too.

What Kneser–Ney smoothing adjusts can be told from what it leaves: the n-grams of the highest order have their counts, and those
that begin with <s>. Any other was counted as often as all longer ones that end with it.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.pieces import PIECE
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.ngrams.trie.suffixes import all_suffixes_of
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.signature import stated
from lmkit.text.vocabulary import BOS, EOS

REMEDY = "Counts are what `lmkit ngram train` writes."


def holds_counts(model: NgramModel) -> bool:
    """Whether the counts that a model was made of are in it."""
    return isinstance(model.values, InterpolatedValues) and model.values.complete and model.settings is not None


def counts_in(model: NgramModel, name: str) -> NgramCounts:
    """The counts that a model was made of. DataError if they are not in it. name: where it comes from, for messages."""
    values, settings = model.values, model.settings
    if not isinstance(values, InterpolatedValues) or settings is None:
        raise DataError(
            f"{name} holds a model (smoothing: {model.smoothing}), and counts are needed. It stores probabilities.",
            REMEDY,
        )
    if not values.complete:
        unmarked, closed, lists = (
            "of text without sentence marks, which does not tell how often n-grams begin a line",
            "with a closed vocabulary, which leaves out the n-grams with <unk>",
            "made of lists of n-grams, not of text",
        )
        raise DataError(
            f"{name} holds a model {unmarked if not settings.sentence_marks else closed if model.closed else lists}, and counts are needed.",
            REMEDY,
        )
    suffixes = tuple(values.suffixes or all_suffixes_of(values.orders, values.scratch))
    counts = [small.whole() for small in values.small_counts]
    for length in range(values.order - 1, 0, -1) if values.adjusted else ():
        raw = counts[length - 1][: bos_ends(values.orders)[length - 1] if length > 1 else 0].copy()
        counts[length - 1] = _of_longer(counts[length], suffixes[length], len(counts[length - 1]), values.scratch)
        counts[length - 1][: len(raw)] = raw
    counts[0][BOS] = counts[0][EOS]  # each sentence has one of both; models count only what is predicted
    cutoff = stated(model.details, "cutoff", 1)
    is_number = isinstance(cutoff, int)
    chain = Chain(values.orders, suffixes, tuple(map(compact, counts)), values.scratch)
    return NgramCounts(model.vocabulary, settings, cutoff if is_number else 1, not is_number, chain)


def _of_longer(
    counts: NDArray[np.int64], suffixes: NDArray[np.signedinteger], size: int, scratch: Scratch
) -> NDArray[np.int64]:
    """(size,) for each n-gram, the counts of all longer ones that end with it, added up."""
    sums: NDArray[np.int64] = np.zeros(size, np.int64)
    for first in range(0, len(suffixes), PIECE):
        piece = slice(first, first + PIECE)
        np.add.at(sums, suffixes[piece].astype(np.intp), counts[piece])
        scratch.release()
    return sums
