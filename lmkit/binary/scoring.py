"""Scoring with KenLM's hash tables: the distinct n-grams of a block of text are looked up by their hashes, length by length."""

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashing import Hashes, hash_longer
from lmkit.binary.probing import ProbingTables, check_values
from lmkit.engine.arrays import IndexArray
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
        self._entries: IndexArray = np.arange(len(word_keys), dtype=np.int32)  # of the distinct n-grams of a length
        # Of those that are stored:
        self._keys = word_keys
        self._log10_probs, self._log10_backoffs = tables.unigrams["log10_prob"], tables.unigrams["log10_backoff"]
        self._backoffs_of_histories = self._log10_backoffs

    def find(self, length: int, found: BlockOrder, histories: IndexArray, words: IndexArray) -> IndexArray:  # noqa: ARG002
        """See `Steps`. An n-gram may be stored if its history is, and its suffix, which says whether it is one."""
        suffixes = take(self._entries, found.suffixes)
        asked = np.flatnonzero((suffixes >= 0) & (histories >= 0))
        suffixes = suffixes[asked]
        extends = ~np.signbit(self._log10_probs[suffixes])
        asked, suffixes = asked[extends], suffixes[extends]
        keys = hash_longer(self._keys[suffixes], self._word_keys[row_numbers(found.starts)[asked]])
        table = self._tables.tables[length - 2]
        places, rows = table.find(keys)
        self._entries = np.full(len(histories), -1, np.int32)
        self._entries[asked[places]] = np.arange(len(places), dtype=np.int32)
        self._keys = keys[places]
        self._log10_probs, self._backoffs_of_histories = rows["log10_prob"], self._log10_backoffs
        if length < self._tables.header.order:
            self._log10_backoffs = rows["log10_backoff"]
        check_values(table.parts, length, self._log10_probs, self._log10_backoffs)
        return self._entries

    def of_words(self) -> NDArray[np.float64]:
        """See `TextRecursion`."""
        return -np.abs(self._log10_probs.astype(np.float64))

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
        scores[is_stored] = -np.abs(self._log10_probs)[entries[is_stored]]

    def log10(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """They are that."""
        return scores
