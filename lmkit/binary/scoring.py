"""Scoring with KenLM's hash tables: the distinct n-grams of a block of text are looked up by their hashes, length by length."""

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashing import Hashes, hash_longer
from lmkit.binary.probing import ProbingTables, check_values
from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import row_numbers, take
from lmkit.ngrams.backoff.scorer import BacksOff, BlockScoring
from lmkit.ngrams.counting.block import BlockOrder
from lmkit.scoring.protocol import TokenScores


class ProbingScorer:
    """A model in hash tables, prepared for scoring many blocks of text."""

    independent_blocks = True

    def __init__(self, model: BacksOff, tables: ProbingTables) -> None:
        self._model, self._tables = model, tables
        self._word_keys = tables.words.kenlm_ids.astype(np.uint64)

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences. tokens: (tokens,) ids of the model's vocabulary."""
        block = KeyedBlock(self._tables, self._word_keys)
        scores = BlockScoring(self._model, block, block, tokens, skips=True).run()
        assert scores is not None  # noqa: S101 (n-grams are looked for where their suffix is stored, and nowhere else)
        return scores


class KeyedBlock:
    """The n-grams of a block that are stored: steps and recursion of its scoring. Entries are numbers in the order of being found."""

    def __init__(self, tables: ProbingTables, word_keys: Hashes) -> None:
        self._tables, self._word_keys = tables, word_keys
        # Of the distinct n-grams of the length that was looked up last:
        self._keys = word_keys
        self._extends = ~np.signbit(tables.unigrams["log10_prob"])  # whether longer ones end with them
        # Of those that are stored:
        self._log10_probs: FloatArray = -np.abs(tables.unigrams["log10_prob"])
        self._log10_backoffs: FloatArray = tables.unigrams["log10_backoff"]
        self._backoffs_of_histories = self._log10_backoffs

    def find(self, length: int, found: BlockOrder, histories: IndexArray, words: IndexArray) -> IndexArray:  # noqa: ARG002
        """See `Steps`. An n-gram may be stored if its history is, and its suffix, which says whether it is one."""
        tables = self._tables
        self._keys = hash_longer(take(self._keys, found.suffixes), take(self._word_keys, row_numbers(found.starts)))
        asked = np.flatnonzero(take(self._extends, found.suffixes) & (histories >= 0))
        slots = tables.tables[length - 2].find(self._keys[asked])
        is_stored = slots >= 0
        stored = asked[is_stored]
        rows = tables.tables[length - 2].rows[slots[is_stored]]
        entries: IndexArray = np.full(len(histories), -1, np.int32)
        entries[stored] = np.arange(len(stored), dtype=np.int32)
        self._backoffs_of_histories = self._log10_backoffs
        is_highest = length == tables.header.order
        backoffs = None if is_highest else rows["log10_backoff"]
        check_values(tables.tables[length - 2].parts, length, rows["log10_prob"], backoffs)
        self._log10_probs = -np.abs(rows["log10_prob"])
        if backoffs is not None:
            self._log10_backoffs = backoffs
            self._extends = np.zeros(len(histories), bool)
            self._extends[stored] = ~np.signbit(rows["log10_prob"])
        return entries

    def of_words(self) -> NDArray[np.float64]:
        """See `TextRecursion`."""
        return self._log10_probs.astype(np.float64)

    def lengthen(
        self,
        length: int,  # noqa: ARG002
        scores: NDArray[np.float64],
        histories: IndexArray,
        entries: IndexArray,
        known: IndexArray | None,
    ) -> None:
        """See `TextRecursion`."""
        if known is None:
            scores += self._backoffs_of_histories[histories]
        else:
            scores[known] += self._backoffs_of_histories[histories[known]]
        is_stored = entries >= 0
        scores[is_stored] = self._log10_probs[entries[is_stored]]

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """They are that."""
        return scores
