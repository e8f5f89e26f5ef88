"""Words and their ids. The three marks come first, so that what may not start an n-gram, and what is
never predicted, are slices: 0 </s> (starts nothing), 1 <s> (never predicted), 2 <unk>.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.one_line import one_line

if TYPE_CHECKING:
    import pyarrow as pa

EOS, BOS, UNK = 0, 1, 2
MARKS = (b"</s>", b"<s>", b"<unk>")
FIRST_WORD = len(MARKS)
FIRST_WORDS = 1 << 15  # of a vocabulary, which are looked up together
SHOWN = 8  # of its words, to people
LOOKED_UP = 4  # looking them up together is worth it from one word in so many on


@one_line
@dataclass(frozen=True, eq=False)
class Vocabulary(Tabular):
    """The words known to a model; the id of a word is its place."""

    utf8: NDArray[np.uint8]  # (bytes,) all words end to end
    offsets: NDArray[np.int64]  # (words + 1,) where each begins and ends
    is_listed: ClassVar[bool] = (
        True  # whether the words are known, and not only what tells whether a word is one of them
    )

    def columns(self, first: int | None = None) -> Columns:
        """Ids and words."""
        from lmkit.engine.columns import as_texts

        words = as_texts(self.arrow_words()[:first])
        return {"id": np.arange(len(words)), "word": words}

    def in_brief(self) -> str:
        """What it is, in a line."""
        shown = " ".join(word.decode(errors="replace") for word in self.first(SHOWN))
        return f"{len(self):,} words: {shown}{' …' if len(self) > SHOWN else ''}"

    @classmethod
    def from_words(cls, words: Iterable[bytes]) -> "Vocabulary":
        """The vocabulary of these words, marks included, in the order of their ids."""
        listed = list(words)
        lengths = np.fromiter(map(len, listed), np.int64, len(listed))
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        return cls(np.frombuffer(b"".join(listed), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def first(self, number: int) -> list[bytes]:
        """So many of its words, the first ones, without making all."""
        ends = self.offsets[: number + 1].tolist()
        return [self.utf8[start:end].tobytes() for start, end in pairwise(ends)]

    def taken(self, places: NDArray[np.integer[Any]]) -> "Vocabulary":
        """The words in these places (words,), in this order."""
        listed = self.words
        return Vocabulary.from_words(listed[place] for place in places.tolist())

    @cached_property
    def words(self) -> list[bytes]:
        """All words as UTF-8 bytes, by id."""
        listed: list[bytes] = self.arrow_words().to_pylist()
        return listed

    @cached_property
    def ids(self) -> dict[bytes, int]:
        """Word -> id."""
        return dict(zip(self.words, range(len(self)), strict=True))

    def arrow_words(self) -> "pa.Array[Any]":
        """The words as an Arrow array of bytes, without a copy."""
        import pyarrow as pa

        buffers = [None, pa.py_buffer(self.offsets), pa.py_buffer(self.utf8)]
        return pa.Array.from_buffers(pa.large_binary(), len(self), buffers)

    def id_of(self, word: str) -> int:
        """The id of a word, UNK (2) when it is not known."""
        return self.ids.get(word.encode(), UNK)

    def ids_of(self, words: Sequence[bytes]) -> NDArray[np.int32]:
        """(words,) the id of each word; -1: unknown."""
        ids = self.ids
        return np.array([ids.get(word, -1) for word in words], np.int32)

    def look_up(self, words: "pa.Array[Any]") -> NDArray[np.int32] | None:
        """(words,) the ids of words (large_binary), looked up together; -1: unknown. None if these are too few for that."""
        return looked_up(words, self.arrow_words())

    def __contains__(self, word: object) -> bool:
        """Whether a word, or a mark, is known."""
        return isinstance(word, str) and self.get(word) is not None

    def __getitem__(self, word: str) -> int:
        """The id of a word. KeyError for one that is not known."""
        found = self.get(word)
        if found is None:
            raise KeyError(word)
        return found

    def get(self, word: str, default: int | None = None) -> int | None:
        """The id of a word; the default if it is not known."""
        found = int(self.ids_of([word.encode("utf-8", "surrogatepass")])[0])
        return default if found < 0 else found

    def __iter__(self) -> Iterator[str]:
        """The words, by id."""
        return (word.decode() for word in self.words)

    def keys(self) -> Iterator[str]:
        """The same, by which `dict(vocabulary)` takes them."""
        return iter(self)

    def same_as(self, other: "Vocabulary") -> bool:
        """Whether both have the same words under the same ids."""
        if not other.is_listed:
            return other.same_as(self)
        return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.utf8, other.utf8)

    def differences(self, other: "Vocabulary") -> tuple[int, int]:
        """How many words each of the two has that the other has not."""
        if not other.is_listed:
            return other.differences(self)[::-1]
        return len(self.ids.keys() - other.ids), len(other.ids.keys() - self.ids)

    def code_point_ranks(self) -> NDArray[np.int32]:
        """(words,) the place of each word when all are sorted by code point (the order of UTF-8 bytes)."""
        from lmkit.engine.arrow import to_numpy
        from lmkit.engine.kernels import call_arrow

        order = to_numpy(call_arrow("array_sort_indices", self.arrow_words()))
        ranks = np.empty(len(self), np.int32)
        ranks[order] = np.arange(len(self), dtype=np.int32)
        return ranks


def events_mask(types: int, *, closed: bool, marks: bool) -> NDArray[np.bool_]:
    """(types,) which words can be predicted: all but <s>, and but <unk> in a closed vocabulary, and </s> where sentences have no marks."""
    mask = np.ones(types, bool)
    mask[EOS] = marks
    mask[BOS] = False
    mask[UNK] = not closed
    return mask


def begin_with_bos(tokens: NDArray[np.int32]) -> bool:
    """Whether whole padded sentences have marks: without, they do not begin with <s>, and </s> only keeps them apart."""
    return not len(tokens) or bool(tokens[0] == BOS)


def predicted_in(tokens: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(tokens,) which of whole padded sentences are predicted: all but <s>, or without marks, all but </s>."""
    predicted: NDArray[np.bool_] = tokens != (BOS if begin_with_bos(tokens) else EOS)
    return predicted


class WordNumbering:
    """Gives ids to words: new ones as they come (`grows`), or <unk> to those outside a fixed vocabulary.

    The first words of a vocabulary are most of the words of any text: any thread looks them up, as their ids are settled. Other
    words are looked up, and numbered, in the order of the text.
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.grows = vocabulary is None
        self._new = {mark: number for number, mark in enumerate(MARKS)}  # ids where the vocabulary grows
        self._fixed = vocabulary
        # Where it grows, the first words, and how many these are.
        self._first: pa.Array[Any] | None = None
        self._first_number = 0

    def __len__(self) -> int:
        return len(self._new if self._fixed is None else self._fixed)

    def look_up(self, words: "pa.Array[Any]") -> tuple[NDArray[np.int32], bool]:
        """(words,) the ids of words (large_binary) that are among the first ones, as far as these are known; -1: any other.

        Also, whether there are no other words in the vocabulary.
        """
        if self._fixed is not None:
            found, all_were = self._fixed.look_up(words), True
        else:
            found, all_were = None if self._first is None else looked_up(words, self._first), False
        if found is None:
            return np.full(len(words), -1, np.int32), False
        return found, all_were

    def number(self, words: Sequence[bytes]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The ids (words,) of words, and which of them are the reserved marks themselves."""
        if self._fixed is not None:
            numbers = self._fixed.ids_of(words)
        else:
            ids = self._new
            numbers = np.array([ids.setdefault(word, len(ids)) for word in words], np.int32)
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

    def between(self, first: int, last: int) -> list[bytes]:
        """The words with the ids first … last − 1, where the vocabulary grows."""
        return list(islice(self._new, first, last))

    def vocabulary(self) -> Vocabulary:
        """All words numbered so far."""
        return Vocabulary.from_words(self._new) if self._fixed is None else self._fixed


def looked_up(words: "pa.Array[Any]", known: "pa.Array[Any]") -> NDArray[np.int32] | None:
    """(words,) the place of each word (both large_binary) among known ones; -1: none. None if the words are too few."""
    from lmkit.engine.arrow import to_arrow, to_numpy
    from lmkit.engine.kernels import call_arrow

    if LOOKED_UP * len(words) < len(known):
        return None
    found = call_arrow("index_in", words, value_set=known)
    places: NDArray[np.int32] = to_numpy(call_arrow("coalesce", found, to_arrow(np.array([-1], np.int32))[0]))
    return places
