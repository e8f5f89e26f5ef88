"""Scoring: the log10 probability of every token of encoded text under a backoff model."""

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import CellIndex, take
from lmkit.ngrams.backoff.full_histories import in_text, of_shorter_histories, unseen_log10_probs
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.block import BlockOrder, block_orders
from lmkit.ngrams.trie.suffixes import missing_suffixes
from lmkit.ngrams.trie.tracing import cells_of
from lmkit.ngrams.values.protocol import TextRecursion
from lmkit.ngrams.values.recursion import InterpolatedRecursion
from lmkit.scoring.protocol import TokenScores
from lmkit.scoring.traits import Traits
from lmkit.text.vocabulary import EOS, Vocabulary, begin_with_bos, predicted_in

NOT_STORED = np.int32(-(1 << 31))  # the highest bit of a place


class BacksOff(Protocol):
    """What scoring looks at in a model, beside what finds its n-grams and what their scores follow from."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that it knows."""

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on."""


class Steps(Protocol):
    """What finds the n-grams of a block of text in a model, length by length."""

    def find(self, length: int, found: BlockOrder, histories: IndexArray, words: IndexArray) -> IndexArray:
        """(n-grams,) the entries of the distinct n-grams of a length; -1: not stored.

        histories: the entries of theirs, -1: not stored; words: their last ones.
        """


class CellSteps:
    """Steps down a chain of orders, from the entry of the history and the last word."""

    def __init__(self, cells: Sequence[CellIndex]) -> None:
        """cells: of the orders from 2 on."""
        self._cells = cells

    def find(self, length: int, found: BlockOrder, histories: IndexArray, words: IndexArray) -> IndexArray:  # noqa: ARG002
        """See `Steps`."""
        return self._cells[length - 2].find(histories, words)


class BackoffScorer:
    """A model prepared for scoring many blocks of text."""

    independent_blocks = True

    def __init__(self, model: NgramModel) -> None:
        self._given = model
        model = in_text(model)
        self.model, self._recursion = model, model.values.recursion()
        self._steps = CellSteps(cells_of(model.orders, len(model.vocabulary)))
        self._skips = True  # until a history is met that is stored, and without its first word is not

    @cached_property
    def _shorter(self) -> "BackoffScorer":
        """That of the model of one order less."""
        return BackoffScorer(of_shorter_histories(self._given))

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences. tokens: (tokens,) ids of the model's vocabulary."""
        scores = self._score(tokens)
        if self._given.traits.full_histories_only and self.model.order > 1 and not begin_with_bos(tokens):
            # The histories of their first words are full, too, and look like parts of longer ones.
            first = histories_available(tokens, self.model.order) < self.model.order - 1
            found, places = self._shorter.score(tokens[first | (tokens == EOS)]), first[predicted_in(tokens)]
            scores.log10_probs[places] = found.log10_probs
            if scores.matched_orders is not None and found.matched_orders is not None:
                scores.matched_orders[places] = found.matched_orders
        return scores

    def _score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The same, where all histories of n-grams that begin with <s>, or have n words, are full."""
        if self._skips:
            scores = BlockScoring(self.model, self._recursion, self._steps, tokens, skips=True).run()
            if scores is not None:
                return scores
            self._skips = False
        scores = BlockScoring(self.model, self._recursion, self._steps, tokens, skips=False).run()
        assert scores is not None  # noqa: S101 (only skipping can fail)
        return scores


class BlockScoring:
    """The scoring of one block of text, length of n-grams by length.

    The distinct n-grams of the block are found first, as for counting. Each is looked up once, in ascending order: its
    score follows from that of its suffix, and from what the model has of it and its history (see `TextRecursion`).

    Most text can be skipped: where a history is not stored, no longer one that ends with it is, if the model stores each
    history without its first word, too. Models of other tools and pruned ones may not. Nothing has to be known
    beforehand, because skipping cannot miss an n-gram without being found out: of the shortest ones that it misses, the
    history is stored and ends with one that is not; the shortest such history has been looked up, and its suffix with it.
    """

    def __init__(
        self,
        model: BacksOff,
        recursion: TextRecursion,
        steps: Steps,
        tokens: NDArray[np.int32],
        *,
        skips: bool,
    ) -> None:
        """recursion: from the score of a suffix to that of an n-gram; skips: whether to leave out what follows histories that are not stored."""
        self._model, self._steps, self._tokens, self._skips = model, steps, tokens, skips
        self._recursion = recursion
        words = recursion.of_words()
        self._scores = [words]  # of the distinct n-grams of each length
        self._matches = [np.ones(len(words), np.int16)]  # lengths of the n-grams that they are stored with
        self._unseen = [np.zeros(len(words), np.int16)]  # how many histories that are not stored were passed
        self._words: IndexArray = np.arange(len(words), dtype=np.int32)  # the last of each n-gram
        self._entries: IndexArray = np.arange(
            -1, len(words), dtype=np.int32
        )  # theirs in the model, after a -1; -1: none
        # Of the longest n-gram that ends at each position, among all distinct ones; NOT_STORED is added where it is none of the model's.
        self._place = tokens.copy()
        self._starts = [0]  # where those of each length begin among all
        self._before = 0  # distinct n-grams of shorter lengths

    def run(self) -> TokenScores | None:
        """The scores; None if skipping would miss n-grams."""
        model, tokens = self._model, self._tokens
        wanted = self._history_is_stored if self._skips else None
        blocks = block_orders(tokens, model.order, len(model.vocabulary), wanted)
        next(blocks)
        for length, found in enumerate(blocks, start=2):
            if not self._look_up(length, found):
                return None
        return self._of_tokens()

    def _stored_at(self, positions: IndexArray) -> IndexArray:
        """(positions,) the entry of the n-gram of the length before that ends there; -1: none."""
        places = take(self._place, positions)
        places -= np.int32(self._before - 1)
        np.maximum(places, 0, out=places)  # shorter n-grams come to the -1, and those that are not stored
        return take(self._entries, places)

    def _history_is_stored(self, ends: IndexArray) -> NDArray[np.bool_]:
        stored: NDArray[np.bool_] = take(self._place, ends - np.int32(1)) >= self._before
        return stored

    def _look_up(self, length: int, found: BlockOrder) -> bool:
        """Take in the distinct n-grams of the next length; False if a history among them shows that nothing can be skipped."""
        model = self._model
        histories = self._stored_at(take(found.ends, found.bounds[:-1]) - np.int32(1))
        words = take(self._words, found.suffixes)  # of the suffixes, which stand side by side
        scores, matched = take(self._scores[-1], found.suffixes), take(self._matches[-1], found.suffixes)
        after_none = np.empty(len(scores) + 1, histories.dtype)
        after_none[0] = -1
        entries = after_none[1:]
        entries[:] = self._steps.find(length, found, histories, words)
        is_stored = entries >= 0
        is_counted = isinstance(self._recursion, InterpolatedRecursion)  # and has the suffixes of all its n-grams
        if self._skips and 2 < length < model.order + is_counted:
            suffixes = take(self._entries, found.suffixes + np.int32(1))
            if (is_stored & (suffixes < 0)).any():
                if is_counted:
                    raise missing_suffixes(length)
                return False
        if model.traits.unseen_log10_backoff:
            unseen = self._unseen[-1].take(found.suffixes)
            unseen[histories < 0] += 1
            unseen[is_stored] = 0
            self._unseen.append(unseen)
        known = None if self._skips else np.flatnonzero(histories >= 0)  # of what is left, all histories are stored
        self._recursion.lengthen(length, scores, histories, entries, known)
        np.maximum(matched, is_stored.astype(np.int16) * np.int16(length), out=matched)
        self._before += len(self._scores[-1])
        self._starts.append(self._before)
        self._words, self._entries = words, after_none
        places = np.arange(self._before, self._before + len(scores), dtype=np.int32)
        places |= (entries & NOT_STORED).astype(np.int32, copy=False)  # -1 has that bit
        self._place[found.ends.astype(np.intp)] = take(places, found.entries)  # of other integers, twice as slowly
        self._scores.append(scores)
        self._matches.append(matched)
        return True

    def _of_tokens(self) -> TokenScores:
        """The scores of the tokens, from those of the longest n-grams that were found."""
        tokens, unseen_log10_backoff = self._tokens, self._model.traits.unseen_log10_backoff
        predicted = np.flatnonzero(predicted_in(tokens))
        place = take(self._place, predicted)
        place &= ~NOT_STORED
        log10_probs = take(np.concatenate([self._recursion.log10(scores) for scores in self._scores]), place)
        matched = take(np.concatenate(self._matches), place)
        if unseen_log10_backoff:
            lengths = np.searchsorted(np.array(self._starts), place, side="right")
            skipped = histories_available(tokens, self._model.order - 1)[predicted] - (lengths - 1)
            log10_probs += unseen_log10_backoff * (skipped + np.concatenate(self._unseen).take(place))
        return TokenScores.in_text(tokens, log10_probs, matched)


def histories_available(tokens: NDArray[np.int32], longest: int) -> NDArray[np.int64]:
    """(tokens,) how many words, <s> included, stand before each in its sentence, up to `longest`."""
    places = np.arange(len(tokens))
    starts = np.zeros(len(tokens), np.int64)
    starts[1:] = np.maximum.accumulate(np.where(tokens[:-1] == EOS, places[1:], 0))
    available: NDArray[np.int64] = np.minimum(places - starts, longest)
    return available


def scores_after(model: NgramModel, entries: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.int16]]:
    """log10 p(w | history) of every word w by id, and the length of the n-gram that gave it: (types,) each.

    entries: of the last word of the history, of its last two words, …, at most n−1; -1 where these are not stored.
    """
    recursion = model.values.recursion(in_text=False)
    scores = recursion.of_words()
    matched_orders = np.ones(len(scores), np.int16)
    for length, entry in enumerate(entries, start=1):
        if model.traits.full_histories_only:
            scores = recursion.of_log10(unseen_log10_probs(model))
        if entry < 0:
            if model.traits.unseen_log10_backoff:
                scores += model.traits.unseen_log10_backoff
            continue
        longer = model.orders[length]
        row = slice(*longer.indptr[entry : entry + 2].tolist())
        words = longer.indices[row]
        recursion.lengthen_all(length + 1, scores, entry, words, row)
        matched_orders[words] = length + 1
    return recursion.log10(scores), matched_orders
