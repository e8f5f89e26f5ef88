"""The second step: the n-grams of a split under the ids of the whole text, cut into slices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.kernels import take
from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import packed
from lmkit.engine.runners.protocol import Message
from lmkit.ngrams.counting.count import count_tokens
from lmkit.ngrams.counting.supersteps.numbering import TOKENS
from lmkit.ngrams.counting.supersteps.slices import slices_of

IDS, SLICE = "ids", "slice"  # kinds


@dataclass(frozen=True, eq=False)
class Counting:
    """How splits are counted."""

    order: int
    types: int
    cuts: NDArray[np.int64]  # (ranges + 1, 2) see `cuts_of`
    resources: Resources

    def __call__(self, split: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To each range, the slice of a split."""
        (ids,) = (np.frombuffer(message.payload, np.int32) for message in messages if message.kind == IDS)
        tokens = (np.frombuffer(message.payload, np.int32) for message in messages if message.kind == TOKENS)
        chain = count_tokens((take(ids, each) for each in tokens), self.order, lambda: self.types, self.resources)
        for target, arrays in slices_of(chain, self.cuts):
            yield Message(target, split, SLICE, packed(arrays))
