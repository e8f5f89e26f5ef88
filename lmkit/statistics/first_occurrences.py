"""Where each word of a text stands for the first time: the growth of the vocabulary, exact at any length of the text."""

import numpy as np
from numpy.typing import NDArray

from lmkit.text.ids.encoding import DROPPED, NumberedBlock

FIRST_DECADE = (1, 2, 3, 4, 5, 6, 8)
MANTISSAS = (10, 13, 16, 20, 25, 32, 40, 50, 63, 79)  # about 10^(k/10): ten points in each decade
DECADES = 15  # from 10 on; no text is longer
LENGTHS = np.array([*FIRST_DECADE, *(number * 10**power for power in range(DECADES) for number in MANTISSAS)])


class FirstOccurrences:
    """Collects, block by block, the first place of each word, and how often words stand at which distance after it.

    Places are numbers of running words, from 1; sentence marks are none. The stages of the text between two
    lengths of LENGTHS are numbered by the length they end at. Memory: 8 bytes a word.
    """

    def __init__(self) -> None:
        self.tokens = 0
        self._places = np.zeros(1 << 10, np.int64)  # (ids,) 0: not seen yet
        # (stage of the token, stage of the first occurrence of its word) -> tokens
        self._tokens_by_stage = np.zeros((len(LENGTHS), len(LENGTHS)), np.int64)

    def add(self, block: NumberedBlock) -> None:
        """Take in the next block of the text."""
        running, ids = block.entries.running, block.ids
        entries = np.flatnonzero(ids != DROPPED)
        if len(entries) < len(ids):
            running = np.compress((ids != DROPPED).take(running), running)
        if not len(running):
            return
        # Entries are numbered by their first occurrence: each stands first where the highest number so far reaches it.
        first = np.searchsorted(np.maximum.accumulate(running), entries) + (self.tokens + 1)
        ids = ids[entries]
        words, lines = np.unique(ids, return_index=True)  # the first of several entries of a word
        self._grow(int(words[-1]) + 1)
        is_new = self._places[words] == 0
        self._places[words[is_new]] = first[lines[is_new]]
        self._count_by_stage(running, entries, np.searchsorted(LENGTHS, self._places[ids]))
        self.tokens += len(running)

    def _grow(self, size: int) -> None:
        """Make room for ids below `size`."""
        if size > len(self._places):
            self._places = np.pad(self._places, (0, max(size, 2 * len(self._places)) - len(self._places)))

    def _count_by_stage(
        self, running: NDArray[np.int32], entries: NDArray[np.int64], word_stages: NDArray[np.int64]
    ) -> None:
        """Count the tokens of a block by their stage and that of their word's first occurrence (entries,)."""
        end = self.tokens + len(running)
        stages = np.searchsorted(LENGTHS, [self.tokens + 1, end]).tolist()
        for stage in range(stages[0], stages[1] + 1):
            start = max(int(LENGTHS[stage - 1]) if stage else 0, self.tokens) - self.tokens
            stop = min(int(LENGTHS[stage]), end) - self.tokens
            occurrences = np.bincount(running[start:stop], minlength=int(entries[-1]) + 1)[entries]
            found = np.bincount(word_stages, weights=occurrences, minlength=len(LENGTHS))
            self._tokens_by_stage[stage] += found.astype(np.int64)

    @property
    def places(self) -> NDArray[np.int64]:
        """(types,) the place of the first occurrence of each word, ascending."""
        return np.sort(self._places[self._places > 0])

    def lengths(self) -> NDArray[np.int64]:
        """(points,) the lengths, in tokens, at which the growth is reported: ten in each decade, and the whole text."""
        return np.append(LENGTHS[self.tokens > LENGTHS], self.tokens)

    def types_at(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """(points,) the number of word types among the first so many tokens."""
        return np.searchsorted(self.places, lengths, side="right")

    def oov_rate_at(self, length: int) -> float:
        """The share of tokens length + 1 … 10 · length whose word is not among the first `length` tokens.

        nan where the text is shorter than that, and for lengths that are none of LENGTHS, or below 10.
        """
        known = int(np.searchsorted(LENGTHS, length))
        if length < 10 or 10 * length > self.tokens or LENGTHS[known] != length:
            return float("nan")
        decade = self._tokens_by_stage[known + 1 : known + 1 + len(MANTISSAS)]
        return float(decade[:, known + 1 :].sum() / decade.sum())
