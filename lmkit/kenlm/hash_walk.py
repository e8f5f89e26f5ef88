"""KenLM's hash tables as a decoder walks them: n-grams are looked up from their last word to their first, where they stand in the file."""

import math
from struct import Struct
from typing import Any

import numpy as np

from lmkit.binary.hashing import SO_FAR_FACTOR, WORD_FACTOR
from lmkit.binary.probing import ProbingTables, Table
from lmkit.kenlm.history import BASE, MOST_STEPS, views
from lmkit.text.vocabulary import BOS

FACTOR, OF_WORD, BITS = int(SO_FAR_FACTOR), int(WORD_FACTOR), 64
ALL = (1 << BITS) - 1
FEW_SLOTS = 64  # that are looked at one by one

# As far as the walk of other models has it: what stands for a history in keys, and its length; then KenLM's ids of its words, the
# last one first, and the backoffs of its last word, its last two words, …
KeyedHistory = tuple[int, int, tuple[int, ...], tuple[float, ...]]
KeyedStep = tuple[float, int, KeyedHistory]


class Rows:
    """A hash table whose rows are read one by one."""

    def __init__(self, table: Table) -> None:
        self.table, self._slots = table, len(table.slots)
        self._bytes = table.slots.data.cast("B") if self._slots else b""
        self._row = Struct("<Q" + "f" * (table.slots.shape[1] - 2))

    def find(self, key: int) -> tuple[Any, ...] | None:
        """The row of a key; None: it is not there. DataError if the search does not end."""
        size, slots = self._row.size, self._slots
        slot = key % slots
        for at in range(slot, slot + FEW_SLOTS):
            row = self._row.unpack_from(self._bytes, at % slots * size)
            if row[0] == key:
                return row
            if not row[0]:
                return None
        _, rows = self.table.find(np.array([key], np.uint64))
        return rows[0].item() if len(rows) else None


class HashWalk:
    """The counterpart of `lmkit.kenlm.history.Walk`; its scores are log10 probabilities."""

    def __init__(self, tables: ProbingTables) -> None:
        self._order, self._types = tables.header.order, len(tables.unigrams)
        self._kenlm_ids = views(tables.words.kenlm_ids)
        self._log10_probs, self._log10_backoffs = (
            views(np.ascontiguousarray(tables.unigrams[name])) for name in ("log10_prob", "log10_backoff")
        )
        self._rows = [Rows(table) for table in tables.tables]
        self._known: dict[int, KeyedStep] = {}
        self.empty: KeyedHistory = 0, 0, (), ()
        bos = self._kenlm_ids[BOS]
        self.sentence_start = self._history([bos], (bos,), [self._log10_backoffs[BOS]])

    def step(self, history: KeyedHistory, word: int) -> KeyedStep:
        """See `Walk`."""
        key = history[BASE] + word
        return self._known.get(key) or self._first_step(key, history, word)

    def _first_step(self, key: int, history: KeyedHistory, word: int) -> KeyedStep:
        """The same where it is not remembered."""
        _, _, words, passed = history
        number, log10_prob, matched = self._kenlm_ids[word], self._log10_probs[word], 1
        keys, backoffs = [number], [self._log10_backoffs[word]]
        for length, previous in enumerate(words, start=2):
            if math.copysign(1.0, log10_prob) < 0:  # no longer n-gram ends with this one
                break
            keys.append((keys[-1] * FACTOR & ALL) ^ ((previous + 1) * OF_WORD & ALL))
            row = self._rows[length - 2].find(keys[-1])
            if row is None:
                break
            log10_prob, matched = row[1], length
            backoffs.extend(row[2:])
        score = sum(passed[matched - 1 :], -abs(log10_prob))
        if math.isnan(score):
            table = self._rows[max(matched - 2, 0)].table
            raise table.parts.refused(
                f"a {matched}-gram has a log10 probability that is no number, or what it backs off from"
            )
        if len(self._known) >= MOST_STEPS:
            self._known.clear()
        found = self._known[key] = score, matched, self._history(keys, (number, *words), backoffs)
        return found

    def _history(self, keys: list[int], words: tuple[int, ...], backoffs: list[float]) -> KeyedHistory:
        """The longest history that matters: KenLM writes the backoff −0 where no n-gram goes on. backoffs: of those that are stored."""
        for length in range(len(backoffs), 0, -1):
            if backoffs[length - 1] or math.copysign(1.0, backoffs[length - 1]) > 0:
                base = (length << BITS | keys[length - 1]) * self._types
                return base, length, words[:length], tuple(backoffs[:length])
        return self.empty

    @staticmethod
    def log10(score: float) -> float:
        """See `Walk`."""
        return score
