"""Surprisal: how many bits each token of a text costs under a model, −log2 p(w | h) (Shannon 1948; Hale 2001)."""

from collections.abc import Iterator
from typing import Any

from lmkit.errors import DataError
from lmkit.scoring.perplexity import encode_sentence, map_scores
from lmkit.scoring.protocol import Model, block_scores
from lmkit.scoring.tokens import ScoredTokens, scored_tokens
from lmkit.text.limits import no_sentence
from lmkit.text.settings import Reserved
from lmkit.text.sources.names import Texts

Surprisal = ScoredTokens  # whose `bits` it is


def sentence_surprisal(model: Model, sentence: str, *, reserved: Reserved | None = None) -> Surprisal:
    """The surprisal of the tokens of one sentence. DataError if it has none, or cannot be read (see `encode_sentence`)."""
    encoded = encode_sentence(model, sentence, reserved)
    if not len(encoded.surface):
        raise DataError("there is no word in the sentence.", "Put the words of the sentence in quotes.")
    return scored_tokens(encoded, block_scores(model.scorer(), encoded))


def text_surprisal(model: Model, texts: Texts, **how: Any) -> Iterator[Surprisal]:
    """The surprisal of the tokens of texts, block by block (how: see `map_scores`). DataError if there is no sentence."""
    empty = True
    for found in map_scores(model, texts, lambda scored: scored_tokens(scored.block, scored.scores), **how):
        if len(found.ends):
            yield found
            empty = False
    if empty:
        raise no_sentence(texts)
