"""What came of a suite: the figures of each pair, and of each gate whether it holds."""

from dataclasses import dataclass, field
from typing import Any, Literal

from lmkit.evaluation.gates import Gate
from lmkit.evaluation.suite import Pair, Suite
from lmkit.scoring.figures import Perplexity
from lmkit.scoring.result import Result

Status = Literal["pass", "fail", "error"]
WORST_FIRST: tuple[Status, ...] = ("error", "fail", "pass")


@dataclass(frozen=True)
class Check(Result):
    """Whether a gate holds."""

    gate: Gate
    status: Status  # error: it cannot be said, because a pair was not measured
    reason: str = ""  # why it does not pass, or what has to be known of it
    figures: dict[str, Any] = field(default_factory=dict)  # what was looked at, by name

    def shown(self) -> dict[str, Any]:
        """The check by name, with the figures that were looked at."""
        values = {"gate": self.gate.kind, "status": self.status, **self.figures, "reason": self.reason}
        return values | {"line": self.gate.line}


@dataclass(frozen=True)
class PairOutcome(Result):
    """What came of a pair."""

    pair: Pair
    figures: Perplexity | None  # None: it was not measured
    error: str  # why not
    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """The worst that befell it."""
        found = {check.status for check in self.checks} | ({"error"} if self.error else {"pass"})
        return next(status for status in WORST_FIRST if status in found)

    def shown(self) -> dict[str, Any]:
        """The outcome by name; the figures are None where the pair was not measured."""
        return {
            "text": self.pair.text.name,
            "model": self.pair.model.name,
            "status": self.status,
            "figures": self.figures and {**self.figures.shown(), "oov_rate": oov_rate(self.figures)},
            "error": self.error or None,
            "gates": [check.shown() for check in self.checks],
        }


@dataclass(frozen=True)
class Outcome(Result):
    """What came of a suite, pair by pair, in its order."""

    suite: Suite
    pairs: tuple[PairOutcome, ...]

    @property
    def checks(self) -> list[Check]:
        """All gates of all pairs."""
        return [check for pair in self.pairs for check in pair.checks]

    def count(self, status: Status) -> int:
        """The number of gates with this status."""
        return sum(check.status == status for check in self.checks)

    @property
    def errors(self) -> int:
        """The number of pairs that were not measured."""
        return sum(bool(pair.error) for pair in self.pairs)

    def shown(self) -> dict[str, Any]:
        """The outcome by name."""
        return {
            "suite": self.suite.name,
            "passed": not self.errors and self.count("pass") == len(self.checks),
            "pairs": [pair.shown() for pair in self.pairs],
            "gates": {status: self.count(status) for status in reversed(WORST_FIRST)},
            "errors": self.errors,
        }


def oov_rate(figures: Perplexity) -> float:
    """The share of OOV tokens among all but </s>; 0 where there are no others."""
    words = figures.running_words
    return figures.oov / words if words else 0.0
