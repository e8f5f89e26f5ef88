"""Counts from lists of n-grams, as other tools write them: all that is listed, and what follows from it."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow, take
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.sparse import group_many
from lmkit.errors import CountsWarning, DataError, UsageError
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.chain import MOST_ORDER, Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.limiting import apply_cutoff
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.problems import named
from lmkit.text.ids.count_lists import ListedNgrams, numbered_lists
from lmkit.text.ids.encoding import fixed_tokens
from lmkit.text.limits import check_limits
from lmkit.text.settings import TextSettings, refuse_without_marks
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.vocabulary import BOS, EOS, Vocabulary, WordNumbering
from lmkit.text.word_files import read_vocabulary


@dataclass(frozen=True, eq=False)
class Distinct:
    """The distinct n-grams of one length, in any order, and where the shorter ones in them are among those one order down."""

    ids: NDArray[np.int32]  # (n-grams, length)
    counts: NDArray[np.int64]  # (n-grams,)
    histories: IndexArray  # (n-grams,)
    suffixes: IndexArray  # (n-grams,) of single words: none, nor histories


def read_counts(
    texts: Texts,
    order: int | None = None,
    *,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    settings: TextSettings | None = None,
    resources: Resources = Resources(),
) -> NgramCounts:
    """The counts in lists: `n-gram TAB count` a line, all lengths mixed, as SRILM, Google and `lmkit count` write them.

    order: of the result (default: the longest n-grams). An n-gram that is listed several times has the sum of its counts. One that is not listed, and with which
    longer ones begin or end, has the sum of these, as it would in a text; a CountsWarning tells of that. settings: how text is read later; words of the
    lists are shaped as words of a text. cutoff, vocabulary: as for `count_ngrams`. DataError for lines that are none, for counts that
    are no whole numbers, and for shorter n-grams with smaller counts than the longer ones around them.
    """
    settings = settings or TextSettings()
    refuse_without_marks(settings, "lists of n-grams are those of sentences with")
    check_limits(cutoff, vocabulary)
    if vocabulary is not None and not isinstance(vocabulary, Vocabulary):
        vocabulary = read_vocabulary(vocabulary, settings)
    numbering = WordNumbering(vocabulary)
    listed = joined_blocks(numbered_lists(texts, settings, numbering))
    if not listed:
        raise DataError(f"{names_of(texts)}: there are no counts.", "The file is empty, or has only blank lines.")
    if max(listed) > MOST_ORDER:
        raise DataError(
            f"{names_of(texts)}: an n-gram has {max(listed):,} words; {MOST_ORDER:,} are the most.",
            "Is it a list of n-grams with their counts?",
        )
    if order is not None and order > max(listed):
        raise UsageError(
            f"order {order} was asked for; the n-grams of {names_of(texts)} have at most {max(listed)} words."
        )
    if numbering.grows:
        numbering.number(fixed_tokens(settings))
    known = numbering.vocabulary()
    orders, is_whole = completed(listed, known, names_of(texts))
    chain = chain_of_distinct(orders, resources.workers)
    counts = NgramCounts(known, settings, 1, vocabulary is not None, chain, whole=is_whole)
    counts = counts if order is None else counts.up_to(order)
    return apply_cutoff(counts, cutoff) if cutoff > 1 else counts


def joined_blocks(blocks: Iterable[dict[int, ListedNgrams]]) -> dict[int, ListedNgrams]:
    """The n-grams of all blocks, by their length."""
    pieces: dict[int, list[ListedNgrams]] = {}
    for block in blocks:
        for length, listed in block.items():
            pieces.setdefault(length, []).append(listed)
    return {
        length: ListedNgrams(
            np.concatenate([piece.ids for piece in pieces[length]]),
            np.concatenate([piece.counts for piece in pieces[length]]),
        )
        for length in sorted(pieces)
    }


def completed(listed: dict[int, ListedNgrams], vocabulary: Vocabulary, source: str) -> tuple[list[Distinct], bool]:
    """The distinct n-grams of lengths 1…n, with all that longer ones contain, and whether the counts are those of whole sentences.

    In whole sentences, all that follows an n-gram adds up to its count, and so does all that stands before it.
    """
    length = max(listed)
    stage(f"finding the distinct {length}-grams")
    ids, where = distinct_rows(listed[length].ids, len(vocabulary))
    longer = ListedNgrams(ids, sums(where, listed[length].counts, len(ids)))
    orders: list[Distinct] = []
    is_whole, is_told = True, Told(source)
    for k in range(length - 1, 0, -1):
        stage(f"finding the distinct {k}-grams")
        own = listed.get(k, ListedNgrams(np.zeros((0, k), np.int32), np.zeros(0, np.int64)))
        ids, where = distinct_rows(np.concatenate((own.ids, longer.ids[:, :-1], longer.ids[:, 1:])), len(vocabulary))
        first, second = len(own.ids), len(own.ids) + len(longer.ids)
        orders.append(Distinct(longer.ids, longer.counts, where[first:second], where[second:]))
        counts = sums(where[:first], own.counts, len(ids))
        begin, end = (sums(part, longer.counts, len(ids)) for part in (where[first:second], where[second:]))
        around = np.maximum(begin, end)
        missing = (counts == 0) & (around > 0)
        wrong = np.flatnonzero((counts < around) & ~missing)
        if len(wrong):
            place = int(wrong[0])
            ngram = named([vocabulary.words[word] for word in ids[place].tolist()])
            verb = "begin" if begin[place] == around[place] else "end"
            raise DataError(
                f"{source}: {ngram} has a count of {counts[place]:,}, and the {k + 1}-grams that {verb} with it {around[place]:,}.",
                "The lists are not of one text, or one of them is there twice.",
            )
        is_told.add(k, missing & ~((ids[:, 0] <= BOS) & (k == 1)), listed=k in listed)
        counts[missing] = around[missing]
        is_whole &= bool(((counts == begin) | (ids[:, -1] == EOS))[counts > 0].all())
        is_whole &= bool(((counts == end) | (ids[:, 0] == BOS))[counts > 0].all())
        longer = ListedNgrams(ids, counts)
    is_told.warn(ends=bool(longer.counts[EOS]) if length > 1 else True)
    orders.append(Distinct(longer.ids, longer.counts, NO_SUFFIXES, NO_SUFFIXES))
    return orders[::-1], is_whole and bool(longer.counts[BOS] == longer.counts[EOS] > 0)


class Told:
    """What was not listed, and is told of in one warning."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts: list[str] = []

    def add(self, length: int, missing: NDArray[np.bool_], *, listed: bool) -> None:
        """Some n-grams of a length are missing. listed: whether any other is there."""
        number = int(np.count_nonzero(missing))
        if not number:
            return
        if listed:
            self._parts.append(f"{number:,} of {len(missing):,} {length}-grams that longer ones contain are not listed")
            return
        lost = f", and sentences of {length - 2} words are lost" if length > 2 else ""
        self._parts.append(f"no {length}-grams are listed{lost}")

    def warn(self, *, ends: bool) -> None:
        """CountsWarning if there is anything to tell. ends: whether a sentence ends."""
        if self._parts:
            told = "; ".join(self._parts)
            message = (
                f"{self._source}: {told}. Their counts are the sums of the longer ones that begin or end with them."
            )
            warnings.warn(message, CountsWarning, stacklevel=4)
        if not ends:
            message = f"{self._source}: no n-gram ends with </s>: models of these counts expect no sentence to end."
            warnings.warn(message, CountsWarning, stacklevel=4)


def distinct_rows(rows: NDArray[np.int32], types: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The distinct rows (distinct, length), and the place of each row (rows,) among them. Of single words, all types are there."""
    import pyarrow as pa

    number, length = rows.shape
    if length == 1:
        return np.arange(types, dtype=np.int32)[:, None], rows.ravel()
    held = np.ascontiguousarray(rows)
    if length == 2:
        values = to_arrow(held.view(np.int64).ravel())
    else:
        values = pa.Array.from_buffers(pa.binary(length * held.itemsize), number, [None, pa.py_buffer(held)])
    encoded = call_arrow("dictionary_encode", values)
    distinct = np.frombuffer(encoded.dictionary.buffers()[1] or b"", np.int32)[: len(encoded.dictionary) * length]
    return distinct.reshape(-1, length), to_numpy(encoded.indices)


def sums(places: NDArray[np.int32], counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """(size,) the counts at each of these places added up; exact, as they are far below 2^53."""
    return np.bincount(places, counts, size).astype(np.int64)


def placed(values: NDArray[Any], places: IndexArray) -> NDArray[Any]:
    """(n,) an array with each of the values (n,) at its place; each place comes once."""
    found = np.empty_like(values)
    found[places] = values
    return found


def chain_of_distinct(orders: list[Distinct], workers: int | None) -> Chain:
    """The chain of n-grams of lengths 1…n that hold all that longer ones contain."""
    types = len(orders[0].ids)
    made: list[Order] = [first_order(types)]
    suffixes: list[IndexArray] = [NO_SUFFIXES]
    counts = [compact(orders[0].counts)]
    places: IndexArray = np.arange(types, dtype=np.int32)  # of the n-grams of the order below in their order
    for length, distinct in enumerate(orders[1:], start=2):
        stage(f"sorting {length}-grams")
        histories = take(places, distinct.histories)
        indptr, indices, where = group_many(histories, distinct.ids[:, -1], (len(made[-1]), types), workers)
        made.append(Order(indptr, indices))
        suffixes.append(placed(take(places, distinct.suffixes), where))
        counts.append(compact(placed(distinct.counts, where)))
        places = where
    return Chain(tuple(made), tuple(suffixes), tuple(counts))
