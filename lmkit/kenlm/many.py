"""The scores of many sentences at once, by the scorer of whole texts."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.kenlm.words import Text, lines_of, sentence_settings, utf8
from lmkit.scoring.perplexity import ScoredBlock, map_block_scores
from lmkit.scoring.protocol import Model
from lmkit.scoring.sentences import sum_by_sentence
from lmkit.text.sources.blocks import Block

AT_ONCE = 1 << 13  # sentences


def scores_of(model: Model, sentences: Sequence[Text]) -> NDArray[np.float64]:
    """(sentences,) log10 p of each, its </s> included. DataError for what is no text, and for the marks of sentences."""
    found = map_block_scores(model, blocks_of(sentences), sums, settings=sentence_settings(model))
    return np.concatenate([np.zeros(0), *found])


def blocks_of(sentences: Sequence[Text]) -> Iterator[Block]:
    """The sentences as lines of a text, some thousands at a time."""
    for first in range(0, len(sentences), AT_ONCE):
        yield lines_of(map(utf8, sentences[first : first + AT_ONCE]), first + 1)


def sums(scored: ScoredBlock) -> NDArray[np.float64]:
    """(sentences,) the scores of the sentences of a block."""
    ends = scored.scores.ends
    return sum_by_sentence(scored.scores.log10_probs, ends - np.diff(ends, prepend=0))
