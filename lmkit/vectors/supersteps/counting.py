"""The second step: the pairs of a split under the ids of the whole text, their rows cut into ranges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.runners.protocol import Message
from lmkit.text.ids.stored import longest_sentence
from lmkit.text.ids.supersteps.numbering import TOKENS, tokens_in
from lmkit.text.vocabulary import FIRST_WORD
from lmkit.vectors.cooccurrence import PairCounting
from lmkit.vectors.supersteps.rows import packed_rows

SLICE, LONGEST = "slice", "longest"  # a kind; what the driver is told of a part of a split


def longest_told(
    part: int, tokens: NDArray[np.int32], counts: NDArray[np.int64]
) -> Mapping[str, NDArray[np.int64]] | None:
    """See `Telling`: how many words the longest sentence has."""
    del part, counts
    return {LONGEST: np.array([longest_sentence(tokens)])}


@dataclass(frozen=True, eq=False)
class CountingSplits:
    """How splits are counted."""

    counting: PairCounting
    cuts: NDArray[np.int64]  # (ranges + 1,)

    def __call__(self, split: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To each range, its rows."""
        sizes = [len(message.payload) // 4 for message in messages if message.kind == TOKENS]
        if not any(sizes):  # there is no sentence in it
            return
        ids = np.arange(FIRST_WORD + self.counting.types, dtype=np.int32)
        matrix, _ = self.counting.of_blocks(tokens_in(messages), ids, sum(sizes), max(sizes))
        for number, (first, last) in enumerate(pairwise(self.cuts.tolist())):
            yield Message(number, split, SLICE, packed_rows(matrix, first, last))
