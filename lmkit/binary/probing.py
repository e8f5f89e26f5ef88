"""KenLM's hash tables of words and n-grams, which stay in the file, and are looked up there.

    8 bytes         the version of the vocabulary's table (uint32), the number of words with <unk> (uint32)
    table           hash of a word (uint64), its id (uint32); <unk>, 0, is not in it
    1-grams + 1     log10 probability, log10 backoff (float32 each), by id
    tables          of each order from 2: hash (uint64), log10 probability, log10 backoff (float32 each); the highest has no backoff
    words           by id, each with a zero byte after it, if they are stored

Tables have no order: a key stands in the slot `hash modulo slots`, or the next one that was free. The sign bit of a
probability says whether the n-gram is no suffix of a longer one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashing import EMPTY, Hashes, slots_for
from lmkit.binary.header import Header
from lmkit.binary.parts import Parts
from lmkit.binary.words import Words, read_words
from lmkit.engine.arrays import FloatArray
from lmkit.engine.files.mapped import Buffer
from lmkit.ngrams.values.stored import LARGEST_BACKOFF

PROB, BACKOFF = ("log10_prob", "<f4"), ("log10_backoff", "<f4")
WORD = np.dtype([("key", "<u8"), ("id", "<u4")])
UNIGRAM = np.dtype([PROB, BACKOFF])
MIDDLE = np.dtype([("key", "<u8"), PROB, BACKOFF])
LONGEST = np.dtype([("key", "<u8"), PROB])
VOCABULARY_VERSION = 0
LONG_SEARCH = 1 << 10  # slots after which a table is looked at as a whole
LONGEST_SEARCH = 1 << 20  # slots after which it is given up


@dataclass(frozen=True, eq=False)
class Table:
    """A hash table with linear probing."""

    parts: Parts
    # (slots, numbers) the rows as numbers of 32 bits, which are aligned, and so are copied fast
    slots: NDArray[np.uint32]
    row: np.dtype[Any]  # with the field `key`, which is EMPTY where nothing stands
    entries: int  # how many the file says there are
    title: str  # for messages

    def find(self, keys: Hashes) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """(found,) which of the keys are there, in any order, and (found,) their rows. DataError if searches do not end."""
        slots = (keys % np.uint64(len(self.slots))).astype(np.int64)
        left = np.arange(len(keys))
        places, found = [], []
        for step in range(LONGEST_SEARCH):
            rows = self.slots.take(slots, axis=0).view(self.row).ravel()
            there = rows["key"]
            is_here = there == keys
            places.append(left[is_here])
            found.append(rows[is_here])
            goes_on = np.flatnonzero(~is_here & (there != EMPTY))
            if not len(goes_on):
                return np.concatenate(places), np.concatenate(found)
            left, keys, slots = left[goes_on], keys[goes_on], slots[goes_on] + 1
            slots[slots == len(self.slots)] = 0
            if step == LONG_SEARCH:
                self.check_size()
        raise self.parts.refused(f"more than {LONGEST_SEARCH:,} slots in a row of {self.title} are taken")

    def keys(self) -> Hashes:
        """All keys, in any order."""
        keys = self.slots.view(self.row).ravel()["key"]
        taken: Hashes = keys[keys != EMPTY]
        return taken

    def check_size(self) -> None:
        """DataError if the table is full: searches would not end."""
        if len(self.keys()) == len(self.slots):
            raise self.parts.refused(
                f"all {len(self.slots):,} slots of {self.title} are taken, and it should have {self.entries:,} entries"
            )


@dataclass(frozen=True, eq=False)
class WordTable:
    """The table of the hashes of words, in which any word is found."""

    table: Table
    bound: int  # ids are below

    def find(self, hashes: Hashes) -> NDArray[np.int64]:
        """(words,) KenLM's id of each hash; -1: none. DataError for an id that is none."""
        places, rows = self.table.find(hashes)
        found = rows["id"].astype(np.int64)
        wrong = found[(found < 1) | (found >= self.bound)]
        if len(wrong):
            raise self.table.parts.refused(f"a word has the id {wrong[0]:,}, and ids are 1 to {self.bound - 1:,}")
        ids = np.full(len(hashes), -1, np.int64)
        ids[places] = found
        return ids

    def keys(self) -> Hashes:
        """All hashes."""
        return self.table.keys()


@dataclass(frozen=True, eq=False)
class ProbingTables:
    """All that is in such a file."""

    header: Header
    words: Words
    unigrams: NDArray[Any]  # (types,) by lmkit's ids
    tables: tuple[Table, ...]  # of each order from 2


def read_probing(data: Buffer, header: Header, name: str) -> ProbingTables:
    """The tables of a file, of which words and 1-grams are read, and nothing else. DataError for a file that is damaged or cut short."""
    parts = Parts(data, header, name)
    version, bound = parts.take("<u4", 2).tolist()
    if version != VOCABULARY_VERSION:
        raise parts.refused(
            f"the table of its words is of version {version}, and version {VOCABULARY_VERSION} is known"
        )
    if not 1 <= bound <= header.counts[0] + 1:
        raise parts.refused(f"it has {bound:,} words, and {header.counts[0]:,} 1-grams")
    hashes = WordTable(taken_table(parts, WORD, 1, "the table of words"), bound)
    unigrams = parts.take(UNIGRAM, header.counts[0] + 1)
    tables = tuple(
        taken_table(parts, MIDDLE if length < header.order else LONGEST, length, f"the table of {length}-grams")
        for length in range(2, header.order + 1)
    )
    words = read_words(parts, bound, hashes)
    return ProbingTables(header, words, unigrams_of(parts, unigrams, words), tables)


def taken_table(parts: Parts, dtype: np.dtype[Any], length: int, title: str) -> Table:
    """The table that comes next, of n-grams of this length, or of words."""
    entries = parts.header.counts[length - 1]
    slots, numbers = slots_for(entries, parts.header.multiplier), dtype.itemsize // 4
    return Table(parts, parts.take("<u4", slots * numbers).reshape(slots, numbers), dtype, entries, title)


def unigrams_of(parts: Parts, unigrams: NDArray[Any], words: Words) -> NDArray[Any]:
    """(types,) the values of the words by lmkit's ids: probability 0 for marks that the file lacks."""
    known = words.kenlm_ids < len(unigrams)
    found = np.zeros(len(known), UNIGRAM)
    found["log10_prob"] = -np.inf
    found[known] = unigrams[words.kenlm_ids[known]]
    check_values(parts, 1, found["log10_prob"], found["log10_backoff"])
    return found


def check_values(parts: Parts, length: int, log10_probs: FloatArray, log10_backoffs: FloatArray | None) -> None:
    """DataError for what is no log10 probability, whatever its sign bit, or no backoff, of n-grams of this length."""
    if np.isnan(log10_probs).any():
        raise parts.refused(f"a {length}-gram has a log10 probability that is no number")
    if log10_backoffs is not None and len(log10_backoffs) and not log10_backoffs.max() <= LARGEST_BACKOFF:
        raise parts.refused(f"a {length}-gram has a log10 backoff that is no number up to {LARGEST_BACKOFF:g}")
