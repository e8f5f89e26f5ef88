"""The tests of a difference between two models, by name; what they do: see `bootstrap`. Nothing slow is imported here."""

from typing import Literal, get_args

from lmkit.errors import UsageError

Test = Literal["bootstrap", "bootstrap-t", "randomization"]
TESTS: tuple[Test, ...] = get_args(Test)
SAMPLES = 1000
FEWEST_SAMPLES, MOST_SAMPLES = 100, 10_000_000  # more would say no more, and fill the memory


def check_samples(samples: int, seed: int) -> None:
    """UsageError for too few samples or too many, and for a seed below 0."""
    if samples < FEWEST_SAMPLES or seed < 0:
        raise UsageError(
            f"{samples} samples with seed {seed}: at least {FEWEST_SAMPLES}, and a seed of 0 or more, are needed."
        )
    if samples > MOST_SAMPLES:
        raise UsageError(f"{samples:,} samples: there are {MOST_SAMPLES:,} at most.")
