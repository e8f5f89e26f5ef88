"""Rows of several columns of integers, sorted by as few sorts as possible."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.sparse import KEY_BITS


def sorted_rows(
    columns: Sequence[tuple[NDArray[np.integer[Any]], int]],
) -> list[NDArray[np.integer[Any]]]:
    """The columns (rows,) of the rows sorted by the first one, ties by the second, and so on.

    columns: integers from 0, each with a number that they are below. As many as fit are packed into one number: one number is all there is to
    sort, and what was packed is found in it again.
    """
    keys: list[NDArray[np.int64]] = []
    packed: list[list[int]] = []  # for each key, the bits of the columns in it
    for column, size in columns:
        bits = max(size - 1, 0).bit_length()
        if not keys or sum(packed[-1]) + bits > KEY_BITS:
            keys.append(np.zeros(len(column), np.int64))
            packed.append([])
        keys[-1] <<= bits
        keys[-1] |= column
        packed[-1].append(bits)
    if len(keys) == 1:
        keys[0].sort()
    elif keys:
        order = np.lexsort(keys[::-1])
        keys = [key.take(order) for key in keys]
    found: list[NDArray[np.integer[Any]]] = []
    for key, widths in zip(keys, packed, strict=True):
        ends = np.cumsum(widths[::-1])[::-1].tolist()
        found += [(key >> (end - bits)) & ((1 << bits) - 1) for end, bits in zip(ends, widths, strict=True)]
    return found
