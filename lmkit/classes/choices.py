"""What can be chosen where counts are made by class, by name."""

from typing import Literal

Unclassed = Literal["unk", "own"]  # what words without a class become: <unk>, or each a class of its own
