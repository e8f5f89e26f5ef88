"""The counting core alone: `sort_pairs` beside what NumPy offers for the same."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lmkit.engine.sparse import sort_pairs

TYPES = 100_000


def measure_core(sizes: list[int], runs: int) -> list[dict[str, Any]]:
    """Millions of pairs a second, for pairs of words that follow Zipf's law; SystemExit unless the groups are equal."""
    rng = np.random.default_rng(1)
    figures = []
    for size in sizes:
        rows, columns = (rng.zipf(1.2, size) % TYPES for _ in range(2))
        rows, columns = rows.astype(np.int32), columns.astype(np.int32)

        def with_sort_pairs(rows: Any = rows, columns: Any = columns) -> Any:
            found = sort_pairs(rows, columns, (TYPES, TYPES))
            return found.columns, np.diff(found.bounds), found.groups()

        def with_unique(rows: Any = rows, columns: Any = columns) -> Any:
            return np.unique(rows.astype(np.int64) * TYPES + columns, return_inverse=True, return_counts=True)

        found, counts, groups = with_sort_pairs()
        keys, inverse, expected = with_unique()
        if not (
            np.array_equal(found, keys % TYPES) and np.array_equal(counts, expected) and np.array_equal(groups, inverse)
        ):
            raise SystemExit("sort_pairs and numpy.unique disagree")
        ours, theirs = (median_seconds(call, runs) for call in (with_sort_pairs, with_unique))
        figures.append({"pairs": size, "sort_pairs_s": ours, "unique_s": theirs, "ratio": theirs / ours})
    return figures


def median_seconds(call: Callable[[], Any], runs: int) -> float:
    """The median wall seconds of some calls."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
