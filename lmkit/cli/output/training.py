"""What is told of a training on stderr, and kept for its log."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lmkit.cli.output import rendering
from lmkit.cli.output.interruptions import Interruption
from lmkit.engine.wording import numbered
from lmkit.neural.training.progress import Check, Plan, TrainingWatcher

if TYPE_CHECKING:
    from lmkit.engine.files.table_files import Table
    from lmkit.neural.model import NeuralModel

LOG = ("step", "tokens", "loss", "perplexity", "rate", "seconds", "cpu_seconds", "tokens_per_second")


class Narrator(TrainingWatcher):
    """Tells of a training."""

    def __init__(self, quiet: bool, unit: str, interruption: Interruption) -> None:
        self._quiet, self._unit, self._interruption = quiet, unit, interruption
        self.checks: list[Check] = []
        self.steps = 0

    def begun(self, plan: Plan) -> None:
        """Say what is about to be done."""
        self._interruption.listen()
        self.steps, self.checks = plan.steps, list(plan.checks)
        self.tell(
            f"{plan.architecture} of {plan.parameters:,} parameters and {plan.types:,} types; "
            f"{numbered(plan.steps, 'step')}: {plan.epochs:.3g} times {numbered(plan.tokens, 'token')}"
        )
        if plan.minutes is not None:
            self.tell(
                f"time for {numbered(plan.steps, 'step')} in {plan.minutes:g} min: --steps {plan.steps} gives the same model"
            )
        if plan.short:
            self.tell("the text is shorter than a batch: every step learns from all of it")
        if plan.first:
            self.tell(f"going on after step {plan.first:,}")
        if plan.validated_on:
            self.tell(f"validation on {plan.validated_on}: {plan.validation_tokens:,} tokens")
        if plan.untrained_unknown:
            self.tell(
                "no word is <unk> in what is learnt from, and some are in the text for validation: their probability is "
                "not learnt (--cutoff 2, or --vocabulary-size)"
            )

    def checked(self, check: Check) -> None:
        """Say how good it is."""
        self.checks.append(check)
        figures = [f"loss {check.loss:.5g} nats"]
        if check.perplexity is not None:
            figures.append(f"validation perplexity {check.perplexity:.5g}")
            if self._unit in ("character", "byte"):
                figures.append(f"{math.log2(check.perplexity):.4f} bits per {self._unit}")
            figures[-1] += "" if check.best else " (no better)"
        self.tell(
            f"{100 * check.step / self.steps:3.0f} %, step {check.step:,}, {numbered(check.tokens, 'token')}: {', '.join(figures)}; "
            f"{check.tokens_per_second:,.0f} tokens/s, {check.cpu_seconds:,.0f} s of CPU"
        )

    def told_of(self, model: "NeuralModel | None") -> None:
        """Say what is written."""
        if model is None:
            self.tell("no parameters were good, and no model is written")
            return
        best = max((check.step for check in self.checks if check.best), default=0)
        later = sum(check.step > best for check in self.checks)
        why = f": none was better in {numbered(later, 'later validation')}" if later else ""
        self.tell(f"the model after step {best:,} of {self.steps:,} is written{why}")

    @contextmanager
    def breaks(self, checkpoint: Path | None) -> Iterator[None]:
        """Within this block, whatever ends what has begun, be it Ctrl-C or a full disk: say how it goes on."""
        try:
            yield
        except BaseException:
            if self.steps and checkpoint is not None and checkpoint.exists():
                self.tell(f"{checkpoint} has what was learnt: the same command goes on from there with --resume")
            raise

    def stopped(self) -> bool:
        """Whether somebody asked to stop."""
        return self._interruption.asked is not None

    def tell(self, message: str) -> None:
        """Tell it on stderr."""
        rendering.narrate(self._quiet, message)


def log_of(checks: Sequence[Check]) -> "Table":
    """What was measured, as a table: loss in nats; perplexity nan where there was no validation."""
    import numpy as np

    from lmkit.engine.files.table_files import Table

    columns = [[getattr(check, name) for check in checks] for name in LOG]
    return Table(LOG, [[np.array([np.nan if value is None else value for value in column]) for column in columns]])
