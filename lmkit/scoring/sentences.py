"""The scores of each sentence of a text: for tables, and for what compares models sentence by sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.scoring.figures import Perplexity, ScoreTotals
from lmkit.scoring.perplexity import ScoredBlock, effective_settings, map_block_scores
from lmkit.scoring.protocol import Model
from lmkit.text.limits import no_sentence
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.size import text_size
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import Texts
from lmkit.text.whitespace import NEWLINE


@dataclass(frozen=True, eq=False)
class SentenceSums:
    """Sums over the tokens of each sentence, one array (sentences,) each, in text order."""

    numbers: NDArray[np.int64]  # of its line in its source
    lines: NDArray[
        np.int64
    ]  # place of its line among all lines of the texts, or of its sentence where these are no lines, from 0
    ends: NDArray[np.int64]  # bytes of the texts up to the end of its line
    log10_probs: NDArray[np.float64]  # all tokens, </s> and OOV included; -inf where one has probability 0
    log10_known: NDArray[np.float64]  # the same without OOV tokens
    tokens: NDArray[np.int64]  # with </s>
    oov: NDArray[np.int64]

    @property
    def perplexities(self) -> NDArray[np.float64]:
        """The perplexity of each sentence, its </s> and OOV tokens included."""
        with np.errstate(over="ignore"):
            found: NDArray[np.float64] = 10.0 ** (-self.log10_probs / self.tokens)
        return found


def sentence_sums(scored: ScoredBlock) -> SentenceSums:
    """The sums of each sentence of a block; its lines and bytes are counted from the start of the block."""
    scores, places = scored.scores, scored.block.sentence_places
    starts = scores.ends - np.diff(scores.ends, prepend=0)
    return SentenceSums(
        scored.block.sentence_lines,
        places,
        line_ends(scored.text)[places],
        sum_by_sentence(scores.log10_probs, starts),
        sum_by_sentence(np.where(scores.oov, 0.0, scores.log10_probs), starts),
        scores.ends - starts,
        sum_by_sentence(scores.oov.astype(np.int64), starts),
    )


def line_ends(text: Block) -> NDArray[np.int64]:
    """(lines,) bytes of the source up to the end of each line of a block."""
    ends = np.flatnonzero(np.frombuffer(text.data, np.uint8) == NEWLINE) + 1
    # The sentences of running text share the white space between them.
    return ends if text.raw is None else ends * len(text.text) // max(len(text.data), 1)


def sum_by_sentence(values: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    """(sentences,) the sums of values (tokens,) of the sentences that begin at these places."""
    return np.add.reduceat(values, starts) if len(starts) else values[:0]


@dataclass(frozen=True, eq=False)
class Measured:
    """A text measured by a model."""

    figures: Perplexity
    sentences: SentenceSums


def measure_sentences(
    model: Model,
    texts: Texts,
    *,
    settings: TextSettings | None = None,
    reading: Reading = WITHOUT_CHOICE,
    resources: Resources = Resources(),
) -> Measured:
    """The figures of the texts together and of each sentence (settings, reading, resources: see `map_scores`).

    DataError when there is no sentence in them.
    """
    blocks = read_sentences(texts, effective_settings(model, settings), reading)
    return measured(model, map_block_sums(model, blocks, settings, resources.workers), texts, settings)


Piece = tuple[ScoreTotals, SentenceSums, int, int]  # lines and bytes of the block, too


def map_block_sums(
    model: Model, blocks: Iterable[Block], settings: TextSettings | None, workers: int | None
) -> Iterable[Piece]:
    """The sums of each block, in order."""

    def sums(scored: ScoredBlock) -> Piece:
        totals = ScoreTotals(model.order)
        totals.add(scored.scores, text_size(scored.text.text))
        return totals, sentence_sums(scored), scored.text.data.count(b"\n"), len(scored.text.text)

    yield from map_block_scores(model, blocks, sums, settings=settings, workers=workers)


def measured(model: Model, pieces: Iterable[Piece], texts: Texts, settings: TextSettings | None) -> Measured:
    """The figures of all pieces. DataError when there is no sentence in them."""
    totals = ScoreTotals(model.order)
    found: list[SentenceSums] = []
    lines = size = 0
    for block_totals, sentences, block_lines, block_size in pieces:
        totals.join(block_totals)
        np.add(sentences.lines, lines, out=sentences.lines)
        np.add(sentences.ends, size, out=sentences.ends)
        found.append(sentences)
        lines, size = lines + block_lines, size + block_size
    if not totals.sentences:
        raise no_sentence(texts)
    columns = {
        name: np.concatenate([getattr(sentences, name) for sentences in found])
        for name in SentenceSums.__dataclass_fields__
    }
    return Measured(totals.figures(model.signature(effective_settings(model, settings))), SentenceSums(**columns))
