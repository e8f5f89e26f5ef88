"""Scoring: the log10 probability of every token of encoded text under a backoff model.

Order by order, the n-gram that ends at a position is looked up as (entry of the n-gram, one order down, that
ends just before; word). Equal pairs are grouped first, so that each distinct n-gram is looked up once, in
ascending order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.vocabulary import BOS, EOS, UNK
from lmkit.ngrams.model import NgramModel
from lmkit.ngrams.orders import find_entry
from lmkit.sparse import CellIndex, IndexArray, group_pairs


@dataclass(frozen=True, eq=False)
class TokenScores:
    """Scores of the predicted tokens (all but <s>), in text order."""

    log10_probs: NDArray[np.float64]  # (tokens,) -inf where the probability is 0
    matched_orders: NDArray[np.int32]  # (tokens,) length of the n-gram that gave the probability, 1…n
    oov: NDArray[np.bool_]  # (tokens,) whether the token is outside the vocabulary
    ends: NDArray[np.int64]  # (sentences,) where each sentence ends: after its </s>


class Scorer:
    """A model prepared for scoring many blocks of text."""

    def __init__(self, model: NgramModel) -> None:
        self.model = model
        types = len(model.vocabulary)
        self._cells = [CellIndex(order.indptr, order.indices, types) for order in model.orders[1:]]

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences. tokens: (tokens,) ids of the model's vocabulary."""
        model = self.model
        predicted = np.flatnonzero(tokens != BOS)
        log10_probs = model.log10_probs[0][tokens].astype(np.float64)
        matched = np.ones(len(tokens), np.int32)
        backed_off = np.zeros(len(tokens))  # log10 backoffs of the histories longer than the matched one
        entries = tokens.astype(np.int64)  # entry, one order down, of the n-gram that ends at a position; -1: none
        positions = predicted
        for k, cells in enumerate(self._cells, start=1):
            positions = positions[entries[positions - 1] >= 0]
            histories = entries[positions - 1]
            found = self._lookup(cells, histories, tokens[positions])
            backed_off[positions] += model.log10_backoffs[k - 1][histories]
            entries = np.full(len(tokens), -1, np.int64)
            entries[positions] = found
            hits = positions[found >= 0]
            log10_probs[hits] = model.log10_probs[k][entries[hits]]
            backed_off[hits] = 0.0
            matched[hits] = k + 1
        log10_probs += backed_off
        ends = np.flatnonzero(tokens[predicted] == EOS) + 1
        return TokenScores(log10_probs[predicted], matched[predicted], tokens[predicted] == UNK, ends)

    def _lookup(self, cells: CellIndex, histories: IndexArray, words: IndexArray) -> IndexArray:
        """The entry of each n-gram (history, word), -1 if there is none; each distinct one is looked up once."""
        shape = (cells.rows, len(self.model.vocabulary))
        _, columns, _, groups = group_pairs(histories, words, shape=shape)
        rows = np.empty(len(columns), histories.dtype)
        rows[groups] = histories
        return cells.lookup(rows, columns)[groups]


def conditional_log10_probs(model: NgramModel, history: str = "") -> NDArray[np.float64]:
    """log10 p(w | history) of every word w, by id (types,); -inf for <s>, and for <unk> in a closed vocabulary.

    history: words separated by spaces, which may begin with <s>; the model looks at the last n−1 of them.
    """
    words = [model.vocabulary.id_of(word) for word in history.split(" ") if word]
    log10_probs = model.log10_probs[0].astype(np.float64)
    for length in range(1, min(len(words), model.order - 1) + 1):
        entry = find_entry(model.orders, words[-length:])
        if entry < 0:
            continue
        longer = model.orders[length]
        row = slice(*longer.indptr[entry : entry + 2].tolist())
        log10_probs += model.log10_backoffs[length - 1][entry]
        log10_probs[longer.indices[row]] = model.log10_probs[length][row]
    return log10_probs


def probability(model: NgramModel, word: str, history: str = "") -> float:
    """p(word | history); an unknown word is <unk> (history: see `conditional_log10_probs`)."""
    return float(10.0 ** conditional_log10_probs(model, history)[model.vocabulary.id_of(word)])
