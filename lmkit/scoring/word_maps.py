"""The words of several models together, and what each model makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.protocol import Model
from lmkit.text.vocabulary import UNK, Vocabulary, WordNumbering


def union(models: Sequence[Model]) -> Vocabulary:
    """The words of all models."""
    first = models[0].vocabulary
    if all(model.vocabulary.same_as(first) for model in models[1:]):
        return first
    return Vocabulary.from_words(dict.fromkeys(word for model in models for word in model.vocabulary.words))


@dataclass(frozen=True, eq=False)
class WordMap:
    """The words of a larger vocabulary in the eyes of a model."""

    ids: NDArray[np.int32]  # (words,) in the model; <unk> for those that it does not know
    log10_shares: NDArray[np.float64]  # (words,) log10 of the share of the model's probability: 0 for known words

    @classmethod
    def of(cls, vocabulary: Vocabulary, model: Model) -> "WordMap":
        """The map for a model of a mixture with this vocabulary."""
        ids = WordNumbering(model.vocabulary).number(vocabulary.words)[0]
        unknown = ids == UNK  # with <unk> itself
        return cls(ids, np.where(unknown, -np.log10(np.count_nonzero(unknown)), 0.0))
