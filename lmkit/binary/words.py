"""The words of KenLM's files: their strings, if these are stored, or else their hashes; and which ids they have there and here.

KenLM's <unk> is 0, and its other words follow as the file was made; here the three marks come first, and the others in KenLM's order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashing import Hashes, hash_words
from lmkit.binary.parts import Parts
from lmkit.engine.arrow import bytes_to_arrow
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.stored_words import check_words
from lmkit.text.vocabulary import EOS, MARKS, UNK, Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

KENLM_UNK = 0
ABSENT = 2**32 - 1  # the id of a mark that KenLM does not know: no n-gram has it


class WordHashes(Protocol):
    """The hashes of the words of a file, but for that of <unk>."""

    def find(self, hashes: Hashes) -> NDArray[np.int64]:
        """(words,) KenLM's id of each hash; -1: none."""

    def keys(self) -> Hashes:
        """All of them, in any order."""


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a file, and their ids."""

    vocabulary: Vocabulary
    kenlm_ids: NDArray[np.int64]  # (types,) KenLM's id of each word; ABSENT for marks that the file lacks

    @property
    def can_end(self) -> bool:
        """Whether </s> is one of them."""
        return bool(self.kenlm_ids[EOS] != ABSENT)

    @property
    def ids(self) -> NDArray[np.int32]:
        """(KenLM's words,) the id of each here."""
        known = np.flatnonzero(self.kenlm_ids != ABSENT)
        ids = np.empty(len(known), np.int32)
        ids[self.kenlm_ids[known]] = known
        return ids


def read_words(parts: Parts, number: int, hashes: WordHashes) -> Words:
    """The words of a file, so many of them, whose strings, if there are any, come next."""
    if parts.header.has_words:
        return listed_words(parts, number)
    marks = hashes.find(hash_words(Vocabulary.from_words(MARKS)))
    marks[UNK] = KENLM_UNK
    kenlm_ids = in_order(marks, number)
    return Words(HashedVocabulary(kenlm_ids, hashes, parts.name), kenlm_ids)


def listed_words(parts: Parts, number: int) -> Words:
    """The words of a file that has their strings, each of which ends with a zero byte."""
    letters = parts.rest()
    ends = np.flatnonzero(letters == 0)
    if len(ends) < number or letters[-1]:
        raise parts.refused(
            f"{number:,} words should stand at its end, and there are {len(ends):,}: it is cut short, perhaps"
        )
    if len(ends) > number:
        raise parts.refused(f"{number:,} words should stand at its end, and there are {len(ends):,}")
    utf8 = np.delete(letters, ends)
    stored = Vocabulary(utf8, np.concatenate((np.zeros(1, np.int64), ends + 1 - np.arange(1, number + 1))))
    if number == 0 or stored.arrow_words()[0].as_py() != MARKS[UNK]:
        raise parts.refused("its words do not begin with <unk>")
    places = call_arrow("index_in", bytes_to_arrow(MARKS), value_set=stored.arrow_words())
    marks = np.array([-1 if place is None else place for place in places.to_pylist()], np.int64)
    vocabulary = with_marks_first(stored, marks[marks >= 0])
    try:
        check_words(vocabulary)
    except ValueError as error:
        raise parts.refused(str(error)) from None
    return Words(vocabulary, in_order(marks, number))


def in_order(marks: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """(types,) KenLM's ids of all words in the order of the ids here. marks: (3,) those of the marks; -1: none."""
    others = np.ones(number, bool)
    others[marks[marks >= 0]] = False
    return np.concatenate((np.where(marks < 0, ABSENT, marks), np.flatnonzero(others)))


def with_marks_first(stored: Vocabulary, marks: NDArray[np.int64]) -> Vocabulary:
    """The words with the three marks at the beginning. marks: where they stand now, as far as they are there."""
    lengths = np.diff(stored.offsets)
    others = np.ones(len(lengths), bool)
    others[marks] = False
    utf8 = np.concatenate((np.frombuffer(b"".join(MARKS), np.uint8), stored.utf8[np.repeat(others, lengths)]))
    lengths = np.concatenate((np.array([len(mark) for mark in MARKS]), lengths[others]))
    return Vocabulary(utf8, np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))))


class HashedVocabulary(Vocabulary):
    """The words of a model that keeps only their hashes: any word can be looked up, and none listed."""

    is_listed = False
    _types: int
    _ids: NDArray[np.int32]
    _hashes: WordHashes
    _name: str

    def __init__(self, kenlm_ids: NDArray[np.int64], hashes: WordHashes, name: str) -> None:
        """kenlm_ids: see `Words`; name: of the file, for messages."""
        known = np.flatnonzero(kenlm_ids != ABSENT)
        ids = np.full(len(known) + 1, -1, np.int32)  # the last is that of none, which is -1
        ids[kenlm_ids[known]] = known
        vars(self).update(_types=len(kenlm_ids), _ids=ids, _hashes=hashes, _name=name)  # of what is frozen

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{len(self):,} words, as hashes"

    def __len__(self) -> int:
        return self._types

    def _refuse(self) -> NoReturn:
        raise DataError(
            f"{self._name}: this binary model of KenLM keeps only hashes of its words, which cannot be listed.",
            "It can be scored; for all else, make it again from the ARPA file, without -v.",
        )

    @property
    def utf8(self) -> NDArray[np.uint8]:
        """DataError: there is no string."""
        self._refuse()

    @property
    def offsets(self) -> NDArray[np.int64]:
        """DataError: there is no string."""
        self._refuse()

    def find(self, words: Vocabulary) -> NDArray[np.int32]:
        """(words,) the id of each word; -1: unknown."""
        hashes = hash_words(words)
        found = self._ids[self._hashes.find(hashes)]
        for mark, own in enumerate(hash_words(Vocabulary.from_words(MARKS)).tolist()):
            found[hashes == np.uint64(own)] = mark  # <unk> is in no table
        return found

    def look_up(self, words: "pa.Array[Any]") -> NDArray[np.int32]:
        """(words,) the ids of words (large_binary); -1: unknown."""
        offsets = np.frombuffer(words.buffers()[1], np.int64)[words.offset : words.offset + len(words) + 1]
        utf8 = np.frombuffer(words.buffers()[2] or b"", np.uint8)
        return self.find(Vocabulary(utf8, offsets))

    def ids_of(self, words: Sequence[bytes]) -> NDArray[np.int32]:
        """(words,) the id of each word; -1: unknown."""
        return self.find(Vocabulary.from_words(words))

    def differences(self, other: Vocabulary) -> tuple[int, int]:
        """How many words each of the two has that the other has not: as far as their hashes tell."""
        own, others = (
            self.all_hashes(),
            other.all_hashes() if isinstance(other, HashedVocabulary) else hash_words(other),
        )
        return len(np.setdiff1d(own, others)), len(np.setdiff1d(others, own))

    def all_hashes(self) -> Hashes:
        """The hashes of all words, the marks among them."""
        return np.union1d(self._hashes.keys(), hash_words(Vocabulary.from_words(MARKS)))

    def same_as(self, other: Vocabulary) -> bool:
        """Whether both have the same words under the same ids: False for what is not this one, of which the hashes alone tell little."""
        return self is other
