"""Writing KenLM's `probing` files: a hash table of words, and one of the n-grams of each order from 2 on (see `lmkit.binary.probing`)."""

import struct
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.bits import SIGN
from lmkit.binary.content import Content, Singles
from lmkit.binary.hashing import Hashes, hash_longer, hash_words, slots_for
from lmkit.binary.header import MULTIPLIER, PROBING, Header
from lmkit.binary.numbered_words import NumberedWords
from lmkit.binary.probing import UNIGRAM, VOCABULARY_VERSION
from lmkit.binary.tables import Bucketed, Table, TableWriter
from lmkit.engine.kernels import take
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.orders import Order

PIECE = 1 << 19  # n-grams that a thread hashes at a time


def write_probing(content: Content, stream: IO[bytes], workers: int | None = None) -> None:
    """Write the n-grams. workers: threads (default: the number of cores)."""
    stream.write(Header(PROBING, tuple(content.counts), MULTIPLIER, has_words=True).to_bytes())
    words = NumberedWords.as_listed(content.vocabulary)
    write_words(content, words, stream)
    write_unigrams(content, words, stream)
    keys = words.ids.astype(np.uint64)
    advance = stage("writing hash tables", sum(content.counts[1:]))
    for length in range(2, content.order + 1):
        tables = Hashing(content, words, length, keys)
        for region in tables.regions(workers):
            stream.write(region.data)
        keys = tables.keys
        advance(content.counts[length - 1])
    stream.write(words.listed())


def write_words(content: Content, words: NumberedWords, stream: IO[bytes]) -> None:
    """Write the table of words, without <unk>, which has the id 0."""
    ids = np.arange(1, len(content.vocabulary), dtype=np.int32)
    slots = slots_for(content.counts[0], MULTIPLIER)
    stream.write(struct.pack("<2I", VOCABULARY_VERSION, len(content.vocabulary)))
    for region in TableWriter([Bucketed.of(hash_words(words.by_id)[1:], ids, slots)], slots).regions():
        stream.write(region.data)


def write_unigrams(content: Content, words: NumberedWords, stream: IO[bytes]) -> None:
    """Write the probabilities and backoffs of words, and room for one more."""
    types = len(content.vocabulary)
    table = np.zeros(content.counts[0] + 1, UNIGRAM)
    table["log10_prob"][words.ids] = signed_probs(content, 1, content.are_suffixes(1), 0, types)
    table["log10_backoff"][words.ids] = content.backoffs(1, 0, types)
    stream.write(table.data)


class Hashing:
    """The hash table of the n-grams of one order."""

    def __init__(self, content: Content, words: NumberedWords, length: int, below: Hashes) -> None:
        """below: (n-grams below,) the keys of the order below."""
        self._content, self._ids, self._length, self._below = content, words.ids, length, below
        self._first_words: Order = content.first_words(length)
        is_highest = length == content.order
        size = len(content.orders[length - 1])
        self._slots = slots_for(size, MULTIPLIER)
        self._are_suffixes = None if is_highest else content.are_suffixes(length)
        self.keys: Hashes = np.empty(0 if is_highest else size, np.uint64)  # (n-grams,) unless there is no order above

    def regions(self, workers: int | None = None) -> Iterator[Table]:
        """The table, range by range of its slots. With it the keys are made."""
        size = len(self._content.orders[self._length - 1])
        pieces = [(first, min(first + PIECE, size)) for first in range(0, max(size, 1), PIECE)]
        return TableWriter(list(map_in_order(self._bucketed, pieces, workers)), self._slots).regions(workers)

    def _bucketed(self, piece: tuple[int, int]) -> Bucketed:
        """The n-grams first <= entry < last by their slots."""
        here = slice(*piece)
        words = self._first_words.ngrams_between(*piece)[0] if piece[0] < piece[1] else np.zeros(0, np.int64)
        keys = hash_longer(take(self._below, self._content.suffixes[self._length - 1][here]), self._ids.take(words))
        if self._are_suffixes is None:
            probs = self._content.probs(self._length, *piece)
            return Bucketed.of(keys, (probs.view(np.uint32) | SIGN).view(np.int32), self._slots)
        self.keys[here] = keys
        values = np.empty((len(keys), 2), np.float32)
        values[:, 0] = signed_probs(self._content, self._length, self._are_suffixes, *piece)
        values[:, 1] = self._content.backoffs(self._length, *piece)
        return Bucketed.of(keys, values.view(np.int64)[:, 0], self._slots)


def signed_probs(content: Content, length: int, are_suffixes: NDArray[np.bool_], first: int, last: int) -> Singles:
    """(last − first,) the log10 probabilities of the n-grams first <= entry < last, positive for those that are suffixes."""
    bits = content.probs(length, first, last).view(np.uint32) | SIGN
    bits ^= are_suffixes[first:last].astype(np.uint32) << np.uint32(31)
    return bits.view(np.float32)
