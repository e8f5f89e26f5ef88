"""What can be chosen by name where vectors are made of counts; what the names do: see `association`, `factorization`. Nothing slow is imported here."""

from typing import Literal

Association = Literal["ppmi", "pmi", "log", "hellinger"]
Factored = Literal[Association, "none"]  # what is factored: counts by an association, or cells as they are
Weighting = Literal["distance", "flat"]
Solver = Literal["krylov", "exact"]
DIMENSIONS = 100  # of vectors, if nothing is said
SEED = 1
