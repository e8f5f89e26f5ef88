"""What training may be asked for, and what it does if nothing is said."""

from typing import Literal

Objective = Literal["predictive", "two-sided"]
PASSES = 10  # at most
ENOUGH = 5e-4  # of the objective: a pass that gains less is the last
SEED = 1
