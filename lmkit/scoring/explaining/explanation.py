"""How probabilities come about, word by word: what an explanation is, whatever the family of the model.

Each family explains its own: n-gram models the path through the orders (`lmkit.smoothing.explaining`), neural models the softmax, a
mixture what each of its models gives. Probabilities are fractions as far as the formula allows. Nothing slow is imported here: every
smoothing has its steps.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from lmkit.one_line import one_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Number = Fraction | float
LARGEST_DENOMINATOR = 10_000  # fractions beyond are shown as decimals
MOST_BITS = 10_000  # of a denominator that is written out


@dataclass(frozen=True)
class Step:
    """One line of a calculation: of n-gram models, an order of the path."""

    name: str  # p(word | history)
    counts: str  # what was counted, or else is known; shown above
    formula: str  # in symbols
    numbers: str  # the formula with the numbers in it
    value: Number

    @classmethod
    def given(cls, name: str, numbers: str, value: Number) -> "Step":
        """A step that is no formula of counts."""
        return cls(name, "", "", numbers, value)


def shown(value: Number) -> str:
    """A number for people: a fraction while it is short, else seven digits."""
    if isinstance(value, Fraction) and value.denominator <= LARGEST_DENOMINATOR:
        return str(value)
    return f"{float(value):.7g}"


@one_line
@dataclass(frozen=True)
class ExplainedWord:
    """One word of a sentence and how its probability comes about."""

    word: str  # as it stands in the text
    read_as: str  # <unk> for a word outside the vocabulary
    history: tuple[str, ...]  # the words that the model looks at
    steps: tuple[Step, ...]  # from the lowest order up; those of orders without this history are left out
    probability: Number  # a fraction where the smoothing allows
    log10_prob: float  # under the model
    about: Mapping[str, Any] = field(default_factory=dict)  # what else its family has to say; JSON values

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        return {
            "word": self.word,
            "read_as": self.read_as,
            "history": " ".join(self.history),
            "probability": float(self.probability),
            "fraction": fraction_text(self.probability),
            "log10_prob": self.log10_prob if math.isfinite(self.log10_prob) else None,
            "steps": [{name: plain(value) for name, value in asdict(step).items()} for step in self.steps],
            **self.about,
        }


def fraction_text(value: Number) -> str | None:
    """A fraction as text; None for what is none, or has thousands of digits."""
    return str(value) if isinstance(value, Fraction) and value.denominator.bit_length() < MOST_BITS else None


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return float(value) if isinstance(value, Fraction) else value


@runtime_checkable
class Explaining(Protocol):
    """What a model has besides, if it can say by itself how its probabilities come about."""

    def explain(self, sentence: str) -> list[ExplainedWord]:
        """The words of a sentence, and its </s> if it has one."""


@runtime_checkable
class OneStep(Protocol):
    """A model that explains itself, and each of whose probabilities is one step: it says so as part of a mixture, too."""

    def steps(self, tokens: "NDArray[np.int32]") -> list[Step]:
        """Those of the predicted tokens of whole padded sentences, without their names."""


def name_of(word: str, history: Sequence[str]) -> str:
    """What the probability of a word after a history is called."""
    return f"p({word} | {' '.join(history)})" if history else f"p({word})"


def sentence_figures(explained: Sequence[ExplainedWord]) -> dict[str, Any]:
    """The product of the probabilities, the bits per event and the perplexity of a sentence: exact where it is a fraction."""
    probs = [word.probability for word in explained]
    exact = math.prod(prob for prob in probs if isinstance(prob, Fraction))
    if len([prob for prob in probs if isinstance(prob, Fraction)]) == len(probs):
        product: Number = Fraction(exact)
        bits = math.log2(exact.denominator) - math.log2(exact.numerator) if exact else math.inf
    else:
        product = math.prod(map(float, probs))
        bits = -sum(word.log10_prob for word in explained) / math.log10(2)
    bits /= len(explained)
    return {
        "events": len(explained),
        "product": float(product),
        "fraction": fraction_text(product),
        "bits_per_event": bits,
        "perplexity": 2.0**bits,
    }
