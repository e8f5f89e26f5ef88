"""Work on many rows of an order at once: their places end to end, and where in each something begins."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def row_places(starts: Places, lengths: Places) -> tuple[Places, Places]:
    """The places start, …, start + length − 1 of all rows, end to end, and which row each belongs to.

    starts, lengths: (rows,)
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)
    ends = np.cumsum(lengths)
    places = np.arange(len(rows)) + np.repeat(starts - (ends - lengths), lengths)
    return places, rows


def first_places(starts: Places, ends: Places, is_reached: Callable[[Places, Places], NDArray[np.bool_]]) -> Places:
    """(rows,) the first place from start to end − 1 at which something is reached, and remains so to the end; else the end.

    is_reached: tells it of places, each with the number of its row.
    """
    low, high = starts.copy(), ends.copy()
    rows = np.flatnonzero(low < high)
    while len(rows):
        middle = (low[rows] + high[rows]) >> 1
        reached = is_reached(middle, rows)
        high[rows[reached]] = middle[reached]
        low[rows[~reached]] = middle[~reached] + 1
        rows = rows[low[rows] < high[rows]]
    return low


def running_sums(values: NDArray[np.int64], bounds: Places) -> NDArray[np.int64]:
    """(values,) the sum of each row up to each of its values. bounds: (rows + 1,) where the rows begin.

    The sums of single rows must fit 64 bits; that over all of them need not, because it wraps.
    """
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    return sums[1:] - np.repeat(sums[bounds[:-1]], np.diff(bounds))
