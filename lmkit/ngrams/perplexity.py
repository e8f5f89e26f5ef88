"""Perplexity of texts under a model, by corpus, file, sentence or token.

Perplexity is 10^(−Σ log10 p / N), N = tokens + one </s> a sentence. OOV tokens count with p(<unk>); they are left
out of the figure `excluding_oov`, from the sum and from N, but break histories in both.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.blocks import Block, checked
from lmkit.corpus.encoded import no_sentence
from lmkit.corpus.encoding import EncodedBlock, NumberedBlock, encode_blocks, number_blocks
from lmkit.corpus.reading import block_bytes_for, read_blocks
from lmkit.corpus.settings import EncodingErrors, Reserved, TextSettings
from lmkit.corpus.sources import Texts, source_name, sources
from lmkit.corpus.vocabulary import WordNumbering
from lmkit.errors import DataError
from lmkit.ngrams.additive import maximum_likelihood
from lmkit.ngrams.counts import NgramCounts
from lmkit.ngrams.mixture import Mixture, MixtureScorer
from lmkit.ngrams.model import NgramModel
from lmkit.ngrams.scoring import Scorer, TokenScores
from lmkit.progress import tokens
from lmkit.threads import map_in_order

Result = TypeVar("Result")
Scorable = NgramModel | NgramCounts | Mixture | Scorer | MixtureScorer
FRACTION_BITS = 40  # log10 probabilities are added up as multiples of 2**-40: exactly, in any order


@dataclass(frozen=True)
class Perplexity:
    """The figures of one text. Infinite figures are math.inf; `as_dict` makes them None."""

    perplexity: float
    perplexity_excluding_oov: float
    cross_entropy_bits: float  # bits a token, OOV and </s> included
    log10_prob: float  # sum over all tokens
    tokens: int  # with one </s> a sentence
    sentences: int
    oov: int
    zero_probability_tokens: int
    matched_orders: dict[int, int]  # length of the n-gram used -> tokens
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON values: None for what is infinite or undefined."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["matched_orders"] = {str(order): tokens for order, tokens in self.matched_orders.items()}
        return {name: finite_or_none(value) for name, value in values.items()}


def finite_or_none(value: Any) -> Any:
    """None in place of an infinite or undefined number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass
class ScoreTotals:
    """Sums over scored tokens, exact and independent of how the text was cut into blocks."""

    order: int
    log10_known: int = 0  # known tokens of probability above 0, in units of 2**-FRACTION_BITS
    log10_oov: int = 0
    tokens: int = 0
    sentences: int = 0
    oov: int = 0
    zeros_known: int = 0
    zeros_oov: int = 0
    matched: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, scores: TokenScores) -> None:
        """Take in the scores of a block."""
        zero = np.isneginf(scores.log10_probs)
        finite = scores.log10_probs[~zero] if zero.any() else scores.log10_probs
        oov = fixed_point_sum(scores.log10_probs[scores.oov & ~zero])
        self.log10_known += fixed_point_sum(finite) - oov
        self.log10_oov += oov
        self.tokens += len(scores.log10_probs)
        self.sentences += len(scores.ends)
        self.oov += int(np.count_nonzero(scores.oov))
        self.zeros_known += int(np.count_nonzero(zero & ~scores.oov))
        self.zeros_oov += int(np.count_nonzero(zero & scores.oov))
        counted = np.bincount(scores.matched_orders, minlength=self.order + 1)
        self.matched = counted if not len(self.matched) else self.matched + counted

    def join(self, other: "ScoreTotals") -> None:
        """Take in the sums of another piece of the text."""
        for name in ("log10_known", "log10_oov", "tokens", "sentences", "oov", "zeros_known", "zeros_oov"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.matched = other.matched if not len(self.matched) else self.matched + other.matched

    def figures(self, signature: str) -> Perplexity:
        """The figures of what was taken in; undefined ones (no token) are NaN."""
        zeros = self.zeros_known + self.zeros_oov
        log10_prob = -math.inf if zeros else math.ldexp(self.log10_known + self.log10_oov, -FRACTION_BITS)
        log10_known = -math.inf if self.zeros_known else math.ldexp(self.log10_known, -FRACTION_BITS)
        matched = self.matched if len(self.matched) else np.zeros(self.order + 1, np.int64)
        return Perplexity(
            perplexity=perplexity_of(log10_prob, self.tokens),
            perplexity_excluding_oov=perplexity_of(log10_known, self.tokens - self.oov),
            cross_entropy_bits=0.0 - log10_prob / self.tokens / math.log10(2) if self.tokens else math.nan,
            log10_prob=log10_prob,
            tokens=self.tokens,
            sentences=self.sentences,
            oov=self.oov,
            zero_probability_tokens=zeros,
            matched_orders={k: int(matched[k]) for k in range(1, self.order + 1)},
            signature=signature,
        )


def perplexity_of(log10_prob: float, tokens: int) -> float:
    """10^(−log10_prob / tokens); NaN without tokens, infinite beyond the range of floats."""
    if not tokens:
        return math.nan
    exponent = -log10_prob / tokens
    return math.inf if exponent > 308 else 10.0**exponent


def fixed_point_sum(values: NDArray[np.float64]) -> int:
    """The sum of values, each rounded to a multiple of 2**-FRACTION_BITS, in that unit: an exact integer."""
    units = np.rint(values * 2.0**FRACTION_BITS).astype(np.int64)
    high, low = units >> 20, units & ((1 << 20) - 1)  # in two parts, lest a block overflow 64 bits
    return (int(high.sum()) << 20) + int(low.sum())


@dataclass(frozen=True, eq=False)
class ScoredBlock:
    """A block of text with its scores."""

    block: EncodedBlock
    scores: TokenScores


def as_model(model: NgramModel | NgramCounts) -> NgramModel:
    """The model itself; the maximum-likelihood model of counts."""
    return maximum_likelihood(model) if isinstance(model, NgramCounts) else model


def prepared(model: Scorable) -> Scorer | MixtureScorer:
    """What scores text with the model."""
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
    encoding_errors: EncodingErrors = "strict",
    workers: int | None = None,
    block_bytes: int | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Result]:
    """What `use` makes of each scored block of the texts, in order; it is called in threads.

    settings: how to read them (default: as the training text of the model was read). workers: threads (default:
    the number of cores).
    """
    scorer = prepared(model)
    settings = effective_settings(scorer.model, settings)
    block_bytes = block_bytes or block_bytes_for(settings)
    blocks = read_blocks(texts, encoding_errors=encoding_errors, block_bytes=block_bytes, on_bytes=on_bytes)
    numbered = number_blocks(blocks, settings, WordNumbering(scorer.model.vocabulary), workers)

    def score(block: NumberedBlock) -> Result:
        encoded = block.encode()
        tokens(len(encoded.tokens))
        return use(ScoredBlock(encoded, scorer.score(encoded.tokens)))

    yield from map_in_order(score, numbered, workers)


def perplexity(model: Scorable, texts: Texts, *, settings: TextSettings | None = None, **reading: Any) -> Perplexity:
    """The perplexity of the texts taken together (settings, reading: see `map_scores`).

    DataError when there is no sentence in them.
    """
    scorer = prepared(model)
    totals = ScoreTotals(scorer.model.order)

    def sums(scored: ScoredBlock) -> ScoreTotals:
        block_totals = ScoreTotals(scorer.model.order)
        block_totals.add(scored.scores)
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
    scorer = prepared(model)
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
    block = checked(Block(data, "<sentence>", 1, 0), "strict")
    (encoded,) = encode_blocks([block], settings, WordNumbering(model.vocabulary))
    return encoded


def score_sentence(model: NgramModel | NgramCounts, sentence: str) -> list[TokenScore]:
    """The scores of the words of one sentence, and of its </s>."""
    model = as_model(model)
    encoded = encode_sentence(model, sentence)
    scored = ScoredBlock(encoded, Scorer(model).score(encoded.tokens))
    words = [scored.block.surface_words[place].decode() for place in scored.block.surface] + ["</s>"]
    scores = scored.scores
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
