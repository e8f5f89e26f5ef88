"""What is told of a training while it is under way."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What is about to be done."""

    architecture: str
    parameters: int
    types: int
    tokens: int  # of the text, each epoch
    steps: int
    first: int  # the step at which it begins: more than 0 when it goes on
    epochs: float
    minutes: float | None  # what was asked for, if these were
    validated_on: str  # "": on nothing
    validation_tokens: int
    short: bool  # the text has fewer windows than a batch: every step learns from all of it
    untrained_unknown: bool  # there are unknown words to validate on, and none to learn from
    checks: "tuple[Check, ...]" = ()  # what was measured before the break


@dataclass(frozen=True)
class Check:
    """How good the network is after some step."""

    step: int
    tokens: int  # learnt from so far
    loss: float  # the mean −ln p of what was learnt from since the check before, in nats
    perplexity: float | None  # on what is held out
    rate: float
    seconds: float  # since the beginning, validation included
    cpu_seconds: float
    tokens_per_second: float  # since the check before, while learning
    best: bool  # so far

    def as_dict(self) -> dict[str, Any]:
        """All by name; JSON values."""
        return asdict(self)


class TrainingWatcher:
    """Is told of a training, and shows nothing."""

    def begun(self, plan: Plan) -> None:
        """It begins, or goes on."""

    def checked(self, check: Check) -> None:
        """It was measured."""

    def stopped(self) -> bool:
        """Whether it is to stop after this step, and keep what it needs to go on."""
        return False
