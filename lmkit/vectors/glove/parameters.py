"""What GloVe learns, for each word a vector and a bias, once as a word and once as a context; and what it goes on from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.vectors.word_vectors import WordVectors

SQUARES, DONE = "squared_slopes_of_", "sweeps"  # names in files of what is kept beside the parameters
PARTS = 8  # of a sweep: after each, training can be broken off
SAID = ("x_max", "seed", "ridge", "learning_rate")  # and of the settings


@dataclass(frozen=True, eq=False)
class Parameters:
    """Vectors w and biases b of words, and w̃ and b̃ of contexts: in each row d coordinates, and the bias after them."""

    words: NDArray[Any]  # (words, d + 1)
    contexts: NDArray[Any]  # (words, d + 1)

    @property
    def published(self) -> NDArray[Any]:
        """(words, d) w + w̃, which are published as the vectors of the words."""
        published: NDArray[Any] = self.words[:, :-1] + self.contexts[:, :-1]
        return published

    def named(self, prefix: str = "") -> dict[str, NDArray[Any]]:
        """The arrays by the names that they have in files."""
        sides = {f"{prefix}word": self.words, f"{prefix}context": self.contexts}
        return {f"{side}_vectors": np.ascontiguousarray(rows[:, :-1]) for side, rows in sides.items()} | {
            f"{side}_biases": np.ascontiguousarray(rows[:, -1]) for side, rows in sides.items()
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], shape: tuple[int, int], prefix: str = "") -> "Parameters":
        """Copies of what `named` gave for so many words and dimensions. KeyError if it is not there, ValueError if it is of another shape."""
        sides = []
        for side in ("word", "context"):
            vectors, biases = arrays[f"{prefix}{side}_vectors"], arrays[f"{prefix}{side}_biases"]
            if vectors.shape != shape or biases.shape != shape[:1]:
                raise ValueError(f"{vectors.shape} vectors and {biases.shape} biases in place of {shape}")
            sides.append(np.column_stack([vectors, biases]).astype(np.float32))
        return cls(*sides)


@dataclass(frozen=True, eq=False)
class State:
    """What training goes on from."""

    parameters: Parameters
    squares: Parameters | None = None  # of AdaGrad: sums of squared slopes
    done: int = 0  # sweeps
    said: Mapping[str, float] = field(default_factory=dict)  # the settings so far, of those that are numbers

    def named(self) -> dict[str, NDArray[Any]]:
        """The arrays by the names that they have in files."""
        squares = {} if self.squares is None else self.squares.named(SQUARES)
        said = {name: np.array([float(value)]) for name, value in self.said.items()}
        return self.parameters.named() | squares | said | {DONE: np.array([self.done])}

    @classmethod
    def of(cls, vectors: WordVectors) -> "State":
        """The state that vectors keep, as copies. DataError for vectors without it."""
        arrays, shape = vectors.state, (len(vectors), vectors.dimensions)
        try:
            held = any(name.startswith(SQUARES) for name in arrays)
            squares = Parameters.of(arrays, shape, SQUARES) if held else None
            said = {name: float(arrays[name][0]) for name in SAID if name in arrays}
            return cls(Parameters.of(arrays, shape), squares, int(arrays[DONE][0]), said)
        except (KeyError, ValueError, IndexError) as error:
            raise DataError(
                f"the {vectors.method} vectors to go on from lack what GloVe needs for that: {error}.",
                "Only files that `lmkit vectors glove` wrote as .safetensors keep it. Train from the start.",
            ) from None
