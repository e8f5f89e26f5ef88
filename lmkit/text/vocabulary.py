"""Words and their ids. The three marks come first, so that what may not start an n-gram, and what is
never predicted, are slices: 0 </s> (starts nothing), 1 <s> (never predicted), 2 <unk>.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

EOS, BOS, UNK = 0, 1, 2
MARKS = (b"</s>", b"<s>", b"<unk>")
FIRST_WORD = len(MARKS)
FIRST_WORDS = 1 << 15  # of a vocabulary, which are looked up together
LOOKED_UP = 4  # looking them up together is worth it from one word in so many on


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words known to a model; the id of a word is its place."""

    utf8: NDArray[np.uint8]  # (bytes,) all words end to end
    offsets: NDArray[np.int64]  # (words + 1,) where each begins and ends

    @classmethod
    def from_words(cls, words: Iterable[bytes]) -> "Vocabulary":
        """The vocabulary of these words, marks included, in the order of their ids."""
        listed = list(words)
        lengths = np.fromiter(map(len, listed), np.int64, len(listed))
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        return cls(np.frombuffer(b"".join(listed), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def words(self) -> list[bytes]:
        """All words as UTF-8 bytes, by id."""
        listed: list[bytes] = self.to_arrow().to_pylist()
        return listed

    @cached_property
    def ids(self) -> dict[bytes, int]:
        """Word -> id."""
        return dict(zip(self.words, range(len(self)), strict=True))

    def to_arrow(self) -> "pa.Array[Any]":
        """The words as an Arrow array of bytes, without a copy."""
        import pyarrow as pa

        buffers = [None, pa.py_buffer(self.offsets), pa.py_buffer(self.utf8)]
        return pa.Array.from_buffers(pa.large_binary(), len(self), buffers)

    def id_of(self, word: str) -> int:
        """The id of a word, UNK (2) when it is not known."""
        return self.ids.get(word.encode(), UNK)

    def same_as(self, other: "Vocabulary") -> bool:
        """Whether both have the same words under the same ids."""
        return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.utf8, other.utf8)

    def code_point_ranks(self) -> NDArray[np.int32]:
        """(words,) the place of each word when all are sorted by code point (the order of UTF-8 bytes)."""
        from lmkit.engine.arrow import to_numpy
        from lmkit.engine.kernels import call_arrow

        order = to_numpy(call_arrow("array_sort_indices", self.to_arrow()))
        ranks = np.empty(len(self), np.int32)
        ranks[order] = np.arange(len(self), dtype=np.int32)
        return ranks


def events_mask(types: int, closed: bool) -> NDArray[np.bool_]:
    """(types,) which words can be predicted: all but <s>, and but <unk> in a closed vocabulary."""
    mask = np.ones(types, bool)
    mask[BOS] = False
    mask[UNK] = not closed
    return mask


class WordNumbering:
    """Gives ids to words: new ones as they come (`grows`), or <unk> to those outside a fixed vocabulary.

    The first words of a vocabulary are most of the words of any text: any thread looks them up, as their ids are settled. Other
    words are looked up, and numbered, in the order of the text.
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.grows = vocabulary is None
        self._new = {mark: number for number, mark in enumerate(MARKS)}  # ids where the vocabulary grows
        self._fixed = vocabulary
        # The first words, and how many these are; of a fixed vocabulary, all.
        self._first: pa.Array[Any] | None = None if vocabulary is None else vocabulary.to_arrow()
        self._first_number = 0 if vocabulary is None else len(vocabulary)

    def __len__(self) -> int:
        return len(self._new if self._fixed is None else self._fixed)

    @property
    def _ids(self) -> dict[bytes, int]:
        """The ids of words. Those of a fixed vocabulary are listed when they are first asked for."""
        return self._new if self._fixed is None else self._fixed.ids

    def look_up(self, words: "pa.Array[Any]") -> tuple[NDArray[np.int32], bool]:
        """(words,) the ids of words (large_binary) that are among the first ones, as far as these are known; -1: any other.

        Also, whether there are no other words in the vocabulary.
        """
        from lmkit.engine.arrow import to_arrow, to_numpy
        from lmkit.engine.kernels import call_arrow

        first = self._first
        if first is None or LOOKED_UP * len(words) < len(first):
            return np.full(len(words), -1, np.int32), False
        found = call_arrow("index_in", words, value_set=first)
        return to_numpy(call_arrow("coalesce", found, to_arrow(np.array([-1], np.int32))[0])), not self.grows

    def number(self, words: Sequence[bytes]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The ids (words,) of words, and which of them are the reserved marks themselves."""
        ids = self._ids
        if self.grows:
            listed = [ids.setdefault(word, len(ids)) for word in words]
        else:
            listed = [ids.get(word, -1) for word in words]
        numbers = np.array(listed, np.int32)
        reserved = (numbers >= 0) & (numbers < FIRST_WORD)
        numbers[numbers < 0] = UNK
        return numbers, reserved

    def settle(self, words: int) -> None:
        """Let threads look up the first words, as far as they are known by now, in blocks with about so many words."""
        if not self.grows:
            return
        number = min(len(self._new), FIRST_WORDS)
        grown = 2 * number > 3 * self._first_number or number == FIRST_WORDS > self._first_number
        if grown and LOOKED_UP * words >= number:
            from lmkit.engine.arrow import bytes_to_arrow

            self._first = bytes_to_arrow(list(islice(self._new, number)))
            self._first_number = number

    def vocabulary(self) -> Vocabulary:
        """All words numbered so far."""
        return Vocabulary.from_words(self._new) if self._fixed is None else self._fixed
