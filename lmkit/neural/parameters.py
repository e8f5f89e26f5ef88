"""θ: all parameters of a model in one vector, with a named view of each, so that optimizers, checks and files see one array."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lmkit.engine.arrays import FloatArray

Shapes = Mapping[str, tuple[int, ...]]


class Parameters:
    """The parameters of a model, or something of the same shapes: gradients, moments."""

    def __init__(self, shapes: Shapes, dtype: DTypeLike = np.float32, vector: FloatArray | None = None) -> None:
        """Zeros of these shapes, by name; or the values of a vector (parameters,), which is kept and not copied."""
        self.shapes = dict(shapes)
        sizes = [prod(shape) for shape in self.shapes.values()]
        self.vector: FloatArray = np.zeros(sum(sizes), dtype) if vector is None else vector
        if self.vector.shape != (sum(sizes),):
            raise ValueError(f"there are {len(self.vector)} parameters, and {sum(sizes)} are needed")
        self.views: dict[str, FloatArray] = {}
        end = 0
        for (name, shape), size in zip(self.shapes.items(), sizes, strict=True):
            start, end = end, end + size
            self.views[name] = self.vector[start:end].reshape(shape)

    def __getitem__(self, name: str) -> FloatArray:
        return self.views[name]

    def __contains__(self, name: str) -> bool:
        return name in self.views

    def __len__(self) -> int:
        """How many numbers there are."""
        return len(self.vector)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return self.vector.dtype

    def like(self) -> "Parameters":
        """Zeros of the same shapes: gradients, moments."""
        return Parameters(self.shapes, self.dtype)
