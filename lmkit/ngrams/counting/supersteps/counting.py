"""The second step: the n-grams of a split under the ids of the whole text, cut into slices; and what the first step tells for that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import packed
from lmkit.engine.runners.protocol import DRIVER, Message
from lmkit.engine.sparse import sort_pairs
from lmkit.ngrams.counting.count import count_tokens, run_of_tokens
from lmkit.ngrams.counting.supersteps.slices import slices_of
from lmkit.text.ids.supersteps.numbering import COUNTS, tokens_in

SLICE, RUN = "slice", "run"  # kinds


@dataclass(frozen=True)
class HeavyRows:
    """Tells of the bigrams that begin with words so frequent that ranges will be cut within them, and how often each occurs."""

    ranges: int

    def __call__(
        self, part: int, tokens: NDArray[np.int32], counts: NDArray[np.int64]
    ) -> Mapping[str, NDArray[np.int64]] | None:
        """See `Telling`: of the first part of a split, which stands for all of it."""
        if part:
            return None
        heavy = 2 * self.ranges * counts > len(tokens) if self.ranges > 1 else np.zeros(len(counts), bool)
        places = np.flatnonzero(heavy.take(tokens[:-1]))
        types = len(counts)
        found = sort_pairs(tokens.take(places), tokens.take(places + 1), (types, types))
        return {"firsts": found.rows, "seconds": found.columns, COUNTS: np.diff(found.bounds).astype(np.int64)}


@dataclass(frozen=True, eq=False)
class Counting:
    """How splits are counted."""

    order: int
    types: int
    cuts: NDArray[np.int64] | None  # (ranges + 1, 2) see `cuts_of`; None: nothing is cut
    resources: Resources

    def __call__(self, split: int, messages: Sequence[Message]) -> Iterator[Message]:
        """To each range, the slice of a split; to the driver, the whole run if nothing is cut."""
        blocks = tokens_in(messages)
        if self.cuts is None:
            run, _ = run_of_tokens(blocks, self.order, lambda: self.types, self.resources)
            yield Message(DRIVER, split, RUN, packed(run.arrays()))
            return
        chain = count_tokens(blocks, self.order, lambda: self.types, self.resources)
        for target, arrays in slices_of(chain, self.cuts):
            yield Message(target, split, SLICE, packed(arrays))
