"""Tables of counts that change where words move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Changed:
    """The cells that changed."""

    places: NDArray[np.int64]  # (cells,) in row-major order
    old: NDArray[np.int64]  # (cells,) what stood there
    new: NDArray[np.int64]  # (cells,) what stands there now


def change(
    table: NDArray[np.signedinteger[Any]], places: Sequence[NDArray[np.int64]], changes: Sequence[NDArray[np.int32]]
) -> Changed:
    """Add numbers to cells of a table (any shape), in place. places: of cells in row-major order, some perhaps more than once."""
    keys = np.concatenate(places)
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    keys = keys[starts]
    cells = table.ravel()
    old = cells[keys].astype(np.int64)
    new = old + np.add.reduceat(np.concatenate(changes)[order].astype(np.int64), starts)
    cells[keys] = new
    return Changed(keys, old, new)
