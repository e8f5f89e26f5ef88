"""The tests of a difference between two models, by name; what they do: see `bootstrap`. Nothing slow is imported here."""

from typing import Literal, get_args

Test = Literal["bootstrap", "bootstrap-t", "randomization"]
TESTS: tuple[Test, ...] = get_args(Test)
SAMPLES = 1000
FEWEST_SAMPLES = 100
