"""How vectors are evaluated. Nothing slow is imported here."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from lmkit.errors import UsageError
from lmkit.one_line import one_line
from lmkit.scoring.resampling import SAMPLES, check_samples
from lmkit.signature import signature

Case = Literal["ignore", "keep", "lower"]
CASES: tuple[Case, ...] = get_args(Case)
FIRST = 300_000  # words of vectors that take part, the most frequent ones: so do other tools
SEED = 1


@one_line
@dataclass(frozen=True)
class EvaluationSettings:
    """How vectors are evaluated. UsageError for what makes no sense."""

    case: Case = "ignore"  # of words: see `known_words`
    first: int = FIRST  # words of the vectors that take part, 0: all
    samples: int = SAMPLES  # of the bootstrap
    seed: int = SEED

    def __post_init__(self) -> None:
        if self.case not in CASES:
            raise UsageError(f"case is {self.case!r}; it must be one of: {', '.join(CASES)}.")
        if self.first < 0:
            raise UsageError(f"the first {self.first} words were to take part; it must be 1 or more, or 0 for all.")
        check_samples(self.samples, self.seed)

    def signature(self, method: dict[str, Any]) -> str:
        """The settings that make figures, beside those of a method."""
        drawn = {"interval": "bootstrap", "samples": self.samples, "seed": self.seed}
        return signature({"case": self.case, "first": self.first or "all"} | method | drawn)
