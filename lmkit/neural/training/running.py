"""Steps down the gradient, one after the other, and what is measured between them."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmkit.engine import progress
from lmkit.engine.arrays import FloatArray
from lmkit.errors import DataError
from lmkit.neural.lanes import Lanes
from lmkit.neural.optimizers.clipping import clip
from lmkit.neural.optimizers.schedules import warmup_cosine
from lmkit.neural.training.backends import Gradients
from lmkit.neural.training.batches import Batches
from lmkit.neural.training.progress import Check, TrainingWatcher
from lmkit.neural.training.settings import CHECKED_SHARE, CHECKS, TrainingSettings
from lmkit.neural.training.state import State
from lmkit.neural.training.validation import cross_entropy

FAR = 3.0  # a loss so many times that of guessing among all types is that of a network gone astray
LONGEST_FAR = 50  # steps on end with such a loss
KEPT_EVERY = 120.0  # seconds between states that are kept, where checks are farther apart
WARMUP_SHARE = 5  # at most one in so many steps is warm-up


class DivergedError(DataError):
    """The loss is no number any more, or far above that of guessing."""

    best: FloatArray | None = None  # the parameters that were best before, if any were good
    model: Any = None  # of these


@dataclass(eq=False)
class Run:
    """A training under way."""

    settings: TrainingSettings
    batches: Batches
    validation: list[Any]  # parts of sentences; empty: there is none
    lanes: Lanes  # for validation
    learner: Gradients  # of the same parameters
    steps: int  # all there are
    types: int
    state: State
    watcher: TrainingWatcher
    keep: Callable[[State], None]  # so that it can go on after a break

    def finish(self) -> None:
        """All steps that are left, or as many as patience lasts.

        KeyboardInterrupt when the watcher wants it to stop, after the state was kept; DivergedError where it must.
        """
        state = self.state
        advance = progress.stage("training", self.steps - state.step)
        clock, kept, pace = Clock(state), time.monotonic(), Pace()
        while state.step < self.steps and not self.is_patience_over:
            with pace:
                learnt = self.learn()
                pace.tokens += learnt
            progress.tokens(learnt)
            advance(1)
            checked, stopped = self.is_checked(state.step), self.watcher.stopped()
            if checked:
                self.check(clock, pace)
                pace = Pace()
            if checked or stopped or time.monotonic() - kept > KEPT_EVERY:
                clock.tell()
                self.keep(state)
                kept = time.monotonic()
            if stopped:
                raise KeyboardInterrupt
        if state.best is None:
            raise self.diverged(f"was above {self.far:.3g} whenever it was measured")

    @property
    def is_patience_over(self) -> bool:
        """Whether so many validations were no better that training ends early."""
        return self.settings.patience is not None and self.state.stale >= self.settings.patience

    def learn(self) -> int:
        """One step; returns how many tokens it learnt from. DivergedError if its loss says so."""
        state = self.state
        batch = self.batches.at(state.step)
        if self.settings.dropout:
            self.learner.seed(self.settings.seed, state.step)
        with np.errstate(all="ignore"):  # what becomes of numbers that are too large is looked at below
            loss, gradients = self.learner.gradients(batch)
            norm = clip(gradients.vector, self.settings.clip)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise self.diverged("is no number any more")
        state.high = state.high + 1 if loss > self.far else 0
        if state.high >= LONGEST_FAR:
            raise self.diverged(f"was above {self.far:.3g} in {LONGEST_FAR} steps on end")
        state.optimizer.step(state.parameters.vector, gradients.vector, self.rate(state.step))
        state.step += 1
        state.tokens += batch.counted
        state.losses += loss * batch.counted
        state.counted += batch.counted
        return batch.counted

    @property
    def far(self) -> float:
        """A loss that no network has that learns."""
        return FAR * math.log(self.types)

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        return warmup_cosine(step, self.steps, self.settings.rate, self.warmup)

    @property
    def warmup(self) -> int:
        """In how many steps the rate rises: a short run has no room for as many as were asked for."""
        return min(self.settings.warmup, self.steps // WARMUP_SHARE)

    def is_checked(self, done: int) -> bool:
        """Whether the network is measured after so many steps: at equal distances, and at the end."""
        every = self.settings.evaluate_every
        if every is not None and every >= 1:
            return done % int(every) == 0 or done == self.steps
        checks = min(self.usual_checks if every is None else round(1 / every), self.steps)
        return done * checks // self.steps > (done - 1) * checks // self.steps

    @property
    def usual_checks(self) -> int:
        """How often it is measured if nothing is said: seldom where the text for validation is long beside what is learnt from."""
        validated = sum(map(len, self.validation))
        learnt = self.steps * self.batches.tokens / self.batches.epoch
        return CHECKS if not validated else max(min(int(CHECKED_SHARE * learnt / validated), CHECKS), 1)

    def check(self, clock: "Clock", pace: "Pace") -> None:
        """Measure the network, and keep its parameters if they are the best so far; without validation, the last ones are."""
        state = self.state
        mean = state.losses / max(state.counted, 1)
        with np.errstate(all="ignore"):
            found = cross_entropy(self.lanes, self.validation) if self.validation else mean
        good = math.isfinite(found) and found < self.far
        best = good and (found < state.best_loss or not self.validation)
        if best:
            state.best, state.best_loss, state.best_step = state.parameters.vector.copy(), found, state.step
        state.stale = 0 if best else state.stale + 1
        state.losses, state.counted = 0.0, 0
        clock.tell()
        perplexity = (math.exp(found) if good else math.inf) if self.validation else None
        rate = self.rate(state.step - 1)
        check = Check(
            state.step, state.tokens, mean, perplexity, rate, state.seconds, state.cpu_seconds, pace.found, best
        )
        state.checks.append(check)
        self.watcher.checked(check)

    def time_of_validation(self) -> float:
        """Seconds that it takes."""
        began = time.monotonic()
        if self.validation:
            cross_entropy(self.lanes, self.validation)
        return time.monotonic() - began

    def diverged(self, how: str) -> DivergedError:
        """The error for a loss that went astray."""
        remedies = [f"a --learning-rate below {self.settings.rate:g}"]
        if self.state.step < self.steps // 2 and self.warmup < self.steps // WARMUP_SHARE:
            remedies.append(f"a --warmup above {self.warmup}")
        remedies.append(f"a --clip below {self.settings.clip:g}")
        error = DivergedError(
            f"training diverged: after {self.state.step:,} of {self.steps:,} steps, the loss {how}.",
            f"Give {', or '.join(remedies)}.",
        )
        error.best = self.state.best
        return error


class Clock:
    """Tells a state how much time has passed."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def tell(self) -> None:
        """Add what has passed since the last time."""
        wall, cpu = time.monotonic(), time.process_time()
        self._state.seconds += wall - self._wall
        self._state.cpu_seconds += cpu - self._cpu
        self._wall, self._cpu = wall, cpu


class Pace:
    """Tokens a second within the blocks of this."""

    def __init__(self) -> None:
        self.tokens, self._seconds = 0, 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *failure: object) -> None:
        self._seconds += time.monotonic() - self._began

    @property
    def found(self) -> float:
        """Tokens a second."""
        return self.tokens / max(self._seconds, 1e-9)
