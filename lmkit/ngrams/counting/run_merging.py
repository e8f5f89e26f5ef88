"""Many runs become one: range of first words by range of first words, order by order."""

import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.kernels import row_numbers, take
from lmkit.engine.memory import give_back_memory
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import sort_pairs
from lmkit.engine.threads import Offsets, map_in_order
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.runs import CompactCounts, Run, compact, compact_dtype

MERGE_PART = 1 << 18  # n-grams merged at a time
NO_MAP: IndexArray = np.zeros(0, np.int32)
RunArrays = tuple[IndexArray, IndexArray, CompactCounts]  # starts, suffixes and counts of one order
Merged = tuple[IndexArray, IndexArray, CompactCounts, "Below"]
Finish = Callable[[int, Callable[[], Merged]], Merged]


def merge_runs(
    runs: list[Run],
    types: int,
    scratch: Scratch | None = None,
    workers: int | None = None,
    finish: Finish | None = None,
) -> Run:
    """One run with the counts of all. The list is emptied, so that each order can be freed once it is merged.

    types: number of words by now; a run that was made earlier may know fewer. scratch: where the result goes (default:
    memory). workers: threads (default: the number of cores). finish: has the work on an order of this length done, or knows what came of it.
    """
    scratch = scratch or Scratch()
    length = len(runs[0].counts)
    unigrams = np.zeros(types, np.int64)
    for run in runs:
        unigrams[: run.types] += run.counts[0]
    starts: list[IndexArray] = [np.arange(types + 1, dtype=np.int32)]
    suffixes: list[IndexArray] = [NO_SUFFIXES]
    counts: list[CompactCounts] = []
    waiting = [
        [(with_types(run.starts[k], types), run.suffixes[k], run.counts[k]) for run in runs]
        for k in range(length - 1, 0, -1)
    ]
    runs.clear()
    below = Below(types, NO_MAP, [0] * len(waiting[0]) if waiting else [])
    while waiting:
        give_back_memory()
        order = len(starts) + 1
        arrays = waiting.pop()
        merge = partial(merge_arrays, order, arrays, below, scratch, workers, mapped=bool(waiting))
        merged = merge() if finish is None else finish(order, merge)
        starts.append(merged[0])
        suffixes.append(merged[1])
        counts.append(merged[2])
        below = merged[3]
    return Run(tuple(starts), tuple(suffixes), (compact(unigrams), *counts))


def merge_arrays(
    length: int, arrays: list[RunArrays], below: "Below", scratch: Scratch, workers: int | None, *, mapped: bool
) -> Merged:
    """What `merge_order` gives, of the arrays of each run."""
    orders = [RunOrder(*each, first, below) for each, first in zip(arrays, below.firsts, strict=True)]
    return merge_order(length, orders, below, scratch, workers, mapped=mapped)


def with_types(starts: IndexArray, types: int) -> IndexArray:
    """The starts of a run as if it knew this many words: of later ones it has no n-grams."""
    known = len(starts) - 1
    return np.pad(starts, (0, types - known), mode="edge") if known < types else starts


@dataclass(frozen=True, eq=False)
class Below:
    """What became of the n-grams one order down."""

    size: int  # how many there are, merged
    places: IndexArray  # (n-grams of all runs, one run after the other,) the merged place of each; NO_MAP: its own
    firsts: Sequence[int]  # (runs,) where those of each run begin there

    def merged(self, suffixes: IndexArray) -> IndexArray:
        """The merged places of n-grams, given by where they are in `places`."""
        return suffixes if self.places is NO_MAP else take(self.places, suffixes)


@dataclass(frozen=True, eq=False)
class RunOrder:
    """One order of a run that is being merged."""

    starts: IndexArray  # (types + 1,)
    suffixes: IndexArray  # (n-grams,)
    counts: CompactCounts  # (n-grams,)
    first: int  # where its n-grams one order down begin among those of all runs
    below: Below  # ascending for each run

    def merged_suffix(self, place: int) -> int:
        """The merged place of the suffix of an n-gram."""
        suffix = self.first + int(self.suffixes[place])
        return suffix if self.below.places is NO_MAP else int(self.below.places[suffix])

    def find(self, cut: tuple[int, int]) -> int:
        """The first n-gram at or after a cut: a first word, and a merged suffix that begins the range."""
        word, suffix = cut
        if not suffix:
            return int(self.starts[word])
        first, last = self.starts[word : word + 2].tolist()
        return bisect_left(range(last), suffix, first, key=self.merged_suffix)

    def first_words(self, place: slice, first: int, last: int) -> IndexArray:
        """The first words, less `first`, of a range of n-grams, all of whose first words are below `last`."""
        bounds = self.starts[first : last + 1].copy()
        bounds[0], bounds[-1] = place.start, place.stop  # words may be cut
        return row_numbers(bounds)


def merge_order(
    length: int,
    runs: list[RunOrder],
    below: Below,
    scratch: Scratch,
    workers: int | None,
    *,
    mapped: bool,
) -> Merged:
    """The starts, suffixes and counts of one order of a merge, and what is below the next one, if mapped.

    length: of the n-grams.
    """
    sizes = [len(run.suffixes) for run in runs]
    total, firsts = sum(sizes), list(accumulate(sizes, initial=0))[:-1]
    advance = stage(f"merging the {length}-grams of {len(runs)} runs", total)
    types, dtype = len(runs[0].starts) - 1, index_dtype(max(total, below.size, len(below.places)))
    largest = sum(int(run.counts.max(initial=0)) for run in runs)
    suffixes, counts = scratch.allocate(total, dtype), scratch.allocate(total, np.min_scalar_type(largest))
    lengths = np.zeros(types, dtype)  # n-grams that begin with each word
    merged = scratch.allocate(total, dtype) if mapped else NO_MAP
    offsets = Offsets()
    lock = threading.Lock()

    def merge_part(numbered: tuple[int, tuple[tuple[int, int], tuple[int, int]]]) -> int:
        """Merge a range of n-grams that is small enough for the caches."""
        number, (begin, end) = numbered
        word, last = begin[0], end[0] + bool(end[1])  # the first words are word … last − 1
        places = [slice(run.find(begin), run.find(end)) for run in runs]
        words = np.concatenate([run.first_words(place, word, last) for run, place in zip(runs, places, strict=True)])
        shorter, weights = np.empty(len(words), dtype), np.empty(len(words), counts.dtype)
        parts = list(accumulate((place.stop - place.start for place in places), initial=0))
        for run, place, part in zip(runs, places, map(slice, parts[:-1], parts[1:]), strict=True):
            np.add(run.suffixes[place], run.first, out=shorter[part])
            weights[part] = run.counts[place]
        found = sort_pairs(words, below.merged(shorter), (last - word, below.size))
        start = offsets.take(number, len(found.keys))
        placed = slice(start, start + len(found.keys))
        suffixes[placed] = found.columns
        counts[placed] = found.sums(weights)
        here = np.diff(found.indptr(last - word))
        with lock:  # two parts may share a word
            lengths[word:last] += here
        if mapped:
            groups = found.groups()
            for first, place, part in zip(firsts, places, map(slice, parts[:-1], parts[1:]), strict=True):
                np.add(groups[part], dtype(start), out=merged[first + place.start : first + place.stop])
        return len(words)

    for done in map_in_order(offsets.guard(merge_part), enumerate(merge_parts(runs)), workers):
        advance(done)
        scratch.release()
    # No file shows how many runs there were: types are those that the merged n-grams need.
    dtype = index_dtype(max(offsets.total, below.size))
    starts = np.zeros(types + 1, dtype)
    np.cumsum(lengths, out=starts[1:])
    suffixes = narrowed(suffixes[: offsets.total], dtype, scratch)
    counts = narrowed(counts[: offsets.total], compact_dtype(counts[: offsets.total]), scratch)
    return starts, suffixes, counts, Below(offsets.total, merged, firsts)


def narrowed(values: NDArray[Any], dtype: Any, scratch: Scratch) -> NDArray[Any]:
    """The values (n,) as numbers of a type that holds them all, in a new array of the scratch if they are of another."""
    if values.dtype == dtype:
        return values
    narrow = scratch.allocate(len(values), dtype)
    for first in range(0, len(values), MERGE_PART):
        narrow[first : first + MERGE_PART] = values[first : first + MERGE_PART]
        scratch.release()
    return narrow


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
        cuts |= {(word, largest.merged_suffix(place)) for place in inner} | {(word, 0), (word + 1, 0)}
    ordered = sorted(cuts | {(0, 0), (types, 0)})
    return list(pairwise(ordered))
