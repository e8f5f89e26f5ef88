"""The names of the optimizers. Nothing slow is imported here: options are made of them, at every start."""

from typing import Literal, get_args

OptimizerName = Literal["gradient-descent", "sgd", "momentum", "adam", "adamw"]
NAMES: tuple[OptimizerName, ...] = get_args(OptimizerName)
