"""What the driver makes of the words of all splits: their ids in the whole text, the limits of the vocabulary, ranges of first words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.columns import texts_at
from lmkit.engine.runners.payloads import unpacked, unpacked_value
from lmkit.engine.runners.protocol import Message, Sent
from lmkit.engine.sparse import sort_pairs
from lmkit.ngrams.counting.supersteps.numbering import BAD_LINES, COUNTS, HEAVY, WORDS
from lmkit.text.ids.encoding import fixed_tokens
from lmkit.text.limits import cut_off
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.stored_words import OFFSETS
from lmkit.text.stored_words import TEXT as UTF8
from lmkit.text.vocabulary import EOS, FIRST_WORD, UNK, Vocabulary, WordNumbering

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class WholeVocabulary:
    """The words of the whole text."""

    vocabulary: Vocabulary
    counts: NDArray[np.int64]  # (types,) how often each occurs
    ids: dict[int, NDArray[np.int32]]  # by split: (its types,) the id of each of its words


def whole_vocabulary(sent: Sent, settings: TextSettings, given: Vocabulary | None, cutoff: int) -> WholeVocabulary:
    """The words of all splits, numbered as they would be if the text were read from its beginning; limited as asked."""
    numbering, ids, found = WordNumbering(given), {}, {}
    for split, words, counts in words_of_splits(sent):
        seen = np.flatnonzero(counts[FIRST_WORD:]) + FIRST_WORD
        ids[split] = np.full(len(words), UNK, np.int32)
        ids[split][:FIRST_WORD] = np.arange(FIRST_WORD)
        ids[split][seen] = ids_of(texts_at(words.to_arrow(), seen), numbering)
        found[split] = counts
    if numbering.grows:
        numbering.number(fixed_tokens(settings))
    whole = WholeVocabulary(numbering.vocabulary(), np.zeros(len(numbering), np.int64), ids)
    for split, counts in found.items():
        np.add.at(whole.counts, ids[split], counts)
    return whole if cutoff == 1 else without_rare(whole, cutoff)


def ids_of(words: "pa.Array[Any]", numbering: WordNumbering) -> NDArray[np.int32]:
    """(words,) the ids of words (large_binary), of which new ones are numbered if the numbering grows: most are among the first ones, and looked up together."""
    found, all_were = numbering.look_up(words)
    ids, others = found.copy(), np.flatnonzero(found < 0)
    ids[others] = UNK if all_were else numbering.number(texts_at(words, others).to_pylist())[0]
    numbering.settle(len(words))
    return ids


def words_of_splits(sent: Sent) -> Iterator[tuple[int, Vocabulary, NDArray[np.int64]]]:
    """Each split, its words, and how often each occurs."""
    for message in sent.to_driver(WORDS):
        arrays = unpacked(message)
        yield message.source, Vocabulary(arrays[UTF8], arrays[OFFSETS]), arrays[COUNTS]


def without_rare(whole: WholeVocabulary, cutoff: int) -> WholeVocabulary:
    """The words after those seen fewer than `cutoff` times became <unk>: before anything longer is counted."""
    vocabulary, new_ids = cut_off(whole.vocabulary, whole.counts, cutoff)
    counts = np.zeros(len(vocabulary), np.int64)
    np.add.at(counts, new_ids, whole.counts)
    return WholeVocabulary(vocabulary, counts, {split: new_ids.take(ids) for split, ids in whole.ids.items()})


def bad_lines_of(sent: Sent) -> BadLines:
    """The lines of all splits that were skipped."""
    bad = BadLines()
    for message in sent.to_driver(BAD_LINES):
        bad.add(unpacked_value(message))
    return bad


def cuts_of(whole: WholeVocabulary, sent: Sent, ranges: int) -> NDArray[np.int64]:
    """(ranges + 1, 2) between which first and second words the ranges lie, so that about as many n-grams begin in each.

    A range holds the n-grams from its first cut on, up to the next one. Where a word begins more of them than a range is to hold, it
    is cut at second words, as far as the splits told of them; there may be fewer ranges than asked for.
    """
    weights = whole.counts.copy()
    weights[EOS] = 0  # begins no n-gram
    ends, types = np.cumsum(weights), len(weights)
    firsts, seconds, counts = heavy_bigrams(whole, sent, types)
    total = int(ends[-1])
    cuts = {(0, 0), (types, 0)}
    for place in (total * number // ranges for number in range(1, ranges)):
        word = int(np.searchsorted(ends, place, side="right"))
        inside, size = place - int(ends[word] - weights[word]), int(weights[word])
        row = slice(*np.searchsorted(firsts, np.array([word, word + 1])).tolist())
        if 2 * ranges * size > total and row.start < row.stop:
            running = np.cumsum(counts[row])
            cuts.add((word, int(seconds[row][np.searchsorted(running, inside * int(running[-1]) // size)])))
        else:
            cuts.add((word + (2 * inside > size), 0))
    return np.array(sorted(cuts), np.int64)


def heavy_bigrams(
    whole: WholeVocabulary, sent: Sent, types: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first words, second words and counts of the bigrams that the splits told of."""
    found = [bigrams_in(message, whole) for message in sent.to_driver(HEAVY)]
    firsts, seconds, counts = (np.concatenate([np.zeros(0, np.int64), *column]) for column in zip(*found, strict=True))
    pairs = sort_pairs(firsts, seconds, (types, types))
    return pairs.rows, pairs.columns, pairs.sums(counts)


def bigrams_in(message: Message, whole: WholeVocabulary) -> tuple[NDArray[np.int64], ...]:
    """The same of one split."""
    arrays, ids = unpacked(message), whole.ids[message.source].astype(np.int64)
    return ids.take(arrays["firsts"]), ids.take(arrays["seconds"]), arrays[COUNTS]
