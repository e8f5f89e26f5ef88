"""Comparing two models on one text: whether their figures can be compared, by how much they differ, and how sure that is."""

import itertools
import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.scoring.bootstrap import Bootstrap, paired_bootstrap
from lmkit.scoring.figures import Perplexity
from lmkit.scoring.perplexity import effective_settings
from lmkit.scoring.protocol import Model
from lmkit.scoring.resampling import SAMPLES, Test
from lmkit.scoring.result import Result
from lmkit.scoring.sentences import Measured, map_block_sums, measured
from lmkit.scoring.spelling import SpelledModel
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.sources.reading import block_bytes_for

Over = Literal["tokens", "known_tokens", "bytes"]
FIGURES: dict[Over, tuple[str, str]] = {  # the difference in bits for each of these, and the ratio of perplexities
    "tokens": ("cross_entropy_bits", "perplexity_ratio"),
    "known_tokens": ("cross_entropy_bits_excluding_oov", "perplexity_excluding_oov_ratio"),
    "bytes": ("bits_per_byte", "byte_perplexity_ratio"),
}
Names = tuple[str, str]
NAMES = ("a", "b")


@one_line
@dataclass(frozen=True)
class Comparison(Result):
    """Two models on one text. Differences are those of b from a: b − a, or b / a of perplexities."""

    a: Perplexity
    b: Perplexity
    reasons: tuple[str, ...]  # why perplexities, which are a token, cannot be compared; none: they can
    over: Over  # what the bootstrap's difference is divided by
    bootstrap: Bootstrap | None  # of the difference in bits for each of these; None where it is infinite or undefined
    measured: tuple[Measured, Measured] | None = field(default=None, repr=False, compare=False)  # sentence by sentence

    @property
    def comparable(self) -> bool:
        """Whether perplexities can be compared."""
        return not self.reasons

    @property
    def bits(self) -> float:
        """The difference in bits for each token, known token or byte."""
        return bits_for_each(self.b, self.over) - bits_for_each(self.a, self.over)

    def differences(self) -> dict[str, float]:
        """The differences by name; NaN for those a token, where tokens are not the same, and for what is undefined."""
        a, b = self.a, self.b
        token_bits, known_bits, byte_bits = (bits_for_each(b, over) - bits_for_each(a, over) for over in FIGURES)
        if self.reasons:
            token_bits = known_bits = math.nan
        word_bits = bits_of_perplexity(b.word_perplexity) - bits_of_perplexity(a.word_perplexity)
        return {
            "log10_prob_per_token": 0.0 - token_bits * math.log10(2),
            "cross_entropy_bits": token_bits,
            "perplexity_ratio": power_of_2(token_bits),
            "cross_entropy_bits_excluding_oov": known_bits,
            "perplexity_excluding_oov_ratio": power_of_2(known_bits),
            "bits_per_byte": byte_bits,
            "byte_perplexity_ratio": power_of_2(byte_bits),
            "bits_per_character": b.bits_per_character - a.bits_per_character,
            "word_perplexity_ratio": power_of_2(word_bits),
        }

    def shown(self) -> dict[str, Any]:
        """All figures by name."""
        return {
            "comparable": self.comparable,
            "reasons": list(self.reasons),
            "a": self.a.shown(),
            "b": self.b.shown(),
            "difference": self.differences(),
            "bootstrap": self.bootstrap and self.shown_bootstrap(self.bootstrap),
        }

    def shown_bootstrap(self, bootstrap: Bootstrap) -> dict[str, Any]:
        """The figures of the bootstrap by name."""
        return {
            "test": bootstrap.test,
            "figure": FIGURES[self.over][0],
            "difference": self.bits,
            "low": bootstrap.low,
            "high": bootstrap.high,
            "ratio_figure": FIGURES[self.over][1],
            "ratio": power_of_2(self.bits),
            "ratio_low": power_of_2(bootstrap.low),
            "ratio_high": power_of_2(bootstrap.high),
            "p_value": bootstrap.p_value,
            "confidence": 0.95,
            "sentences": bootstrap.sentences,
            "samples": bootstrap.samples,
            "seed": bootstrap.seed,
            "warning": bootstrap.warning,
        }


def power_of_2(bits: float) -> float:
    """2^bits, infinite beyond the range of floats."""
    return math.inf if bits >= 1024 else 2.0**bits


def bits_of_perplexity(perplexity: float) -> float:
    """log2 of a perplexity."""
    return math.log2(perplexity) if perplexity > 0 else math.nan


def bits_for_each(figures: Perplexity, over: Over) -> float:
    """The cross-entropy in bits for each token, known token or byte."""
    if over == "known_tokens":
        return bits_of_perplexity(figures.perplexity_excluding_oov)
    return figures.bits_per_byte if over == "bytes" else figures.cross_entropy_bits


def compare(
    a: Model,
    b: Model,
    texts: Texts,
    *,
    test: Test = "bootstrap",
    samples: int = SAMPLES,
    seed: int = 0,
    strict: bool = False,
    settings: tuple[TextSettings | None, TextSettings | None] = (None, None),
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> Comparison:
    """The figures of both models on the texts, and how sure their difference is (a paired test over sentences).

    The texts are read once. settings: how, for each model (default: as its training text was read). strict: DataError
    if perplexities cannot be compared. DataError when there is no sentence in the texts.
    """
    how = [effective_settings(model, wanted) for model, wanted in zip((a, b), settings, strict=True)]
    reasons = differing(a, b, how[0], how[1])
    if strict:
        refuse(reasons)
    refuse_other_sentences(how[0], how[1])
    read = read_sentences(texts, how[0], reading.in_blocks_of(min(map(block_bytes_for, how))))
    blocks = itertools.tee(read)
    sums = [map_block_sums(*each, resources.workers) for each in zip((a, b), blocks, how, strict=True)]
    pieces = list(zip(*sums, strict=True))
    one, other = (
        measured(model, [pair[side] for pair in pieces], texts, how[side]) for side, model in enumerate((a, b))
    )
    result = compare_measured(one, other, reasons, test=test, samples=samples, seed=seed, workers=resources.workers)
    if strict:
        refuse(result.reasons)
    return result


def refuse(reasons: tuple[str, ...]) -> None:
    """DataError if there are reasons why perplexities cannot be compared."""
    if reasons:
        raise DataError(
            f"the perplexities of the two models cannot be compared: {'; '.join(reasons)}.",
            "Without --strict, figures that do not depend on the tokens are compared.",
        )


def same_sentences(a: TextSettings, b: TextSettings) -> bool:
    """Whether two models find the same sentences in a text, blank lines apart, and both or neither give their ends probabilities."""
    return a.sentence_marks == b.sentence_marks and not a.differences(b, Role.SENTENCES)


def refuse_other_sentences(a: TextSettings, b: TextSettings, names: Names = NAMES) -> None:
    """DataError if two models find other sentences in a text: nothing can be paired then."""
    if a.sentence_marks != b.sentence_marks:
        own, other = ("yes" if each.sentence_marks else "no" for each in (a, b))
        raise DataError(
            f"sentence_marks is {own} in {names[0]} and {other} in {names[1]}: one gives the ends of sentences probabilities, and the other does not.",
            "Train both with, or both with --no-sentence-marks.",
        )
    if not same_sentences(a, b):
        found = " and ".join(
            f"{each.sentences} in {name}" + (f" (language {each.language})" if a.sentences == b.sentences else "")
            for each, name in zip((a, b), names, strict=True)
        )
        raise DataError(
            f"sentences are not the same for both models: {found}.", "Give --sentences (and --language) for both."
        )


def compare_measured(a: Measured, b: Measured, reasons: tuple[str, ...], **resampling: Any) -> Comparison:
    """The comparison of what two models found on one text; reasons: see `differing`; resampling: as for `paired_bootstrap`."""
    reasons += differing_tokens(a.figures, b.figures)
    over = basis(a.figures, b.figures, reasons)
    bootstrap = resample(a, b, over, **resampling)
    return Comparison(a.figures, b.figures, reasons, over, bootstrap, (a, b))


def differing(
    a: Model,
    b: Model,
    settings_a: TextSettings,
    settings_b: TextSettings,
    names: Names = NAMES,
) -> tuple[str, ...]:
    """Why figures a token of two models cannot be compared, as far as the models say (names: theirs)."""
    name_a, name_b = names
    reasons = []
    spelled = [name for name, model in zip(names, (a, b), strict=True) if isinstance(model, SpelledModel)]
    if len(spelled) == 1:
        reasons.append(f"the letters of unknown words are charged in {spelled[0]} only")
    if len(spelled) < 2 and not a.vocabulary.same_as(
        b.vocabulary
    ):  # with letters, both give any word its own probability
        only_a, only_b = a.vocabulary.differences(b.vocabulary)
        if only_a or only_b:
            reasons.append(f"the vocabularies differ ({only_a} words only in {name_a}, {only_b} only in {name_b})")
    if a.closed != b.closed:
        reasons.append(f"the vocabulary of {name_a if a.closed else name_b} is closed (no <unk>), the other open")
    # What READING decides matters only if it changes the tokens of this text: see `differing_tokens`.
    for each, one, other in settings_a.differences(settings_b, Role.SENTENCES, Role.WORDS):
        reasons.append(f"{each.name} is {one} in {name_a} and {other} in {name_b}")
    for name, model in zip(names, (a, b), strict=True):
        if not model.traits.is_distribution:
            reasons.append(
                f"the scores of {name} are no probabilities ({model.method}), and none of its figures compare"
            )
    return tuple(reasons)


def differing_tokens(a: Perplexity, b: Perplexity, names: Names = NAMES) -> tuple[str, ...]:
    """The same, as far as the scored text shows it."""
    if (a.tokens, a.sentences) == (b.tokens, b.sentences):
        return ()
    return (f"{names[0]} scored {a.tokens} tokens in {a.sentences} sentences, {names[1]} {b.tokens} in {b.sentences}",)


def basis(a: Perplexity, b: Perplexity, reasons: tuple[str, ...]) -> Over:
    """What bits are to be divided by: tokens if these are the same; known ones if OOV have no probability in both models."""
    if reasons:
        return "bytes"
    only_oov = all(
        math.isinf(figures.perplexity) and math.isfinite(figures.perplexity_excluding_oov) for figures in (a, b)
    )
    return "known_tokens" if only_oov else "tokens"


def resample(
    a: Measured, b: Measured, over: Over, *, factor: float = 1.0, beyond: float = 0.0, **resampling: Any
) -> Bootstrap | None:
    """The test of bits of b − factor · bits of a − beyond · units; None unless all are finite (see `paired_bootstrap`)."""
    lines = np.union1d(a.sentences.lines, b.sentences.lines)
    column = "log10_known" if over == "known_tokens" else "log10_probs"
    log10_a, log10_b = (by_line(each, column, lines, np.float64) for each in (a, b))
    if not (np.isfinite(log10_a).all() and np.isfinite(log10_b).all()):
        return None
    differences = (factor * log10_a - log10_b) / math.log10(2)
    if over == "bytes":  # a line has also the bytes of blank ones before it, the last one of those after it
        ends = np.maximum(*(by_line(each, "ends", lines, np.int64) for each in (a, b)))
        ends[-1] = a.figures.bytes
        weights = np.diff(ends, prepend=0)
    else:
        weights = by_line(a, "tokens", lines, np.int64)
        if over == "known_tokens":
            weights -= by_line(a, "oov", lines, np.int64)
    return paired_bootstrap(differences - beyond * weights, weights, **resampling)


def by_line(found: Measured, name: str, lines: NDArray[np.int64], dtype: Any) -> NDArray[Any]:
    """(lines,) the sums of this name of the sentences on these lines; 0 where the line is none."""
    values = np.zeros(len(lines), dtype)
    values[np.searchsorted(lines, found.sentences.lines)] = getattr(found.sentences, name)
    return values
