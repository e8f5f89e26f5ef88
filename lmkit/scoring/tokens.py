"""The scored tokens of a text, as columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.wording import numbered
from lmkit.one_line import one_line
from lmkit.scoring.perplexity import encode_sentence
from lmkit.scoring.protocol import Model, TokenScores, block_scores
from lmkit.text.ids.encoding import EncodedBlock
from lmkit.text.vocabulary import EOS, MARKS


@one_line
@dataclass(frozen=True, eq=False)
class ScoredTokens(Tabular):
    """The tokens of some sentences with their scores, the </s> of each included, if they have marks."""

    words: list[str]  # distinct tokens as they stand in the text, and </s>
    places: NDArray[np.int64]  # (tokens,) place of each token in `words`
    log10_probs: NDArray[np.float64]  # (tokens,) -inf where the probability is 0
    orders: NDArray[np.int16] | None  # (tokens,) length of the n-gram that gave the probability; None without n-grams
    oov: NDArray[np.bool_]  # (tokens,) whether the token is outside the vocabulary
    lines: NDArray[np.int64]  # (sentences,) number of each in its text
    ends: NDArray[np.int64]  # (sentences,) where each ends: after its </s>

    def columns(self, first: int | None = None) -> Columns:
        """The tokens with the bits that each costs."""
        columns: dict[str, Any] = {
            "line": self.token_lines,
            "token": self.tokens,
            "bits": self.bits,
            "log10_prob": self.log10_probs,
            "order": self.orders,
            "oov": self.oov,
        }
        return {name: column[:first] for name, column in columns.items() if column is not None}

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{numbered(len(self.places), 'token')} in {numbered(len(self.ends), 'sentence')}"

    @cached_property
    def bits(self) -> NDArray[np.float64]:
        """(tokens,) the surprisal of each, -log2 p; inf where the probability is 0."""
        bits: NDArray[np.float64] = 0.0 - self.log10_probs / np.log10(2)
        return bits

    @property
    def tokens(self) -> list[str]:
        """The tokens as they stand in the text."""
        return [self.words[place] for place in self.places.tolist()]

    @property
    def token_lines(self) -> NDArray[np.int64]:
        """(tokens,) the number of the sentence that each stands in."""
        return np.repeat(self.lines, np.diff(self.ends, prepend=0))

    def order_list(self) -> list[int | None]:
        """The lengths of the n-grams; None for each without n-grams."""
        return [None] * len(self.places) if self.orders is None else self.orders.tolist()

    def sentences(self) -> Iterator["ScoredTokens"]:
        """The sentences one by one."""
        start = 0
        for number, end in enumerate(self.ends.tolist()):
            part = slice(start, end)
            orders = None if self.orders is None else self.orders[part]
            columns = (self.places[part], self.log10_probs[part], orders, self.oov[part])
            yield type(self)(self.words, *columns, self.lines[number : number + 1], np.array([end - start]))
            start = end


def scored_tokens(block: EncodedBlock, scores: TokenScores) -> ScoredTokens:
    """The scored tokens of a block."""
    words = [word.decode() for word in block.surface_words]
    places = np.full(len(scores.log10_probs), len(words))
    is_word = np.ones(len(places), bool)
    if scores.marks:
        is_word[scores.ends - 1] = False
    places[is_word] = block.surface
    columns = (scores.log10_probs, scores.matched_orders, scores.oov)
    return ScoredTokens([*words, MARKS[EOS].decode()], places, *columns, block.sentence_lines, scores.ends)


@one_line
@dataclass(frozen=True)
class TokenScore:
    """One token of a sentence with its score."""

    token: str
    log10_prob: float
    order: int | None  # length of the n-gram that gave the probability; None for a model without n-grams
    oov: bool


def score_sentence(model: Model, sentence: str) -> list[TokenScore]:
    """The scores of the words of one sentence, and of its </s>."""
    encoded = encode_sentence(model, sentence)
    found = scored_tokens(encoded, block_scores(model.scorer(), encoded))
    columns = (found.tokens, found.log10_probs.tolist(), found.order_list(), found.oov.tolist())
    return [TokenScore(*values) for values in zip(*columns, strict=True)]
