"""Training that was broken off, in a file: what it needs to go on with the same bits."""

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.outputs import whole_file
from lmkit.engine.files.own_files import damage_told, described, write_own_file
from lmkit.engine.journal.differences import differences
from lmkit.errors import DataError, UsageError
from lmkit.neural.files import CHECKPOINT
from lmkit.neural.training.progress import Check
from lmkit.neural.training.state import State

SUFFIX = ".checkpoint.safetensors"
FORMAT = 1  # of what only training reads
ANEW = "remove the file and begin anew, without --resume"  # what is left where it cannot go on
ARRAY = "optimizer."  # before the names of an optimizer's arrays
NUMBERS = [  # of a state, kept as they are
    "step", "tokens", "losses", "counted", "high", "best_step", "best_loss", "stale", "seconds", "cpu_seconds",
]  # fmt: skip


def checkpoint_of(model: str | os.PathLike[str]) -> Path:
    """Where the checkpoint of a training lies that writes this model."""
    path = Path(model)
    return path.with_name(path.name.removesuffix(".safetensors") + SUFFIX)


@dataclass(frozen=True, eq=False)
class Checkpoints:
    """The checkpoint of a training: a file that is written again and again."""

    path: Path
    made_with: Mapping[str, Any]  # what has to be the same for the same bits; JSON values

    def write(self, state: State, steps: int) -> None:
        """Keep a state, whole or not at all. DataError where that fails."""
        kept = state.optimizer.state()
        arrays: dict[str, NDArray[Any]] = {
            ARRAY + name: value for name, value in kept.items() if isinstance(value, np.ndarray)
        }
        arrays["parameters"] = state.parameters.vector
        if state.best is not None:
            arrays["best"] = state.best
        numbers = {name: getattr(state, name) for name in NUMBERS if np.isfinite(getattr(state, name))}
        said = {
            "kind": CHECKPOINT,
            "training_format": FORMAT,
            "made_with": dict(self.made_with),
            "steps": steps,
            "numbers": numbers,
            "optimizer": {name: value for name, value in kept.items() if not isinstance(value, np.ndarray)},
            "checks": [written(check) for check in state.checks],
        }
        with whole_file(self.path) as stream:
            write_own_file(arrays, said, stream)

    def read(self, state: State) -> int:
        """Bring a state to where the file has it; returns how many steps there are.

        DataError for a file that is missing, damaged, of a newer lmkit, or no checkpoint; UsageError if it was made with something else.
        """
        name = str(self.path)
        if not self.path.exists():
            raise DataError(
                f"there is no checkpoint {name} to go on from.",
                "The training has ended, or has not begun, or wrote to another place: leave --resume out to begin.",
            )
        data = self.path.read_bytes()
        with damage_told(name, f"{ANEW.capitalize()}."):
            arrays, said = described(data, name)
            if said["kind"] != CHECKPOINT:
                raise DataError(
                    f"{name} holds {said['kind']}, and a checkpoint of training is needed.", f"{ANEW.capitalize()}."
                )
            if said["training_format"] > FORMAT:
                raise DataError(
                    f"{name}: lmkit {said['version']} wrote this checkpoint, in a format that this lmkit does not read.",
                    f"Upgrade lmkit, or {ANEW}.",
                )
            different = differences(said["made_with"], self.made_with, IN_WORDS)
        if different:
            raise UsageError(
                f"the training of {name} was begun otherwise: {'; '.join(different)}.",
                f"Go on with the same text and options, or {ANEW}.",
            )
        with damage_told(name, f"{ANEW.capitalize()}."):
            restore(state, arrays, said)
            steps = int(said["steps"])
            if not 0 <= state.step <= steps:
                raise ValueError(f"it is at step {state.step} of {steps}")
            return steps

    def refuse_unfinished(self) -> None:
        """DataError if there is a checkpoint, and it was not asked to go on from it."""
        if self.path.exists():
            raise DataError(
                f"{self.path}: a training of this model was broken off.",
                "Go on from there with --resume, or remove the file to begin anew.",
            )

    def remove(self) -> None:
        """It is not needed any more."""
        self.path.unlink(missing_ok=True)


IN_WORDS = {  # of what is kept as a digest
    "text": "the text, or how it is read, is another",
    "from": "the model to begin with is another",
}


def restore(state: State, arrays: Mapping[str, NDArray[Any]], said: Mapping[str, Any]) -> None:
    """Bring a state to where a file has it. LookupError, ValueError or TypeError for what does not fit."""
    vector = state.parameters.vector
    for name in ("parameters", "best"):
        if name in arrays and (arrays[name].shape, arrays[name].dtype) != (vector.shape, vector.dtype):
            raise ValueError(f"{name} are not those of this network")
    vector[...] = arrays["parameters"]
    state.best = arrays["best"].copy() if "best" in arrays else None
    of_optimizer = {name.removeprefix(ARRAY): array for name, array in arrays.items() if name.startswith(ARRAY)}
    try:
        state.optimizer.restore(of_optimizer | said["optimizer"])
    except DataError as error:
        raise ValueError(error.message.removesuffix(".")) from None
    for name, value in said["numbers"].items():
        if name not in NUMBERS:
            raise ValueError(f"there is no {name}")
        setattr(state, name, type(getattr(state, name))(value))
    state.checks[:] = map(read_check, said["checks"])


def written(check: Check) -> dict[str, Any]:
    """A check as JSON values: infinite figures, which JSON has not, as text."""
    found = asdict(check)
    return {name: str(value) if value in (math.inf, -math.inf) else value for name, value in found.items()}


def read_check(said: Mapping[str, Any]) -> Check:
    """The check that was written so. LookupError or ValueError for what is none."""
    found: dict[str, Any] = {field.name: said[field.name] for field in fields(Check)}
    return Check(**found | {name: float(value) for name, value in found.items() if isinstance(value, str)})
