"""The words of a model under KenLM's ids: <unk> has 0."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.text.vocabulary import UNK, Vocabulary


@dataclass(frozen=True, eq=False)
class NumberedWords:
    """The words of a model in the order of KenLM's ids."""

    by_id: Vocabulary  # <unk> first
    ids: NDArray[np.int32]  # (words,) KenLM's id of each of the model's
    order: NDArray[np.int64]  # (words,) the model's id of each of KenLM's

    @classmethod
    def as_listed(cls, vocabulary: Vocabulary) -> "NumberedWords":
        """In the order in which ARPA files list them."""
        order = np.arange(len(vocabulary))
        order[: UNK + 1] = np.roll(order[: UNK + 1], 1)
        return cls.in_order(vocabulary, order)

    @classmethod
    def in_order(cls, vocabulary: Vocabulary, order: NDArray[np.int64]) -> "NumberedWords":
        """order: (words,) the model's ids, in the order of KenLM's."""
        ids = np.empty(len(order), np.int32)
        ids[order] = np.arange(len(order), dtype=np.int32)
        return cls(vocabulary.taken(order), ids, order)

    def listed(self) -> bytes:
        """The words, each with a zero byte after it."""
        letters, offsets = self.by_id.utf8, self.by_id.offsets
        words = np.zeros(len(letters) + len(self.ids), np.uint8)
        words[np.arange(len(letters)) + np.repeat(np.arange(len(self.ids)), np.diff(offsets))] = letters
        return words.tobytes()
