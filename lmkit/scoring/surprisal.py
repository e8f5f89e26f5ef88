"""Surprisal: how many bits each token of a text costs under a model, −log2 p(w | h) (Shannon 1948; Hale 2001)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.scorer import Scorer, TokenScores
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.scoring.perplexity import as_model, encode_sentence, map_scores
from lmkit.text.ids.encoding import EncodedBlock
from lmkit.text.limits import no_sentence
from lmkit.text.settings import Reserved
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import EOS, MARKS


@dataclass(frozen=True, eq=False)
class Surprisal:
    """The surprisal of the tokens of some sentences, the </s> of each included."""

    words: list[str]  # distinct tokens as they stand in the text, and </s>
    places: NDArray[np.int64]  # (tokens,) place of each token in `words`
    bits: NDArray[np.float64]  # (tokens,) inf where the probability is 0
    orders: NDArray[np.int16]  # (tokens,) length of the n-gram that gave the probability
    oov: NDArray[np.bool_]  # (tokens,) whether the token is outside the vocabulary
    lines: NDArray[np.int64]  # (sentences,) number of each in its text
    ends: NDArray[np.int64]  # (sentences,) where each ends: after its </s>

    @property
    def tokens(self) -> list[str]:
        """The tokens as they stand in the text."""
        return [self.words[place] for place in self.places.tolist()]

    def sentences(self) -> Iterator["Surprisal"]:
        """The sentences one by one."""
        start = 0
        for number, end in enumerate(self.ends.tolist()):
            part = slice(start, end)
            columns = (self.places[part], self.bits[part], self.orders[part], self.oov[part])
            yield Surprisal(self.words, *columns, self.lines[number : number + 1], np.array([end - start]))
            start = end


def sentence_surprisal(
    model: NgramModel | NgramCounts, sentence: str, *, reserved: Reserved | None = None
) -> Surprisal:
    """The surprisal of the tokens of one sentence. DataError if it has none, or cannot be read (see `encode_sentence`)."""
    model = as_model(model)
    encoded = encode_sentence(model, sentence, reserved)
    if not len(encoded.surface):
        raise DataError("there is no word in the sentence.", "Put the words of the sentence in quotes.")
    return surprisal_of(encoded, Scorer(model).score(encoded.tokens))


def text_surprisal(model: NgramModel | NgramCounts, texts: Texts, **reading: Any) -> Iterator[Surprisal]:
    """The surprisal of the tokens of texts, block by block (reading: see `map_scores`). DataError if there is no sentence."""
    empty = True
    for found in map_scores(
        as_model(model), texts, lambda scored: surprisal_of(scored.block, scored.scores), **reading
    ):
        if len(found.ends):
            yield found
            empty = False
    if empty:
        raise no_sentence(texts)


def surprisal_of(block: EncodedBlock, scores: TokenScores) -> Surprisal:
    """The surprisal of the scored tokens of a block."""
    words = [word.decode() for word in block.surface_words]
    places = np.full(len(scores.log10_probs), len(words))
    is_word = np.ones(len(places), bool)
    is_word[scores.ends - 1] = False
    places[is_word] = block.surface
    bits = 0.0 - scores.log10_probs / np.log10(2)
    return Surprisal(
        words=[*words, MARKS[EOS].decode()],
        places=places,
        bits=bits,
        orders=scores.matched_orders,
        oov=scores.oov,
        lines=block.sentence_lines,
        ends=scores.ends,
    )
