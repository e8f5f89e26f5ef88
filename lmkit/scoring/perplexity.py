"""Perplexity of texts under a model, by corpus, file, sentence or token (definitions: see `lmkit.scoring.figures`)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import tokens
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.scorer import Scorer, TokenScores
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.smoothing.methods.maximum_likelihood import maximum_likelihood
from lmkit.scoring.figures import Perplexity, ScoreTotals
from lmkit.scoring.mixture import Mixture, MixtureScorer, TextScorer
from lmkit.text.ids.encoding import EncodedBlock, NumberedBlock, encode_blocks, number_blocks
from lmkit.text.limits import no_sentence
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import EncodingErrors, Reserved, TextSettings
from lmkit.text.size import text_size
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.names import Texts, source_name, sources
from lmkit.text.vocabulary import WordNumbering

Result = TypeVar("Result")
Scorable = NgramModel | NgramCounts | Mixture | TextScorer


@dataclass(frozen=True, eq=False)
class ScoredBlock:
    """A block of text with its scores."""

    block: EncodedBlock
    scores: TokenScores
    text: Block  # its lines


def as_model(model: NgramModel | NgramCounts) -> NgramModel:
    """The model itself; the maximum-likelihood model of counts."""
    return maximum_likelihood(model) if isinstance(model, NgramCounts) else model


def as_scorer(model: Scorable) -> TextScorer:
    """The model prepared for scoring; what is a scorer stays as it is."""
    if isinstance(model, Mixture):
        return MixtureScorer(model)
    return model if isinstance(model, Scorer | MixtureScorer) else Scorer(as_model(model))


def effective_settings(model: NgramModel | Mixture, settings: TextSettings | None) -> TextSettings:
    """How a text is read for a model: as asked, else as its training text was, else by default."""
    return settings or model.settings or TextSettings()


def score_text(model: Scorable, texts: Texts, **reading: Any) -> Iterator[ScoredBlock]:
    """The texts, block by block, with the score of every token (reading: see `map_scores`)."""
    yield from map_scores(model, texts, lambda scored: scored, **reading)


def map_scores(
    model: Scorable,
    texts: Texts,
    use: Callable[[ScoredBlock], Result],
    *,
    settings: TextSettings | None = None,
    encoding_errors: EncodingErrors = None,
    workers: int | None = None,
    block_bytes: int | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Result]:
    """What `use` makes of each scored block of the texts, in order; it is called in threads.

    settings: how to read them (default: as the training text of the model was read). workers: threads (default:
    the number of cores).
    """
    scorer = as_scorer(model)
    settings = effective_settings(scorer.model, settings)
    reading: dict[str, Any] = {"encoding_errors": encoding_errors, "block_bytes": block_bytes, "on_bytes": on_bytes}
    blocks = read_sentences(texts, settings, **reading)
    yield from map_block_scores(scorer, blocks, use, settings=settings, workers=workers)


def map_block_scores(
    scorer: TextScorer,
    blocks: Iterable[Block],
    use: Callable[[ScoredBlock], Result],
    *,
    settings: TextSettings | None = None,
    workers: int | None = None,
) -> Iterator[Result]:
    """The same of blocks that have been read."""
    numbering = WordNumbering(scorer.model.vocabulary)
    numbered = number_blocks(blocks, effective_settings(scorer.model, settings), numbering, workers)

    def score(block: NumberedBlock) -> Result:
        encoded = block.encode()
        tokens(len(encoded.tokens))
        return use(ScoredBlock(encoded, scorer.score(encoded.tokens), block.block))

    yield from map_in_order(score, numbered, workers)


def perplexity(model: Scorable, texts: Texts, *, settings: TextSettings | None = None, **reading: Any) -> Perplexity:
    """The perplexity of the texts taken together (settings, reading: see `map_scores`).

    DataError when there is no sentence in them.
    """
    scorer = as_scorer(model)
    totals = ScoreTotals(scorer.model.order)

    def sums(scored: ScoredBlock) -> ScoreTotals:
        block_totals = ScoreTotals(scorer.model.order)
        block_totals.add(scored.scores, text_size(scored.text.text))
        return block_totals

    for block_totals in map_scores(scorer, texts, sums, settings=settings, **reading):
        totals.join(block_totals)
    if not totals.sentences:
        raise no_sentence(texts)
    return totals.figures(scorer.model.signature(effective_settings(scorer.model, settings)))


def perplexity_by_file(model: Scorable, texts: Texts, **options: Any) -> Iterator[tuple[str, Perplexity]]:
    """The name and the perplexity of each text, in order (options: see `perplexity`).

    DataError when there is no sentence in one of them.
    """
    scorer = as_scorer(model)
    for text in sources(texts):
        yield source_name(text), perplexity(scorer, text, **options)


@dataclass(frozen=True)
class TokenScore:
    """One token of a sentence with its score."""

    token: str
    log10_prob: float
    order: int  # length of the n-gram that gave the probability
    oov: bool


def encode_sentence(model: NgramModel, sentence: str, reserved: Reserved | None = None) -> EncodedBlock:
    """One sentence as the model reads it, be it empty (reserved: in place of the model's setting).

    DataError for what is no text, and for reserved words, unless they are allowed.
    """
    settings = replace(effective_settings(model, None), blank_lines="sentence")
    if reserved is not None:
        settings = replace(settings, reserved=reserved)
    try:
        data = sentence.replace("\n", " ").encode() + b"\n"
    except UnicodeEncodeError:  # an argument of the command line in another encoding holds lone surrogates
        raise DataError(f"{sentence!a} is not valid UTF-8.", "Check the encoding of the terminal or script.") from None
    block = checked(Block(data, "<sentence>", 1, 0), None)
    (encoded,) = encode_blocks([block], settings, WordNumbering(model.vocabulary))
    return encoded


def score_sentence(model: NgramModel | NgramCounts, sentence: str) -> list[TokenScore]:
    """The scores of the words of one sentence, and of its </s>."""
    model = as_model(model)
    encoded = encode_sentence(model, sentence)
    words = [encoded.surface_words[place].decode() for place in encoded.surface] + ["</s>"]
    scores = Scorer(model).score(encoded.tokens)
    return [
        TokenScore(word, float(log10_prob), int(order), bool(oov))
        for word, log10_prob, order, oov in zip(
            words, scores.log10_probs, scores.matched_orders, scores.oov, strict=True
        )
    ]


@dataclass(frozen=True, eq=False)
class SentenceFigures:
    """Figures of the sentences of a block, one array (sentences,) each."""

    lines: NDArray[np.int64]
    log10_probs: NDArray[np.float64]
    tokens: NDArray[np.int64]  # with </s>
    oov: NDArray[np.int64]
    perplexities: NDArray[np.float64]


def sentence_figures(scored: ScoredBlock) -> SentenceFigures:
    """The figures of each sentence of a block, its </s> and OOV tokens included."""
    scores = scored.scores
    starts = np.concatenate((np.zeros(1, np.int64), scores.ends[:-1])) if len(scores.ends) else scores.ends
    if not len(starts):
        nothing = np.zeros(0, np.int64)
        return SentenceFigures(nothing, np.zeros(0), nothing, nothing, np.zeros(0))
    log10_probs = np.add.reduceat(scores.log10_probs, starts)
    tokens = scores.ends - starts
    with np.errstate(over="ignore"):
        perplexities = 10.0 ** (-log10_probs / tokens)
    oov = np.add.reduceat(scores.oov.astype(np.int64), starts)
    return SentenceFigures(scored.block.sentence_lines, log10_probs, tokens, oov, perplexities)
