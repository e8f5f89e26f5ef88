"""The largest singular values of a matrix and their vectors, whatever finds them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Triplets:
    """A ≈ U diag(s) Vᵀ."""

    left: NDArray[Any]  # (rows, k) U, orthonormal columns
    values: NDArray[np.float64]  # (k,) s, descending
    right: NDArray[Any]  # (columns, k) V, orthonormal columns
    blocks: int = 0  # of the space that they were found in; 0: there was no iteration
    is_settled: bool = True  # whether more blocks would hardly change them

    def with_signs(self) -> "Triplets":
        """The same with signs that do not depend on what found them: in each left vector, the largest coordinate is positive."""
        places = np.abs(self.left).argmax(axis=0)
        signs = np.where(self.left[places, np.arange(self.left.shape[1])] < 0, -1, 1).astype(self.left.dtype)
        return replace(self, left=self.left * signs, right=self.right * signs)
