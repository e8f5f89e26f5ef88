"""The vectors of tokens: rows of a table, which is a product with one-hot vectors without the zeros."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.layers.buffers import Buffers
from lmkit.neural.parameters import Parameters


class Embedding:
    """A row of the table for each token."""

    def __init__(self, parameters: Parameters, gradients: Parameters, name: str) -> None:
        self._table, self._d_table = parameters[f"{name}.weight"], gradients[f"{name}.weight"]
        self._new = Buffers(parameters.dtype)

    def forward(self, tokens: NDArray[np.integer[Any]]) -> FloatArray:
        """(*tokens.shape, d). IndexError for tokens that the table does not have."""
        if tokens.size and not 0 <= tokens.min() <= tokens.max() < len(self._table):
            raise IndexError(f"there are tokens from {tokens.min()} to {tokens.max()}, and {len(self._table)} types")
        self._tokens = tokens
        found = self._new("y", *tokens.shape, self._table.shape[1])
        return np.take(
            self._table, tokens, axis=0, out=found, mode="clip"
        )  # without a check it writes to `found` at once

    def backward(self, dy: FloatArray) -> None:
        """Add dy, of the same numbers as came out, to the rows of the tokens."""
        add_rows(self._d_table, self._tokens.reshape(-1), dy.reshape(self._tokens.size, -1))


def add_rows(table: FloatArray, places: NDArray[np.integer[Any]], rows: FloatArray) -> None:
    """Add rows (n, d) to those of the table at places (n,), also where places repeat: a product with a sparse one-hot matrix."""
    from scipy.sparse import csr_array

    order = np.argsort(places, kind="stable")
    found, firsts = np.unique(places[order], return_index=True)
    one_hot = csr_array(
        (np.ones(len(places), rows.dtype), order, np.append(firsts, len(places))), shape=(len(found), len(places))
    )
    table[found] += one_hot @ rows
