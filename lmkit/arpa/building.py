"""From n-gram lines, which may be wrong in any way, to a chain of orders that holds all that makes sense of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.parsing import NgramLines, Words
from lmkit.arpa.word_finder import WordFinder
from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.sparse import group_many
from lmkit.ngrams.backoff.listed import ListedOrder, NewNgrams, find_beginnings, given, ids_of, put_in_with_histories
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.trie.tracing import IdRows
from lmkit.ngrams.values.protocol import Precision, float_dtype
from lmkit.problems import Problems, named
from lmkit.text.vocabulary import MARKS, UNK, Vocabulary

NOWHERE = np.zeros(0, np.int32)
NO_WORDS = Words(NOWHERE.reshape(0, 0), (), [])
ALIAS = b"<UNK>"  # how some tools write <unk>


@dataclass(frozen=True, eq=False)
class Located:
    """N-grams of a piece of a section with their places in the chain below."""

    read: NgramLines
    rows: IndexArray = field(default_factory=NOWHERE.copy)  # (n-grams,) entry of the history in the order below
    columns: IndexArray = field(default_factory=NOWHERE.copy)  # (n-grams,) last word
    orphans: list[NewNgrams] = field(default_factory=list)  # n-grams whose history is not there
    problems: Problems = field(default_factory=Problems)
    unlisted: list[tuple[int, int, int]] = field(default_factory=list)  # marks without 1-gram: id, n-grams, first line


class ChainBuilder:
    """Builds the chain order by order; n-grams may be located in threads while their order is being read."""

    def __init__(self, problems: Problems, precision: Precision = "single") -> None:
        self.problems = problems
        self.chain: list[ListedOrder] = []
        self.dtype = float_dtype(precision)
        self.aliases: tuple[bytes, ...] = (ALIAS,)  # the first of these that is a 1-gram is <unk> if there is no other
        self.words: list[bytes] = list(MARKS)
        self.marks_listed: set[bytes] = set()
        self.alias: bytes | None = None  # which is taken as <unk>
        self.finder: WordFinder | None = None  # of the words, once they are there
        self._ids: dict[bytes, int] = {}

    def locate(self, read: NgramLines, k: int) -> Located:
        """The histories of n-grams of an order that is next to be finished."""
        if k == 1 or not len(read.lines):
            return Located(read)
        problems = Problems()
        ids = self._ids_of(read.words)
        if ids.min() < 0:
            unknown = (ids < 0).any(axis=1)
            self._tell_unknown(read, ids, np.flatnonzero(unknown), problems)
            known_words = np.flatnonzero(~unknown)
            read, ids = choose(read, known_words), ids[known_words]
        unlisted = []
        for mark in (number for number, word in enumerate(MARKS) if word not in self.marks_listed):
            uses = ids == mark
            if uses.any():
                used = read.lines[uses.any(axis=1)]
                unlisted.append((mark, len(used), int(used.min())))
        rows, missing = find_beginnings(self.chain, ids[:, :-1])
        orphans: list[NewNgrams] = []
        if missing.any():
            lost, found = np.flatnonzero(missing), np.flatnonzero(missing == 0)
            tell_missing_histories(read, lost, missing[lost], problems)
            apart = choose(read, lost)
            orphans.append(NewNgrams(ids[lost], apart.log10_probs, apart.log10_backoffs, apart.lines))
            read, ids, rows = choose(read, found), ids[found], rows[found]
        # What is kept until the order is finished is as small as can be.
        lines = read.lines.astype(index_dtype(int(read.lines.max(initial=0))))
        probs, backoffs = (values.astype(self.dtype) for values in (read.log10_probs, read.log10_backoffs))
        slim = NgramLines(lines, NO_WORDS, probs, backoffs)
        return Located(slim, rows, ids[:, -1].copy(), orphans, problems, unlisted)

    def finish(self, pieces: Sequence[Located]) -> None:
        """Build the next order of its n-grams, which are all there."""
        k = len(self.chain) + 1
        for piece in pieces:
            self.problems.join(piece.problems)
        lines: IndexArray = gathered([piece.read.lines for piece in pieces], np.int32)
        probs = gathered([piece.read.log10_probs for piece in pieces], self.dtype).astype(self.dtype, copy=False)
        backoffs = gathered([piece.read.log10_backoffs for piece in pieces], self.dtype).astype(self.dtype, copy=False)
        if k == 1:
            listed = [word for piece in pieces for word in piece.read.words.in_order()]
            where: IndexArray | None = self._number_words(listed)
            order = first_order(len(self.words))
        else:
            rows = gathered([piece.rows for piece in pieces], np.int32)
            columns = gathered([piece.columns for piece in pieces], np.int32)
            order, where = ordered(rows, columns, (len(self.chain[-1].order), len(self.words)))
        own_lines, own_probs, own_backoffs = lines, probs, backoffs
        if where is not None:
            own_lines = placed(lines, where, np.zeros(len(order), lines.dtype))
            own_probs, own_backoffs = (
                placed(values, where, np.full(len(order), np.nan, self.dtype)) for values in (probs, backoffs)
            )
        if k == 1:
            own_probs[np.isnan(own_probs)] = -np.inf  # there is nothing to back off to
        self.chain.append(ListedOrder(order, len(self.words), own_probs, own_backoffs, own_lines))
        if where is not None and len(repeated := np.flatnonzero(own_lines.take(where) != lines)):
            first = where[repeated]
            values = (own_probs[first], own_backoffs[first], probs[repeated], backoffs[repeated])
            self._tell_repeated(ids_of(self.chain, k, first), own_lines[first], lines[repeated], values)
        self._adopt([orphans for piece in pieces for orphans in piece.orphans])
        self._tell_unlisted(k, [mark for piece in pieces for mark in piece.unlisted])

    def vocabulary(self) -> Vocabulary:
        """All words, marks included, listed or not."""
        return Vocabulary.from_words(self.words)

    def _ids_of(self, words: Words) -> NDArray[np.int32]:
        """The ids (lines, k) of words; -1: not among the 1-grams."""
        if not words.others:
            return words.places
        others = np.array([self._ids.get(word, -1) for word in words.others], np.int32)
        if not words.known:
            return others.take(words.places)
        ids = words.places.copy()
        is_other = ids >= len(words.known)
        ids[is_other] = others.take(ids[is_other] - len(words.known))
        return ids

    def _number_words(self, listed: list[bytes]) -> NDArray[np.int64]:
        """The ids (1-grams,) of the words of the 1-grams. <UNK> is <unk> if there is no other, as KenLM has it, or what it is said to be."""
        self.marks_listed = set(MARKS).intersection(listed)
        there = [] if MARKS[UNK] in self.marks_listed else [word for word in self.aliases if word in listed]
        if there:
            self.alias = there[0]
            listed = [MARKS[UNK] if word == self.alias else word for word in listed]
            self.marks_listed.add(MARKS[UNK])
        self._ids = {word: number for number, word in enumerate(dict.fromkeys((*MARKS, *listed)))}
        self.words = list(self._ids)
        self.finder = WordFinder(self.words)
        columns = np.array([self._ids[word] for word in listed], np.int64)
        if self.alias:
            self._ids[self.alias] = UNK
        return columns

    def _adopt(self, orphans: list[NewNgrams]) -> None:
        """Put n-grams whose histories are missing into the order that has just been built, with these histories."""
        if not orphans:
            return
        ids, probs, backoffs, lines = (
            np.concatenate([getattr(piece, name) for piece in orphans])
            for name in ("ids", "log10_probs", "log10_backoffs", "lines")
        )
        distinct, first, where = np.unique(ids, axis=0, return_index=True, return_inverse=True)
        first, where = first.ravel(), where.ravel()
        repeated = np.flatnonzero(first[where] != np.arange(len(ids)))
        if len(repeated):
            before = first[where[repeated]]
            values = (probs[before], backoffs[before], probs[repeated], backoffs[repeated])
            self._tell_repeated(ids[repeated], lines[before], lines[repeated], values)
        put_in_with_histories(self.chain, NewNgrams(distinct, probs[first], backoffs[first], lines[first]))

    def _name(self, ids: Sequence[int]) -> str:
        """An n-gram as messages name it."""
        return named([self.words[word] for word in ids])

    def _tell_unknown(self, read: NgramLines, ids: IdRows, places: NDArray[np.int64], problems: Problems) -> None:
        def describe(number: int) -> tuple[int, str]:
            place = int(places[number])
            words = read.words.of_line(place)
            word = words[int(np.flatnonzero(ids[place] < 0)[0])].decode()
            return int(read.lines[place]), f"{named(words)} has the word {word!r}, which is not among the 1-grams"

        problems.add_each("error", "unknown-word", len(places), describe)

    def _tell_repeated(
        self, ids: IdRows, first: IndexArray, lines: IndexArray, values: tuple[NDArray[Any], ...]
    ) -> None:
        """Tell n-grams that stand in the file again. first: the line where each stands before; values: there and here."""
        same = (equal(values[0], values[2])) & (equal(given(values[1]), given(values[3])))
        for kind, places, which in (
            ("duplicate", np.flatnonzero(same), "the same values"),
            ("conflict", np.flatnonzero(~same), "other values"),
        ):

            def describe(number: int, places: NDArray[Any] = places, which: str = which) -> tuple[int, str]:
                place = places[number]
                name = self._name(ids[place].tolist())
                return int(lines[place]), f"{name} stands in the file twice: with {which} in line {first[place]}"

            self.problems.add_each("error", kind, len(places), describe)

    def _tell_unlisted(self, k: int, unlisted: list[tuple[int, int, int]]) -> None:
        """Tell the marks that n-grams use, and that are no 1-grams."""
        for mark in sorted({mark for mark, _, _ in unlisted}):
            number = sum(used for which, used, _ in unlisted if which == mark)
            line = min(line for which, _, line in unlisted if which == mark)
            have = "1 of the {k}-grams has" if number == 1 else f"{number:,} of the {k}-grams have"
            text = f"{have} {MARKS[mark].decode()}, which is not among the 1-grams".format(k=k)
            self.problems.add("error", "unlisted-mark", text, line)


def ordered(rows: IndexArray, columns: IndexArray, shape: tuple[int, int]) -> tuple[Order, IndexArray | None]:
    """N-grams of these histories and last words as an order, and the entry of each in it; None: they are in order, each once."""
    same_row = rows[1:] == rows[:-1]
    ascends = (rows[1:] > rows[:-1]) | (same_row & (columns[1:] > columns[:-1]))
    if not ascends.all():
        indptr, indices, where = group_many(rows, columns, shape)
        return Order(indptr, indices), where
    dtype = index_dtype(max(len(rows), *shape))
    indptr = np.zeros(shape[0] + 1, dtype)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=indptr[1:])
    return Order(indptr, columns.astype(dtype, copy=False)), None


def placed(values: NDArray[Any], where: IndexArray, own: NDArray[Any]) -> NDArray[Any]:
    """Put values of lines where their n-grams are in `own`; of lines with the same n-gram, the first one's stays."""
    own[where[::-1]] = values[::-1]
    return own


def gathered(arrays: list[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """All values end to end; an empty array of this dtype if there are none."""
    return np.concatenate([np.zeros(0, dtype), *arrays])


def choose(read: NgramLines, places: NDArray[np.int64]) -> NgramLines:
    """Some of the lines."""
    words = read.words.choose(places)
    return NgramLines(read.lines[places], words, read.log10_probs[places], read.log10_backoffs[places])


def equal(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether values are the same; NaN is the same as NaN."""
    same: NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return same


def tell_missing_histories(
    read: NgramLines, places: NDArray[np.int64], missing: NDArray[np.int32], problems: Problems
) -> None:
    """Tell n-grams that begin with something that is not there. missing: how many words that has."""

    def describe(number: int) -> tuple[int, str]:
        words = read.words.of_line(int(places[number]))
        length = int(missing[number])
        history = b" ".join(words[:length]).decode()
        text = f"{named(words)} begins with {history!r}, which is not among the {length}-grams"
        return int(read.lines[places[number]]), text

    problems.add_each("error", "missing-history", len(places), describe)
