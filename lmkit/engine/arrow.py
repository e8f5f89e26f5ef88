"""NumPy arrays as Arrow arrays and back, from their buffers.

`pyarrow.array(values)` and `.to_numpy()` do the same, but import pandas where it is installed: 0.25 s at every start.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(values: NDArray[Any]) -> "pa.Array[Any]":
    """The numbers or truth values (n,) as an Arrow array without nulls: numbers that lie end to end are not copied."""
    import pyarrow as pa

    held = np.packbits(values, bitorder="little") if values.dtype == bool else np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(held)], 0)


def to_numpy(values: "pa.Array[Any]") -> NDArray[Any]:
    """(n,) the numbers or truth values of an Arrow array, of which none may be null; numbers are not copied."""
    if values.null_count:
        raise ValueError(f"{values.null_count} values are null, which NumPy does not have")
    dtype, (_, held) = numpy_types()[values.type], values.buffers()
    end = values.offset + len(values)
    if dtype.kind == "b":
        bits = np.unpackbits(np.frombuffer(held or b"", np.uint8), count=end, bitorder="little")
        return bits[values.offset :].view(bool)
    return np.frombuffer(held or b"", dtype, end)[values.offset :]


@cache
def numpy_types() -> "dict[pa.DataType, np.dtype[Any]]":
    """The dtypes of NumPy by the types of Arrow."""
    import pyarrow as pa

    dtypes = [np.dtype(bool), *(np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)), np.dtype("f4")]
    return {pa.from_numpy_dtype(dtype): dtype for dtype in [*dtypes, np.dtype("f8")]}
