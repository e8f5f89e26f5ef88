"""Runs: the counted n-grams of a piece of text, and how many runs become one.

The entries of a run are weighted n-grams, so that adding runs up is `group_pairs` again and again. Entries are sorted by first word, second word, …, so a range of merged histories is
a contiguous slice of every run, and a merge goes range by range, order by order, whatever its size.
"""

import mmap
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.ngrams.block import NO_SUFFIXES, block_orders
from lmkit.ngrams.orders import Order, first_order
from lmkit.sparse import CountArray, IndexArray, group_pairs, index_dtype, row_numbers
from lmkit.threads import map_in_order

MERGE_PART = 1 << 20  # entries merged at a time
SMALL_SHARE = 16  # runs below this share of the memory are not worth merging before there are more


@dataclass(frozen=True, eq=False)
class Run:
    """Counted n-grams of orders 1…n; ids are those of the whole text, as far as it has been read."""

    orders: tuple[Order, ...]
    suffixes: tuple[IndexArray, ...]  # entry, one order down, of each n-gram without its first word (order 1: empty)
    counts: tuple[CountArray, ...]  # of each n-gram
    folder: "TemporaryFolder | None" = None  # kept as long as its arrays are mapped

    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        structure = sum(order.indptr.nbytes + order.indices.nbytes for order in self.orders)
        return structure + sum(array.nbytes for array in (*self.suffixes, *self.counts))


def count_block(tokens: NDArray[np.int32], order: int, types: int) -> Run:
    """The n-grams of orders 1…order in whole padded sentences. tokens: (tokens,) ids below `types`."""
    orders, suffixes, counts = zip(
        *((found.order, found.suffixes, found.counts) for found in block_orders(tokens, order, types)), strict=True
    )
    return Run(orders, suffixes, counts)


def renumber_words(run: Run, new_ids: IndexArray, types: int) -> Run:
    """The run after word w became new_ids[w] (-1: n-grams with w are dropped), in its new order.

    Words given the same id are added up: this is how a cutoff makes rare words <unk>. new_ids: (old types,).
    """
    kept = new_ids >= 0
    unigrams = np.zeros(types, run.counts[0].dtype)
    np.add.at(unigrams, new_ids[kept], run.counts[0][kept])
    orders, suffixes, counts = [first_order(types)], [NO_SUFFIXES], [unigrams]
    below = new_ids  # new entry of each old entry one order down; -1: dropped
    for order, shorter, values in zip(run.orders[1:], run.suffixes[1:], run.counts[1:], strict=True):
        rows, columns = below[row_numbers(order.indptr)], new_ids[order.indices]
        kept = (rows >= 0) & (columns >= 0)
        shape = (len(orders[-1]), types)
        indptr, indices, sums, groups = group_pairs(rows[kept], columns[kept], values[kept], shape=shape)
        new_suffixes = np.empty(len(indices), groups.dtype)
        new_suffixes[groups] = below[shorter[kept]]
        orders.append(Order(indptr, indices))
        suffixes.append(new_suffixes)
        counts.append(sums)
        below = np.full(len(order), -1, groups.dtype)
        below[kept] = groups
    return Run(tuple(orders), tuple(suffixes), tuple(counts))


def merge_runs(runs: list[Run], types: int, folder: "TemporaryFolder | None" = None, workers: int | None = None) -> Run:
    """One run with the counts of all. The list is emptied, so that each order can be freed once it is merged.

    types: number of words by now; a run that was made earlier may know fewer. folder: where the result goes, if not
    in memory. workers: threads (default: the number of cores).
    """
    total = sum(int(run.counts[0].sum(dtype=np.int64)) for run in runs)
    length, folders = len(runs[0].orders), [run.folder for run in runs if run.folder is not None]
    count_dtype = index_dtype(total)
    unigrams = np.zeros(types, count_dtype)
    for run in runs:
        unigrams[: len(run.counts[0])] += run.counts[0]
    orders, suffixes, counts = [first_order(types)], [NO_SUFFIXES], [unigrams]
    maps: list[IndexArray] = [np.arange(len(run.orders[0]), dtype=np.int32) for run in runs]
    waiting = [[list(zip(run.orders, run.suffixes, run.counts, strict=True))[k] for run in runs] for k in range(length)]
    runs.clear()
    waiting.reverse()
    waiting.pop()
    while waiting:
        parts = [RunOrder(*part, below) for part, below in zip(waiting.pop(), maps, strict=True)]
        merged = merge_order(parts, len(orders[-1]), types, count_dtype, folder, workers)
        orders.append(merged[0])
        suffixes.append(merged[1])
        counts.append(merged[2])
        maps = merged[3]
        for disk in folders:
            disk.release()
    return Run(tuple(orders), tuple(suffixes), tuple(counts), folder)


@dataclass(frozen=True, eq=False)
class RunOrder:
    """One order of a run that is being merged."""

    order: Order
    suffixes: IndexArray
    counts: CountArray
    below: IndexArray  # (histories,) the merged entry of each entry one order down; ascending

    def rows_between(self, first: int, last: int) -> tuple[int, int]:
        """The rows whose merged histories lie in first <= history < last."""
        low, high = np.searchsorted(self.below, np.array([first, last], self.below.dtype)).tolist()
        return low, high


def merge_order(
    runs: list[RunOrder],
    histories: int,
    types: int,
    count_dtype: Any,
    folder: "TemporaryFolder | None",
    workers: int | None,
) -> tuple[Order, IndexArray, CountArray, list[IndexArray]]:
    """The n-grams, suffixes and counts of one order of a merge, and the merged entry of each entry of each run."""
    total = sum(len(run.order) for run in runs)
    dtype = index_dtype(total)
    indptr = Column(histories + 1, dtype, folder)
    indptr.append(np.zeros(1, dtype))
    indices, suffixes, sums = (Column(total, kind, folder) for kind in (dtype, dtype, count_dtype))
    maps: list[IndexArray] = [np.empty(len(run.order), dtype) for run in runs]

    def merge_part(part: tuple[int, int]) -> tuple[Any, ...]:
        """The n-grams whose merged histories lie in a range: small enough for the caches."""
        first, last = part
        slices, rows, columns, weights, shorter = [], [], [], [], []
        for run in runs:
            low, high = run.rows_between(first, last)
            start, stop = int(run.order.indptr[low]), int(run.order.indptr[high])
            slices.append((start, stop))
            rows.append(run.below[row_numbers(run.order.indptr, low, high)] - first)
            columns.append(run.order.indices[start:stop])
            weights.append(run.counts[start:stop].astype(count_dtype, copy=False))
            shorter.append(run.below[run.suffixes[start:stop]])
        shape = (last - first, types)
        grouped = group_pairs(np.concatenate(rows), np.concatenate(columns), np.concatenate(weights), shape=shape)
        part_suffixes = np.empty(len(grouped[1]), dtype)
        part_suffixes[grouped[3]] = np.concatenate(shorter)
        return slices, *grouped, part_suffixes

    merged = 0
    for slices, part_indptr, part_columns, part_sums, groups, part_suffixes in map_in_order(
        merge_part, merge_parts(runs, histories), workers
    ):
        indices.append(part_columns)
        suffixes.append(part_suffixes)
        sums.append(part_sums)
        indptr.append(part_indptr[1:] + dtype(merged))
        taken = 0
        for run_map, (start, stop) in zip(maps, slices, strict=True):
            np.add(groups[taken : taken + stop - start], merged, out=run_map[start:stop], casting="unsafe")
            taken += stop - start
        merged += len(part_columns)
    return Order(indptr.array(), indices.array()), suffixes.array(), sums.array(), maps


def merge_parts(runs: Sequence[RunOrder], histories: int) -> list[tuple[int, int]]:
    """Ranges of merged histories that hold about MERGE_PART entries of all runs together."""
    total = sum(len(run.order) for run in runs)
    grid = np.unique(np.linspace(0, histories, 64 * (total // MERGE_PART) + 2).astype(np.int64))
    entries = np.zeros(len(grid), np.int64)  # of all runs, before each grid point
    for run in runs:
        entries += run.order.indptr[np.searchsorted(run.below, grid.astype(run.below.dtype))]
    wanted = np.arange(MERGE_PART, total, MERGE_PART)
    cuts = np.unique(np.concatenate(([0], grid[np.searchsorted(entries, wanted)], [histories]))).tolist()
    return list(pairwise(cuts))


class TemporaryFolder:
    """A folder for arrays on disk, removed when nothing needs it any more, at the end of the program at the latest."""

    def __init__(self, parent: str | Path | None = None) -> None:
        self.name = tempfile.mkdtemp(prefix="lmkit-", dir=parent)
        self._maps: list[mmap.mmap] = []
        weakref.finalize(self, shutil.rmtree, self.name, ignore_errors=True)

    def map_file(self, path: str, dtype: "np.dtype[Any]") -> NDArray[Any]:
        """The values in a file of this folder, mapped."""
        with Path(path).open("rb") as file:
            self._maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return np.frombuffer(self._maps[-1], dtype)

    def release(self) -> None:
        """Give back the memory of what was read of the mapped files; what is needed again is read again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            for mapped in self._maps:
                mapped.madvise(mmap.MADV_DONTNEED)


class Column:
    """An array that grows to at most `size` values, in memory or in a file of a temporary folder."""

    def __init__(self, size: int, dtype: Any, folder: TemporaryFolder | None) -> None:
        self._filled = 0
        self._dtype = np.dtype(dtype)
        self._folder = folder
        self._file = None if folder is None else tempfile.NamedTemporaryFile(dir=folder.name, delete=False)  # noqa: SIM115
        self._values = np.empty(size if folder is None else 0, dtype)  # memory not yet written to costs nothing

    def append(self, values: NDArray[Any]) -> None:
        """Add values at the end."""
        if self._file is None:
            self._values[self._filled : self._filled + len(values)] = values
        else:
            values.astype(self._dtype, copy=False).tofile(self._file)
        self._filled += len(values)

    def array(self) -> NDArray[Any]:
        """All values."""
        if self._file is None or self._folder is None:
            return self._values[: self._filled]
        self._file.close()
        return self._folder.map_file(self._file.name, self._dtype) if self._filled else np.zeros(0, self._dtype)


class RunCollector:
    """Collects runs within a budget of memory: merges them when they have doubled, writes them out when they are too many.

    Merging only when what is new weighs as much as what is old keeps the work linear and the memory
    proportional to the distinct n-grams.
    """

    def __init__(self, memory: int, tmp: str | Path | None = None, workers: int | None = None) -> None:
        self._memory = memory  # bytes for counting and merging together
        self._tmp = tmp
        self._workers = workers
        self._spilled: list[Run] = []
        self._merged: list[Run] = []  # at most one
        self._pending: list[Run] = []

    def add(self, run: Run, types: int) -> None:
        """Take in the run of the next piece of text; `types` is the number of words so far."""
        self._pending.append(run)
        full = (
            5 * self.held() > self._memory
        )  # a merge holds its runs, its result and its parts; blocks are counted beside
        new, old = (sum(run.nbytes() for run in runs) for runs in (self._pending, self._merged))
        if full or new > max(old, self._memory // SMALL_SHARE):
            self._merged = [merge_runs(self._merged + self._pending, types, workers=self._workers)]
            self._pending.clear()
        if full and 10 * self.held() > self._memory:
            self._spilled.append(merge_runs(self._merged, types, TemporaryFolder(self._tmp), self._workers))

    def held(self) -> int:
        """The bytes of the runs in memory."""
        return sum(run.nbytes() for run in (*self._pending, *self._merged))

    def finish(self, order: int, types: int) -> Run:
        """One run with everything; on disk if the runs had to go there. Empty if there was no text."""
        runs = [*self._spilled, *self._merged, *self._pending]
        runs = runs or [count_block(np.zeros(0, np.int32), order, types)]
        folder = TemporaryFolder(self._tmp) if self._spilled else None
        self._spilled, self._merged, self._pending = [], [], []
        if len(runs) == 1 and len(runs[0].orders[0]) == types:
            return runs[0]
        return merge_runs(runs, types, folder, self._workers)
