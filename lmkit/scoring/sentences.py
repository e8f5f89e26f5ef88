"""The scores of each sentence of a text, for what compares models sentence by sentence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.figures import Perplexity, ScoreTotals
from lmkit.scoring.mixture import TextScorer
from lmkit.scoring.perplexity import ScoredBlock, effective_settings, map_block_scores
from lmkit.text.limits import no_sentence
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.size import text_size
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Texts

NEWLINE = 10


@dataclass(frozen=True, eq=False)
class SentenceSums:
    """Sums over the tokens of each sentence, one array (sentences,) each, in text order."""

    lines: NDArray[
        np.int64
    ]  # place of its line among all lines of the texts, or of its sentence where these are no lines, from 0
    ends: NDArray[np.int64]  # bytes of the texts up to the end of its line
    log10_probs: NDArray[np.float64]  # all tokens, </s> and OOV included; -inf where one has probability 0
    log10_known: NDArray[np.float64]  # the same without OOV tokens
    tokens: NDArray[np.int64]  # with </s>
    oov: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Measured:
    """A text measured by a model."""

    figures: Perplexity
    sentences: SentenceSums


def measure_sentences(
    scorer: TextScorer,
    texts: Texts,
    *,
    settings: TextSettings | None = None,
    workers: int | None = None,
    **reading: Any,
) -> Measured:
    """The figures of the texts together and of each sentence (reading: as for `read_sentences`).

    DataError when there is no sentence in them.
    """
    blocks = read_sentences(texts, effective_settings(scorer.model, settings), **reading)
    return measured(scorer, map_block_sums(scorer, blocks, settings, workers), texts, settings)


Piece = tuple[ScoreTotals, SentenceSums, int, int]  # lines and bytes of the block, too


def map_block_sums(
    scorer: TextScorer, blocks: Iterable[Block], settings: TextSettings | None, workers: int | None
) -> Iterable[Piece]:
    """The sums of each block, in order."""
    yield from map_block_scores(scorer, blocks, block_sums(scorer.model.order), settings=settings, workers=workers)


def block_sums(order: int) -> Callable[[ScoredBlock], Piece]:
    """A function that sums a scored block up."""

    def sums(scored: ScoredBlock) -> Piece:
        totals = ScoreTotals(order)
        totals.add(scored.scores, text_size(scored.text.text))
        line_ends = np.flatnonzero(np.frombuffer(scored.text.data, np.uint8) == NEWLINE) + 1
        size = len(scored.text.text)
        # The sentences of running text share the white space between them.
        ends = line_ends if scored.text.raw is None else line_ends * size // max(len(scored.text.data), 1)
        places = scored.block.sentence_places
        scores = scored.scores
        starts = scores.ends - np.diff(scores.ends, prepend=0)
        known = np.where(scores.oov, 0.0, scores.log10_probs)
        sentences = SentenceSums(
            places,
            ends[places],
            sum_by_sentence(scores.log10_probs, starts),
            sum_by_sentence(known, starts),
            scores.ends - starts,
            sum_by_sentence(scores.oov.astype(np.int64), starts),
        )
        return totals, sentences, len(line_ends), size

    return sums


def sum_by_sentence(values: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    """(sentences,) the sums of values (tokens,) of the sentences that begin at these places."""
    return np.add.reduceat(values, starts) if len(starts) else values[:0]


def measured(scorer: TextScorer, pieces: Iterable[Piece], texts: Texts, settings: TextSettings | None) -> Measured:
    """The figures of all pieces. DataError when there is no sentence in them."""
    totals = ScoreTotals(scorer.model.order)
    found: list[SentenceSums] = []
    lines = size = 0
    for block_totals, sentences, block_lines, block_bytes in pieces:
        totals.join(block_totals)
        np.add(sentences.lines, lines, out=sentences.lines)
        np.add(sentences.ends, size, out=sentences.ends)
        found.append(sentences)
        lines, size = lines + block_lines, size + block_bytes
    if not totals.sentences:
        raise no_sentence(texts)
    columns = {
        name: np.concatenate([getattr(sentences, name) for sentences in found])
        for name in SentenceSums.__dataclass_fields__
    }
    signature = scorer.model.signature(effective_settings(scorer.model, settings))
    return Measured(totals.figures(signature), SentenceSums(**columns))
