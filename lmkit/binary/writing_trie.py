"""Writing KenLM's `trie` files: n-grams from the last word to the first, in as few bits as hold them.

The layout is told in `lmkit.binary.trie`: what is written here is neither quantized nor compressed. The n-grams of an order come by the id of
their last word, then of the one before, and so on; each order has one more, which says where the longer ones end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.bits import SIGN, packed, width_of
from lmkit.binary.content import Content
from lmkit.binary.hashing import hash_words
from lmkit.binary.header import MULTIPLIER, TRIE, Header
from lmkit.binary.numbered_words import NumberedWords
from lmkit.binary.parts import SPARE
from lmkit.binary.trie import BACKOFF_BITS, PROB_BITS, UNIGRAM
from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.kernels import bucket, scatter, take
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.trie.rows import row_places
from lmkit.text.vocabulary import UNK

PIECE = 1 << 17  # n-grams that a thread packs at a time; of eight, the last bit is the last of a byte


@dataclass(frozen=True, eq=False)
class WrittenLevel:
    """The n-grams of one order as the file has them."""

    length: int
    entries: IndexArray  # (n-grams,) their entries
    first_words: IndexArray  # (n-grams,) KenLM's ids
    starts: IndexArray  # (n-grams below + 1,) where those begin that end in each n-gram of the order below, as the file has it


def write_trie(content: Content, stream: IO[bytes], workers: int | None = None) -> None:
    """Write the n-grams. workers: threads (default: the number of cores)."""
    counts = (len(content.vocabulary), *content.counts[1:])
    stream.write(Header(TRIE, counts, MULTIPLIER, has_words=True).to_bytes())
    words = write_hashes(content, stream)
    advance = stage("writing a trie", sum(counts[1:]))
    levels = levels_of(content, words)
    level = next(levels)
    write_unigrams(content, words, level.starts, stream)
    for above in levels:
        write_level(content, level, above.starts, stream, workers)
        advance(counts[level.length - 1])
        level = above
    write_level(content, level, None, stream, workers)
    stream.write(words.listed())


def write_hashes(content: Content, stream: IO[bytes]) -> NumberedWords:
    """Write the hashes of the words; returns the words in their order."""
    hashes = hash_words(content.vocabulary)
    ascending = np.argsort(hashes, kind="stable")
    words = NumberedWords.in_order(content.vocabulary, np.concatenate(([UNK], ascending[ascending != UNK])))
    table = np.zeros(len(hashes) + 1, "<u8")
    table[0], table[1:-1] = len(hashes) - 1, hashes[words.order[1:]]
    stream.write(table.data)
    return words


def levels_of(content: Content, words: NumberedWords) -> Iterator[WrittenLevel]:
    """The n-grams of the orders from 2 on as the file has them."""
    places: IndexArray = words.ids  # (n-grams below,) where each n-gram of the order below stands in the file
    for length in range(2, content.order + 1):
        order = content.orders[length - 1]
        dtype = index_dtype(max(len(order), len(places)) + 1)
        starts = content.first_words(length).indptr.astype(np.int64)
        by_id = starts.take(words.order), starts.take(words.order + 1)
        entries, first_words = row_places(by_id[0], by_id[1] - by_id[0])  # by first word; now, stably, by all others
        suffixes = take(places, take(content.suffixes[length - 1], entries))
        bounds, first_words, entries = bucket(
            suffixes.astype(dtype, copy=False), first_words.astype(dtype), entries.astype(dtype), len(places)
        )
        yield WrittenLevel(length, entries, first_words, bounds)
        if length < content.order:
            places = scatter(np.arange(len(entries), dtype=dtype), entries)


def write_unigrams(content: Content, words: NumberedWords, starts: IndexArray, stream: IO[bytes]) -> None:
    """Write the values of words, and where the 2-grams begin that end in them."""
    types = len(content.vocabulary)
    table = np.zeros(types + 2, UNIGRAM)
    table["log10_prob"][words.ids] = content.probs(1, 0, types)
    table["log10_backoff"][words.ids] = content.backoffs(1, 0, types)
    table["next"][: types + 1] = starts
    stream.write(table.data)


def write_level(
    content: Content, level: WrittenLevel, starts: IndexArray | None, stream: IO[bytes], workers: int | None
) -> None:
    """Write the n-grams of an order. starts: where the longer ones begin that end in each, and their end; None: there are none."""
    size, length, word_bits = len(level.entries), level.length, width_of(len(content.vocabulary))
    probs = content.probs(length, 0, size).view(np.uint32)
    backoffs = None if starts is None else content.backoffs(length, 0, size).view(np.uint32)

    def records(first: int) -> NDArray[np.uint8]:
        here = slice(first, first + PIECE)
        entries = level.entries[here]
        fields = [(level.first_words[here], word_bits), (take(probs, entries) & ~SIGN, PROB_BITS)]
        if backoffs is not None and starts is not None:
            fields += [(take(backoffs, entries), BACKOFF_BITS), (starts[here], width_of(int(starts[-1])))]
        return packed(fields, min(PIECE, size + 1 - first))

    for data in map_in_order(records, range(0, size + 1, PIECE), workers):
        stream.write(data.data)
    stream.write(bytes(SPARE))
