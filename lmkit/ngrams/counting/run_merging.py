"""Many runs become one: range of first words by range of first words, order by order."""

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.kernels import row_numbers
from lmkit.engine.memory import give_back_memory
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import sort_pairs
from lmkit.engine.threads import Offsets, map_in_order
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.runs import CompactCounts, Run, compact

MERGE_PART = 1 << 18  # n-grams merged at a time
NO_MAP: IndexArray = np.zeros(0, np.int32)


def merge_runs(runs: list[Run], types: int, scratch: Scratch | None = None, workers: int | None = None) -> Run:
    """One run with the counts of all. The list is emptied, so that each order can be freed once it is merged.

    types: number of words by now; a run that was made earlier may know fewer. scratch: where the result goes (default:
    memory). workers: threads (default: the number of cores).
    """
    scratch = scratch or Scratch()
    length, count_dtype = len(runs[0].counts), index_dtype(sum(run.tokens for run in runs))
    unigrams = np.zeros(types, count_dtype)
    for run in runs:
        unigrams[: run.types] += run.counts[0].astype(count_dtype)
    starts, suffixes = [np.arange(types + 1, dtype=np.int32)], [NO_SUFFIXES]
    counts: list[CompactCounts] = []
    waiting = [
        [(with_types(run.starts[k], types), run.suffixes[k], run.counts[k]) for run in runs]
        for k in range(length - 1, 0, -1)
    ]
    runs.clear()
    maps: list[IndexArray] = [NO_MAP] * len(waiting[0]) if waiting else []
    below = types
    while waiting:
        give_back_memory()
        orders = [RunOrder(*arrays, below_map) for arrays, below_map in zip(waiting.pop(), maps, strict=True)]
        merged = merge_order(len(starts) + 1, orders, below, count_dtype, scratch, workers, mapped=bool(waiting))
        starts.append(merged[0])
        suffixes.append(merged[1])
        counts.append(merged[2])
        maps, below = merged[3], len(merged[1])
    return Run(tuple(starts), tuple(suffixes), (compact(unigrams), *counts))


def with_types(starts: IndexArray, types: int) -> IndexArray:
    """The starts of a run as if it knew this many words: of later ones it has no n-grams."""
    known = len(starts) - 1
    return np.pad(starts, (0, types - known), mode="edge") if known < types else starts


@dataclass(frozen=True, eq=False)
class RunOrder:
    """One order of a run that is being merged."""

    starts: IndexArray  # (types + 1,)
    suffixes: IndexArray  # (n-grams,)
    counts: CompactCounts  # (n-grams,)
    below: IndexArray  # the merged place of each n-gram one order down; ascending; NO_MAP: its own

    def merged_suffixes(self, place: slice) -> IndexArray:
        """The merged places of the suffixes of a range of n-grams."""
        suffixes = self.suffixes[place]
        return suffixes if self.below is NO_MAP else self.below.take(suffixes)

    def find(self, cut: tuple[int, int]) -> int:
        """The first n-gram at or after a cut: a first word, and a merged suffix that begins the range."""
        word, suffix = cut
        first, last = (
            (int(place) for place in self.starts[word : word + 2]) if suffix else (int(self.starts[word]),) * 2
        )
        below = self.below
        if below is NO_MAP:
            return bisect_left(self.suffixes, suffix, first, last)
        return bisect_left(range(last), suffix, first, key=lambda place: int(below[self.suffixes[place]]))


def merge_order(
    length: int,
    runs: list[RunOrder],
    below: int,
    count_dtype: Any,
    scratch: Scratch,
    workers: int | None,
    *,
    mapped: bool,
) -> tuple[IndexArray, IndexArray, CompactCounts, list[IndexArray]]:
    """The starts, suffixes and counts of one order of a merge, and, if mapped, the merged place of each n-gram of each run.

    length: of the n-grams; below: number of merged n-grams one order down.
    """
    total = sum(len(run.suffixes) for run in runs)
    advance = stage(f"merging the {length}-grams of {len(runs)} runs", total)
    types, dtype = len(runs[0].starts) - 1, index_dtype(max(total, below))
    largest = sum(int(run.counts.max(initial=0)) for run in runs)
    suffixes, counts = scratch.allocate(total, dtype), scratch.allocate(total, np.min_scalar_type(largest))
    lengths = np.zeros(types, dtype)  # n-grams that begin with each word
    maps = [scratch.allocate(len(run.suffixes), dtype) if mapped else NO_MAP for run in runs]
    offsets = Offsets()
    lock = threading.Lock()

    def merge_part(numbered: tuple[int, tuple[tuple[int, int], tuple[int, int]]]) -> int:
        """Merge a range of n-grams that is small enough for the caches."""
        number, (begin, end) = numbered
        word, last = begin[0], end[0] + bool(end[1])  # the first words are word … last − 1
        places = [slice(run.find(begin), run.find(end)) for run in runs]
        words, shorter, weights = [], [], []
        for run, place in zip(runs, places, strict=True):
            bounds = np.clip(run.starts[word : last + 1], place.start, place.stop)
            words.append(row_numbers(bounds))
            shorter.append(run.merged_suffixes(place))
            weights.append(run.counts[place])
        found = sort_pairs(np.concatenate(words), np.concatenate(shorter), (last - word, below))
        start = offsets.take(number, len(found.columns))
        placed = slice(start, start + len(found.columns))
        suffixes[placed] = found.columns
        counts[placed] = found.sums(np.concatenate(weights, dtype=count_dtype))
        here = np.bincount(found.rows, minlength=last - word)
        with lock:  # two parts may share a word
            lengths[word:last] += here.astype(dtype)
        if mapped:
            groups = found.groups(dtype)
            groups += dtype(start)
            taken = 0
            for run_map, place in zip(maps, places, strict=True):
                size = place.stop - place.start
                run_map[place] = groups[taken : taken + size]
                taken += size
        return len(found.places)

    for done in map_in_order(offsets.guard(merge_part), enumerate(merge_parts(runs)), workers):
        advance(done)
        scratch.release()
    starts = np.zeros(types + 1, dtype)
    np.cumsum(lengths, out=starts[1:])
    return starts, suffixes[: offsets.total], counts[: offsets.total], maps


def merge_parts(runs: Sequence[RunOrder]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Ranges, from cut to cut (see `RunOrder.find`), that hold about MERGE_PART n-grams of all runs together.

    Frequent first words are cut at suffixes as well.
    """
    types = len(runs[0].starts) - 1
    ends = np.zeros(types, np.int64)  # n-grams of all runs up to the end of each word
    for run in runs:
        ends += run.starts[1:]
    part = max(MERGE_PART, len(runs) << 12)  # many runs: not too little of each
    targets = np.arange(part, int(ends[-1]), part)
    cuts = {(int(word), 0) for word in np.searchsorted(ends, targets)}
    lengths = np.diff(ends, prepend=0)
    for word in np.flatnonzero(lengths > 2 * part).tolist():
        largest = max(runs, key=lambda run: int(run.starts[word + 1]) - int(run.starts[word]))
        first, last = (int(place) for place in largest.starts[word : word + 2])
        pieces = int(lengths[word]) // part + 1
        inner = [first + (last - first) * piece // pieces for piece in range(1, pieces)]
        found = (int(largest.merged_suffixes(slice(place, place + 1))[0]) for place in inner)
        cuts |= {(word, suffix) for suffix in found} | {(word, 0), (word + 1, 0)}
    ordered = sorted(cuts | {(0, 0), (types, 0)})
    return list(pairwise(ordered))
