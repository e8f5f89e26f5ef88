"""The figures of a scored text, and the exact sums that they are made of.

Perplexity is 10^(−Σ log10 p / N), N = tokens + one </s> a sentence. OOV tokens count with p(<unk>); they are left
out of the figure `excluding_oov`, from the sum and from N, but break histories in both. Without sentence marks, there is no </s>, and
N = tokens.

Perplexity a token depends on what the tokens are. Per word, character or byte of the text itself (as Gao et al. 2021,
Language Model Evaluation Harness, has it) figures of models with different vocabularies or units can be compared: the
sum still runs over all tokens, </s> and OOV included. As p(<unk>) is more than the probability of the unknown word
itself, they flatter a model that meets OOV words, unless the letters of these are charged, too (see `lmkit.scoring.spelling`).
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.one_line import one_line
from lmkit.scoring.protocol import Spelling, TokenScores
from lmkit.scoring.result import Result
from lmkit.text.size import TextSize

FRACTION_BITS = 40  # log10 probabilities are added up as multiples of 2**-40: exactly, in any order
SUMS = (  # of `ScoreTotals`, which are there for any text
    *("log10_known", "log10_oov", "tokens", "sentences", "oov", "zeros_known", "zeros_oov", "size"),
    *("unspelled", "log10_spelling", "zeros_spelling"),
)


@one_line
@dataclass(frozen=True)
class Perplexity(Result):
    """The figures of one text. Infinite figures are math.inf; `as_dict` makes them None."""

    perplexity: float
    perplexity_excluding_oov: float
    cross_entropy_bits: float  # bits a token, OOV and </s> included
    log10_prob: float  # sum over all tokens
    tokens: int  # with one </s> a sentence
    sentences: int
    oov: int
    unspelled: int  # of OOV: those that cost p(<unk>) only, whatever their letters, and flatter figures per word, byte or character
    zero_probability_tokens: int
    words: int  # of the text itself, separated by white space of any kind, whatever the tokens are
    characters: int  # of the text itself: code points, line ends included
    bytes: int  # of the text itself: UTF-8, line ends included
    word_perplexity: float  # 10^(−log10_prob / words)
    byte_perplexity: float
    bits_per_byte: float
    bits_per_character: float
    matched_orders: dict[int, int] | None  # length of the n-gram used -> tokens; None for a model without n-grams
    signature: str
    sentence_marks: bool = True  # whether there is a </s> a sentence among the tokens; shown in the signature
    spelled: int | None = None  # of OOV: those that cost their letters, too; None: letters cost nothing
    spelling_bits: float | None = None  # what these letters cost, in all figures but perplexity_excluding_oov

    @property
    def running_words(self) -> int:
        """The number of tokens without </s>."""
        return self.tokens - self.sentences if self.sentence_marks else self.tokens

    def shown(self) -> dict[str, Any]:
        """See `Result`."""
        found = super().shown()
        signature, _ = found.pop("signature"), found.pop("sentence_marks")
        return found | {"signature": signature}


@dataclass
class ScoreTotals:
    """Sums over scored tokens, exact and independent of how the text was cut into blocks."""

    order: int | None  # of the model
    log10_known: int = 0  # known tokens of probability above 0, in units of 2**-FRACTION_BITS
    log10_oov: int = 0
    tokens: int = 0
    sentences: int = 0
    oov: int = 0
    zeros_known: int = 0
    zeros_oov: int = 0
    size: TextSize = field(default_factory=TextSize)
    matched: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    marks: bool = True  # whether there is a </s> a sentence
    unspelled: int = 0
    spelled: int | None = None  # None: no block was scored with letters
    log10_spelling: int = 0
    zeros_spelling: int = 0

    def add(self, scores: TokenScores, size: TextSize | None = None) -> None:
        """Take in the scores of a block, and the size of its text (without it, figures a word or byte are NaN)."""
        zero = np.isneginf(scores.log10_probs)
        some = bool(zero.any())
        finite = scores.log10_probs[~zero] if some else scores.log10_probs
        unknown = np.flatnonzero(scores.oov & ~zero if some else scores.oov)
        oov = fixed_point_sum(scores.log10_probs.take(unknown))
        self.log10_known += fixed_point_sum(finite) - oov
        self.log10_oov += oov
        self.tokens += len(scores.log10_probs)
        self.sentences += len(scores.ends)
        self.marks &= scores.marks
        self.oov += int(np.count_nonzero(scores.oov))
        self.unspelled += int(np.count_nonzero(scores.unspelled))
        if scores.spelling is not None:
            self.add_spelling(scores.spelling)
        if some:
            self.zeros_known += int(np.count_nonzero(zero & ~scores.oov))
            self.zeros_oov += int(np.count_nonzero(zero & scores.oov))
        self.size += size or TextSize()
        if self.order is not None and scores.matched_orders is not None:
            counted = np.bincount(scores.matched_orders, minlength=self.order + 1)
            self.matched = counted if not len(self.matched) else self.matched + counted

    def add_spelling(self, spelling: Spelling) -> None:
        """Take in what the letters of unknown words cost."""
        there = np.isfinite(spelling.log10_probs)
        self.spelled = (self.spelled or 0) + len(there)
        self.log10_spelling += fixed_point_sum(spelling.log10_probs[there])
        self.zeros_spelling += int(np.count_nonzero(~there))

    def join(self, other: "ScoreTotals") -> None:
        """Take in the sums of another piece of the text."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.spelled is not None:
            self.spelled = (self.spelled or 0) + other.spelled
        self.matched = other.matched if not len(self.matched) else self.matched + other.matched
        self.marks &= other.marks

    def figures(self, signature: str) -> Perplexity:
        """The figures of what was taken in; undefined ones (no token) are NaN."""
        zeros = self.zeros_known + self.zeros_oov
        log10_prob = -math.inf if zeros else math.ldexp(self.log10_known + self.log10_oov, -FRACTION_BITS)
        log10_known = -math.inf if self.zeros_known else math.ldexp(self.log10_known, -FRACTION_BITS)
        log10_spelling = -math.inf if self.zeros_spelling else math.ldexp(self.log10_spelling, -FRACTION_BITS)
        return Perplexity(
            perplexity=perplexity_of(log10_prob, self.tokens),
            perplexity_excluding_oov=perplexity_of(log10_known, self.tokens - self.oov),
            cross_entropy_bits=bits_of(log10_prob, self.tokens),
            log10_prob=log10_prob,
            tokens=self.tokens,
            sentences=self.sentences,
            oov=self.oov,
            unspelled=self.unspelled,
            zero_probability_tokens=zeros,
            words=self.size.words,
            characters=self.size.characters,
            bytes=self.size.bytes,
            word_perplexity=perplexity_of(log10_prob, self.size.words),
            byte_perplexity=perplexity_of(log10_prob, self.size.bytes),
            bits_per_byte=bits_of(log10_prob, self.size.bytes),
            bits_per_character=bits_of(log10_prob, self.size.characters),
            matched_orders=self.matched_orders(),
            signature=signature,
            sentence_marks=self.marks,
            spelled=self.spelled,
            spelling_bits=None if self.spelled is None else bits_of(log10_spelling, 1),
        )

    def matched_orders(self) -> dict[int, int] | None:
        """How many tokens had their probability from n-grams of each length."""
        if self.order is None:
            return None
        matched = self.matched if len(self.matched) else np.zeros(self.order + 1, np.int64)
        return {k: int(matched[k]) for k in range(1, self.order + 1)}


def bits_of(log10_prob: float, units: int) -> float:
    """−log2 of the probability for each of so many units; NaN without units."""
    return 0.0 - log10_prob / units / math.log10(2) if units else math.nan


def perplexity_of(log10_prob: float, units: int) -> float:
    """10^(−log10_prob / units); NaN without units, infinite beyond the range of floats."""
    if not units:
        return math.nan
    exponent = -log10_prob / units
    return math.inf if exponent > 308 else 10.0**exponent


def fixed_point_sum(values: NDArray[np.float64]) -> int:
    """The sum of values, each rounded to a multiple of 2**-FRACTION_BITS, in that unit: an exact integer."""
    scaled = values * 2.0**FRACTION_BITS
    units = np.rint(scaled, out=scaled).astype(np.int64)
    high, low = units >> 20, units & ((1 << 20) - 1)  # in two parts, lest a block overflow 64 bits
    return (int(high.sum()) << 20) + int(low.sum())
