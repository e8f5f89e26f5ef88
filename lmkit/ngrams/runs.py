"""Runs: the counted n-grams of a piece of text, and how many runs become one.

Counting a block of text and merging runs are the same operation, `group_pairs`: the entries of a run
are weighted n-grams. Entries are sorted by first word, second word, …, so a range of merged histories is
a contiguous slice of every run, and a merge goes range by range, order by order, whatever its size.
"""

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

from lmkit.corpus.vocabulary import EOS
from lmkit.ngrams.orders import Order, first_order
from lmkit.sparse import CountArray, IndexArray, bucket, group_pairs, index_dtype, row_numbers

MERGE_PART = 1 << 20  # entries merged at a time
NO_SUFFIXES: IndexArray = np.zeros(0, np.int32)
SMALL_RUNS = 256 << 20  # bytes of runs that are not worth merging before there are more


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
    """The n-grams of orders 1…order in whole padded sentences. tokens: (tokens,) ids below `types`.

    No n-gram is ever compared. A k-gram is its first word and the (k−1)-gram after it; so when positions stand in the
    order of the (k−1)-grams that end there, one stable bucket sort by the word that precedes them puts them in the
    order of the k-grams, and the (k−1)-grams, carried along, are the suffixes.
    """
    unigrams = np.bincount(tokens, minlength=types).astype(np.int32)
    orders, suffixes, counts = [first_order(types)], [NO_SUFFIXES], [unigrams]
    followed = (unigrams > 0) & (np.arange(types) != EOS)  # which entries, one order down, are histories here
    rows = np.zeros(types, np.int32)  # the row of each entry one order down
    places = np.arange(len(tokens), dtype=np.int32)
    _, entries, ends = bucket(tokens, tokens, places, types)  # entries ascending; where they end
    for length in range(2, order + 1):
        firsts = tokens[ends - (length - 1)]  # before the first sentence stands, as the last token, </s>
        bounds, entries, ends = bucket(firsts, entries, ends, types)
        outside = int(bounds[EOS + 1])  # </s> begins no n-gram: these reach over the start of a sentence
        bounds, entries, ends = bounds[EOS + 1 :] - outside, entries[outside:], ends[outside:]
        is_new = starts_of_runs(entries, bounds)
        news = np.flatnonzero(is_new)
        shorter = entries[news]
        columns = orders[-1].indices[shorter]
        ngram_bounds = np.searchsorted(news, bounds)  # where each first word begins among the n-grams
        histories = np.diff(np.flatnonzero(starts_of_runs(rows[shorter], ngram_bounds)), append=len(news))
        lengths = np.zeros(len(orders[-1]), np.int32)
        lengths[followed] = histories
        indptr = np.concatenate((np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)))
        entries = np.cumsum(is_new, dtype=np.int32) - np.int32(1)
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        followed = columns != EOS
        orders.append(Order(indptr, columns))
        suffixes.append(shorter)
        counts.append(np.diff(news, append=len(is_new)).astype(np.int32))
    return Run(tuple(orders), tuple(suffixes), tuple(counts))


def starts_of_runs(values: IndexArray, bounds: IndexArray) -> NDArray[np.bool_]:
    """(values,) whether each value differs from the one before or stands at a bound (places up to len(values))."""
    starts = np.empty(len(values) + 1, bool)  # one more: bounds of empty buckets at the end point there
    np.not_equal(values[1:], values[:-1], out=starts[1:-1])
    starts[bounds] = True
    starts[0] = True
    return starts[:-1]


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


def merge_runs(runs: Sequence[Run], types: int, folder: "TemporaryFolder | None" = None) -> Run:
    """One run with the counts of all. The result is on disk when a temporary folder is given.

    types: number of words by now; a run that was made earlier may know fewer.
    """
    total = sum(int(run.counts[0].sum(dtype=np.int64)) for run in runs)
    count_dtype = index_dtype(total)
    unigrams = np.zeros(types, count_dtype)
    for run in runs:
        unigrams[: len(run.counts[0])] += run.counts[0]
    orders, suffixes, counts = [first_order(types)], [NO_SUFFIXES], [unigrams]
    maps: list[IndexArray] = [np.arange(len(run.orders[0]), dtype=np.int32) for run in runs]
    for k in range(1, len(runs[0].orders)):
        merged, shorter, sums, maps = merge_order(runs, k, maps, len(orders[-1]), types, count_dtype, folder)
        orders.append(merged)
        suffixes.append(shorter)
        counts.append(sums)
    return Run(tuple(orders), tuple(suffixes), tuple(counts), folder)


def merge_order(
    runs: Sequence[Run], k: int, maps: list[IndexArray], histories: int, types: int, count_dtype: Any, folder: Any
) -> tuple[Order, IndexArray, CountArray, list[IndexArray]]:
    """The n-grams, suffixes and counts of one order of a merge, and where the entries of each run went.

    maps: for each run, the merged entry of each of its entries one order down (ascending).
    """
    total = sum(len(run.orders[k]) for run in runs)
    dtype = index_dtype(total)
    indptr = np.zeros(histories + 1, dtype)
    indices, suffixes, sums = (Column(total, kind, folder) for kind in (dtype, dtype, count_dtype))
    new_maps = [np.empty(len(run.orders[k]), dtype) for run in runs]
    merged = 0
    for first, last in merge_parts(runs, k, maps, histories):
        slices = []  # (first entry, last entry) of each run
        rows, columns, weights, below = [], [], [], []
        for run, run_map in zip(runs, maps, strict=True):
            order = run.orders[k]
            low, high = np.searchsorted(run_map, np.array([first, last], run_map.dtype)).tolist()
            start, stop = int(order.indptr[low]), int(order.indptr[high])
            slices.append((start, stop))
            rows.append(run_map[row_numbers(order.indptr, low, high)] - first)
            columns.append(order.indices[start:stop])
            weights.append(run.counts[k][start:stop].astype(count_dtype, copy=False))
            below.append(run_map[run.suffixes[k][start:stop]])
        part_indptr, part_columns, part_sums, groups = group_pairs(
            np.concatenate(rows), np.concatenate(columns), np.concatenate(weights), shape=(last - first, types)
        )
        part_suffixes = np.empty(len(part_columns), dtype)
        part_suffixes[groups] = np.concatenate(below)
        indices.append(part_columns)
        suffixes.append(part_suffixes)
        sums.append(part_sums)
        indptr[first + 1 : last + 1] = part_indptr[1:]
        indptr[first + 1 : last + 1] += merged
        taken = 0
        for new_map, (start, stop) in zip(new_maps, slices, strict=True):
            new_map[start:stop] = groups[taken : taken + stop - start]
            new_map[start:stop] += merged
            taken += stop - start
        merged += len(part_columns)
    return Order(indptr, indices.array()), suffixes.array(), sums.array(), new_maps


def merge_parts(runs: Sequence[Run], k: int, maps: list[IndexArray], histories: int) -> list[tuple[int, int]]:
    """Ranges of merged histories that hold about MERGE_PART entries of all runs together."""
    total = sum(len(run.orders[k]) for run in runs)
    grid = np.unique(np.linspace(0, histories, 64 * (total // MERGE_PART) + 2).astype(np.int64))
    entries = np.zeros(len(grid), np.int64)  # of all runs, before each grid point
    for run, run_map in zip(runs, maps, strict=True):
        entries += run.orders[k].indptr[np.searchsorted(run_map, grid.astype(run_map.dtype))]
    wanted = np.arange(MERGE_PART, total, MERGE_PART)
    cuts = np.unique(np.concatenate(([0], grid[np.searchsorted(entries, wanted)], [histories]))).tolist()
    return list(pairwise(cuts))


class TemporaryFolder:
    """A folder for arrays on disk, removed when nothing needs it any more, at the end of the program at the latest."""

    def __init__(self, parent: str | Path | None = None) -> None:
        self.name = tempfile.mkdtemp(prefix="lmkit-", dir=parent)
        weakref.finalize(self, shutil.rmtree, self.name, ignore_errors=True)


class Column:
    """An array that grows to at most `size` values, in memory or in a file of a temporary folder."""

    def __init__(self, size: int, dtype: Any, folder: TemporaryFolder | None) -> None:
        self._filled = 0
        self._dtype = np.dtype(dtype)
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
        if self._file is None:
            return self._values[: self._filled]
        self._file.close()
        if not self._filled:
            return np.zeros(0, self._dtype)
        return np.memmap(self._file.name, self._dtype, "r", shape=(self._filled,))


class RunCollector:
    """Collects runs within a budget of memory: merges them when they have doubled, writes them out when they are too many.

    Merging only when what is new weighs as much as what is old keeps the work linear and the memory
    proportional to the distinct n-grams.
    """

    def __init__(self, memory: int, tmp: str | Path | None = None) -> None:
        self._memory = memory  # bytes for counting and merging together
        self._tmp = tmp
        self._spilled: list[Run] = []
        self._merged: Run | None = None
        self._pending: list[Run] = []

    def add(self, run: Run, types: int) -> None:
        """Take in the run of the next piece of text; `types` is the number of words so far."""
        self._pending.append(run)
        merged = self._merged.nbytes() if self._merged else 0
        full = 3 * self.held() > self._memory  # a merge holds its runs, its result and some more
        if full or self.held() - merged > max(merged, SMALL_RUNS):
            self._merge(types)
        if full and self._merged and 6 * self._merged.nbytes() > self._memory:
            self._spilled.append(merge_runs([self._merged], types, TemporaryFolder(self._tmp)))
            self._merged = None

    def held(self) -> int:
        """The bytes of the runs in memory."""
        return sum(run.nbytes() for run in (*self._pending, *([self._merged] if self._merged else [])))

    def finish(self, order: int, types: int) -> Run:
        """One run with everything; on disk if the runs had to go there. Empty if there was no text."""
        runs = [*self._spilled, *([self._merged] if self._merged else []), *self._pending]
        runs = runs or [count_block(np.zeros(0, np.int32), order, types)]
        folder = TemporaryFolder(self._tmp) if self._spilled else None
        self._spilled, self._merged, self._pending = [], None, []
        if len(runs) == 1 and len(runs[0].orders[0]) == types:
            return runs[0]
        return merge_runs(runs, types, folder)

    def _merge(self, types: int) -> None:
        runs = [*([self._merged] if self._merged else []), *self._pending]
        self._merged, self._pending = None, []
        self._merged = merge_runs(runs, types)
