"""Scoring: the log10 probability of every token of encoded text under a backoff model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.vocabulary import BOS, EOS, UNK
from lmkit.ngrams.block import block_orders
from lmkit.ngrams.chain import next_order
from lmkit.ngrams.model import NgramModel
from lmkit.ngrams.orders import find_entry, first_order
from lmkit.sparse import CellIndex, row_numbers


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
        """The scores of whole padded sentences. tokens: (tokens,) ids of the model's vocabulary.

        The distinct n-grams of the block are found first, as for counting. Each is looked up once, in ascending order:
        its log10 probability is the one stored, or else the backoff of its history plus that of its suffix.
        """
        model = self.model
        token_probs, token_matches = np.empty(len(tokens)), np.empty(len(tokens), np.int32)
        blocks = block_orders(tokens, model.order, len(model.vocabulary))
        found = next(blocks)
        below, followed = first_order(len(model.vocabulary)), found.counts > 0
        followed[EOS] = False
        log10_probs = model.log10_probs[0].astype(np.float64)  # of the distinct n-grams of the block, order by order
        matched = np.ones(len(log10_probs), np.int32)
        entries = below.indices  # their entries in the model; -1: none
        for k, found in enumerate(blocks, start=1):
            here = next_order(below, followed, found.starts, found.suffixes, workers=1)
            log10_probs, matched = log10_probs[found.suffixes], matched[found.suffixes]
            histories = entries[row_numbers(here.indptr)]
            known = np.flatnonzero(histories >= 0)
            histories, words = histories[known], here.indices[known]
            log10_probs[known] += model.log10_backoffs[k - 1][histories]
            stored = self._cells[k - 1].lookup(histories, words)
            entries = np.full(len(log10_probs), -1, stored.dtype)
            entries[known] = stored
            hits = np.flatnonzero(stored >= 0)
            log10_probs[known[hits]] = model.log10_probs[k][stored[hits]]
            matched[known[hits]] = k + 1
            below, followed = here, here.indices != EOS
            # A token has its score when its n-gram is as long as can be: of the model's order, or from <s> on.
            last = len(found.ends) if k + 1 == model.order else found.initial
            token_probs[found.ends[:last]] = log10_probs[found.entries[:last]]
            token_matches[found.ends[:last]] = matched[found.entries[:last]]
        if model.order == 1:
            token_probs, token_matches = log10_probs[tokens], matched[tokens]
        predicted = tokens != BOS
        known_tokens = tokens[predicted]
        ends = np.flatnonzero(known_tokens == EOS) + 1
        return TokenScores(token_probs[predicted], token_matches[predicted], known_tokens == UNK, ends)


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
