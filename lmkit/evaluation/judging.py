"""Whether the gates of a suite hold."""

import math
from dataclasses import dataclass
from typing import Any

from lmkit.evaluation.gates import LIMITS, Gate
from lmkit.evaluation.outcome import Check, oov_rate
from lmkit.scoring.bootstrap import Bootstrap
from lmkit.scoring.comparison import Over, basis, differing, differing_tokens, resample, same_sentences
from lmkit.scoring.figures import Perplexity
from lmkit.scoring.protocol import Model
from lmkit.scoring.resampling import Test
from lmkit.scoring.sentences import Measured
from lmkit.text.settings import TextSettings

COMPARED: dict[Over, str] = {  # what is compared of two models, given what they have in common
    "tokens": "perplexity",
    "known_tokens": "perplexity_excluding_oov",
    "bytes": "bits_per_byte",
}


@dataclass(frozen=True, eq=False)
class Found:
    """What is known of a pair when gates are checked."""

    name: str  # of the model
    figures: Perplexity
    measured: Measured | None = None  # sentence by sentence, where a gate asks how sure a difference is
    model: Model | None = None  # where it is compared with another
    settings: TextSettings | None = None


@dataclass(frozen=True)
class Resampling:
    """How sentences are resampled."""

    test: Test
    samples: int
    seed: int
    workers: int | None


def check_limit(gate: Gate, figures: Perplexity) -> Check:
    """Whether a figure keeps to the limit of a gate."""
    name = LIMITS[gate.kind]
    value = float(oov_rate(figures) if name == "oov_rate" else getattr(figures, name))
    words = figures.running_words
    shown: dict[str, Any] = {"value": value, "limit": gate.limit}
    if name == "perplexity_excluding_oov" and figures.oov == words > 0:
        return Check(
            gate, "fail", f"{name} is undefined: all {words} words of the text are OOV.", shown | {"value": None}
        )
    if value <= gate.limit:
        return Check(gate, "pass", figures=shown)
    if math.isnan(value):
        return Check(gate, "fail", f"{name} is undefined.", shown)
    if math.isinf(value):
        return Check(gate, "fail", f"{name} is infinite: {why_infinite(figures)}.", shown)
    return Check(gate, "fail", f"{name} is {value:.10g}, above the limit of {gate.limit:.10g}.", shown)


def why_infinite(figures: Perplexity) -> str:
    """What gives a text the probability 0."""
    zeros = figures.zero_probability_tokens
    if figures.oov and math.isfinite(figures.perplexity_excluding_oov):
        return (
            f"{zeros} OOV tokens have no probability, because the vocabulary of the model is closed (no <unk>); "
            "max_perplexity_excluding_oov leaves them out"
        )
    return f"{zeros} tokens have probability 0" if zeros else "the text is too improbable for a number"


def check_no_worse(gate: Gate, found: Found, baseline: Found, how: Resampling) -> Check:
    """Whether a model is no worse than another on a text, but for a margin.

    Perplexities are compared if both models predict the same tokens from the same vocabulary, else bits per byte.
    """
    reasons = why_incomparable(found, baseline)
    over = basis(baseline.figures, found.figures, reasons)
    name = COMPARED[over]
    value, other = (float(getattr(each.figures, name)) for each in (found, baseline))
    limit = other * (1 + gate.margin)
    shown: dict[str, Any] = {
        "baseline": gate.baseline,
        "figure": name,
        "comparable": not reasons,
        "value": value,
        "baseline_value": other,
        "margin": gate.margin,
        "limit": limit,
        "significant": gate.significant,
    }
    told = [f"Compared by {name}, because {'; '.join(reasons)}."] if reasons else []
    if reasons and math.isfinite(value) and found.figures.unspelled != baseline.figures.unspelled:
        oov = f"{found.name}: {found.figures.unspelled}, {baseline.name}: {baseline.figures.unspelled}"
        told.append(f"It flatters the model that meets more OOV words ({oov}); spell_unknown charges their letters.")
    if over == "known_tokens":
        told = [f"Compared by {name}, because OOV tokens have no probability under both models."]
    if math.isinf(value):
        return Check(gate, "fail", " ".join([f"{name} is infinite: {why_infinite(found.figures)}.", *told]), shown)
    if value <= limit:
        return Check(gate, "pass", " ".join(told), shown)
    allowed = f"the {other:.10g} of {gate.baseline}"
    if gate.margin:
        allowed = f"{limit:.10g}, which is {allowed} with a margin of {gate.margin:.10g}"
    worse = f"{name} is {value:.10g}, above {allowed}"
    drawn = difference_beyond_margin(found, baseline, over, gate.margin, how) if gate.significant else None
    if drawn is None:
        return Check(gate, "fail", " ".join([f"{worse}.", *told]), shown)
    shown |= {"low": drawn.low, "high": drawn.high, "test": drawn.test, "samples": drawn.samples, "seed": drawn.seed}
    shown["warning"] = drawn.warning
    if drawn.warning:
        told.append(f"Beware: {drawn.warning}")
    interval = f"the 95 % interval is {drawn.low:.10g} to {drawn.high:.10g} bits beyond it"
    if drawn.low > 0:
        return Check(gate, "fail", " ".join([f"{worse}: {interval}.", *told]), shown)
    return Check(gate, "pass", " ".join([f"{worse}, but not for sure: {interval}.", *told]), shown)


def why_incomparable(found: Found, baseline: Found) -> tuple[str, ...]:
    """Why the perplexities of two models on a text cannot be compared; none: they can."""
    names = (baseline.name, found.name)
    of_the_models: tuple[str, ...] = ()
    if baseline.model and found.model and baseline.settings and found.settings:
        of_the_models = differing(baseline.model, found.model, baseline.settings, found.settings, names)
    return of_the_models + differing_tokens(baseline.figures, found.figures, names)


def difference_beyond_margin(
    found: Found, baseline: Found, over: Over, margin: float, how: Resampling
) -> Bootstrap | None:
    """How sure it is that a model is worse than the margin allows: the interval of bits a token, or a byte, beyond that.

    A perplexity may be (1 + margin) times that of the baseline: log2(1 + margin) bits a token more. None where a
    difference is infinite, or the sentences of the text are not the same for both.
    """
    if found.measured is None or baseline.measured is None:
        return None
    if found.settings and baseline.settings and not same_sentences(found.settings, baseline.settings):
        return None
    factor = 1 + margin if over == "bytes" else 1.0
    beyond = 0.0 if over == "bytes" else math.log2(1 + margin)
    return resample(baseline.measured, found.measured, over, factor=factor, beyond=beyond, **vars(how))
