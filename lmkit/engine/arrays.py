"""The arrays that sparse structures are made of, and their dtypes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

IndexArray = NDArray[np.signedinteger[Any]]  # int32 up to 2**31 entries, int64 beyond
CountArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.floating[Any]]


def index_dtype(largest: int) -> type[np.signedinteger[Any]]:
    """The dtype of indices that go up to `largest`: int32 while it fits, then int64."""
    return np.int32 if largest < 2**31 else np.int64
