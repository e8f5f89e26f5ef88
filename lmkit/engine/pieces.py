"""Work cut into pieces that fit the caches of a processor: ranges of items, ranges of rows."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order


def row_pieces(indptr: IndexArray, entries: int = 1 << 18) -> Iterator[tuple[int, int]]:
    """Cut the rows into ranges (first, last) of about `entries` entries each; a row is never cut."""
    rows, total = len(indptr) - 1, int(indptr[-1])
    targets = np.arange(entries, total, entries, dtype=indptr.dtype)
    # Not np.unique, which imports numpy.ma.
    yield from pairwise(sorted({0, *np.searchsorted(indptr, targets).tolist(), rows}))


PIECE = 1 << 18  # n-grams worked on at a time


def in_pieces(
    name: str, work: Callable[[tuple[int, int]], None], size: int, workers: int | None, scratch: Scratch
) -> None:
    """Call work((first, last)) for ranges of PIECE items each, in threads, as a stage of this name."""
    advance = stage(name, size)
    for _ in map_in_order(work, ((first, min(first + PIECE, size)) for first in range(0, size, PIECE)), workers):
        advance(min(PIECE, size))
        scratch.release()
