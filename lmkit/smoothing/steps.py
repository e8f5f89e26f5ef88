"""A probability as a path through the orders: what the counts say at each, and the step that a formula makes of them.

The formulas are those of the smoothings, in their own files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from lmkit.scoring.explaining.explanation import Number, Step, shown

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel

SAME = 1e-5  # relative difference of probabilities that rounding explains


@dataclass(frozen=True)
class Evidence:
    """What the counts of an order say of a word after a history."""

    order: int
    adjusted: bool  # the counts are those of distinct words before the n-gram
    backed_off: bool  # the model has the backed-off form
    name: str  # p(word | history)
    history: str
    word: str
    count: int
    total: int  # of the words after the history
    types: int  # how many distinct ones
    of_count: tuple[int, ...]  # how many of them were counted once, twice, three times or more
    events: int  # words that can be predicted
    stored_log10_prob: float | None
    log10_backoff: float


def as_number(value: Any) -> Number:
    """A parameter as the decimal fraction that was meant, if it has few digits; else as it is."""
    exact = Fraction(str(value))
    return exact if exact.denominator <= 10**6 else Fraction(value)


def counted(evidence: Evidence) -> str:
    """The counts of an order in words: c(…) occurrences, N1+(…) distinct words."""
    ngram = f"{evidence.history} {evidence.word}".strip()
    rows = f"{evidence.history} •".strip()
    own = f"N1+(• {ngram})" if evidence.adjusted else f"c({ngram})"
    total = f"N1+(• {rows})" if evidence.adjusted else f"c({rows})"
    return f"{own} = {evidence.count}, {total} = {evidence.total}, N1+({rows}) = {evidence.types}"


Part = tuple[Number, str, str]  # a value, its formula in symbols, and with the numbers in it


class Parts(NamedTuple):
    """What the counts of an order give to a word, f, and what they leave to the order below, γ."""

    own: Part
    weight: Part


def by_parts(
    parts_of: "Callable[[Evidence, NgramModel], Parts]",
) -> "Callable[[Evidence, NgramModel, Number, str], Step]":
    """The steps of a smoothing of this f and γ: f + γ p(w|h′), or in the backed-off form one of both."""

    def step_of(evidence: Evidence, model: "NgramModel", lower: Number, below: str) -> Step:
        if not evidence.total:
            return unseen_history(evidence, lower, below)
        own, weight = parts_of(evidence, model)
        if evidence.backed_off:
            return backed_off_step(evidence, own, weight, lower, below)
        return Step(
            evidence.name,
            f"{counted(evidence)}; {in_words(weight)}",
            f"{own[1]} + γ · {'p(w | h′)' if evidence.order > 1 else '1/V'}",
            f"{own[2]} + {shown(weight[0])} · {below}",
            own[0] + weight[0] * lower,
        )

    return step_of


def in_words(part: Part) -> str:
    """Formula = numbers = value."""
    value, formula, numbers = part
    return f"{formula} = {numbers} = {shown(value)}"


def unseen_history(evidence: Evidence, lower: Number, below: str) -> Step:
    """The step of an order that knows nothing of the history."""
    return Step(evidence.name, counted(evidence), "p(w | h′), since h was not seen", below, lower)


def backed_off_step(evidence: Evidence, own: Part, weight: Part, lower: Number, below: str) -> Step:
    """F of words that were counted after the history, and γ, shared out by the order below, of others."""
    value, formula, numbers = own
    stored = 10.0 ** (evidence.stored_log10_prob or 0.0)
    if evidence.count and abs(float(value) - stored) <= SAME * stored:
        return Step(evidence.name, counted(evidence), formula, numbers, value)
    if evidence.count and evidence.order > 1:  # below, nothing is left for other words
        scaled = f"{numbers} / {float(value) / stored:.7g}"
        return Step(evidence.name, counted(evidence), f"{formula} / Σ f", scaled, stored)
    counts = f"{counted(evidence)}; {in_words(weight)}"
    if evidence.order == 1:  # what is left is shared among the words whose counts give them nothing, or among all
        sharing = round(float(weight[0]) / (stored - float(value)))
        left = f"{shown(weight[0])} / {sharing}"
        shared = f"{numbers} + {left}" if evidence.count else left
        return Step(evidence.name, counts, "f + γ / words that share it", shared, value + weight[0] / sharing)
    return backed_off(evidence, lower, below, counts)


def backed_off(evidence: Evidence, lower: Number, below: str, counts: str) -> Step:
    """An unseen word of a backed-off model, with the backoff that the model stores."""
    backoff = 10.0**evidence.log10_backoff
    formula = "γ p(w | h′) / (1 − Σ p(v | h′) of the v seen after h)"
    return Step(evidence.name, counts, formula, f"{backoff:.7g} · {below}", backoff * float(lower))
