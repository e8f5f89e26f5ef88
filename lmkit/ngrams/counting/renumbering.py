"""New ids for the words of counted n-grams, in pieces: for cutoffs, and before counts of different texts are added up."""

from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray, index_dtype
from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.journal.pieces import Pieces
from lmkit.engine.journal.steps import Made, Steps
from lmkit.engine.kernels import row_numbers
from lmkit.engine.pieces import PIECE
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import sort_pairs
from lmkit.engine.threads import Offsets, map_in_order
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.chain import Chain, chain_of, run_of
from lmkit.ngrams.counting.kept_orders import kept_linking, name_of, names_of
from lmkit.ngrams.counting.run_merging import MERGE_PART
from lmkit.ngrams.counting.runs import Run, compact
from lmkit.ngrams.trie.orders import Order
from lmkit.text.vocabulary import EOS

NO_PLACES = np.zeros(0, np.int32)
Followed = list[NDArray[np.bool_]]  # for each order but the highest, which n-grams are histories


def renumber_words(
    chain: Chain, new_ids: IndexArray, types: int, scratch: Scratch | None = None, workers: int | None = None
) -> Chain:
    """The chain after word w became new_ids[w] (-1: n-grams with w are dropped), in its new order.

    Words given the same id are added up: this is how a cutoff makes rare words <unk>. new_ids: (old types,).
    scratch: where the result goes (default: where the chain is). workers: threads (default: the number of cores).
    """
    scratch, pieces = scratch or chain.scratch, part_of_job("renumbering")
    run, followed = renumbered(chain, new_ids, types, scratch, workers, pieces)
    return chain_of(run, scratch, workers, followed, kept_linking(pieces, len(run.counts), scratch))


def renumbered_run(chain: Chain, new_ids: IndexArray, types: int, scratch: Scratch, workers: int | None) -> Run:
    """The same as a run, to be merged with others."""
    return renumbered(chain, new_ids, types, scratch, workers, part_of_job("renumbering"))[0]


def renumbered(
    chain: Chain, new_ids: IndexArray, types: int, scratch: Scratch, workers: int | None, pieces: Pieces | None
) -> tuple[Run, Followed | None]:
    """The same, and which n-grams are histories; None: all that `chain_of` takes for such. pieces: where finished orders are kept."""
    run = run_of(chain)
    dtype = index_dtype(run.tokens)
    kept = np.flatnonzero(new_ids >= 0)
    unigrams = np.zeros(types, dtype)
    np.add.at(unigrams, new_ids[kept], run.counts[0][kept].astype(dtype))
    olds = OldWords(new_ids, types)
    starts, suffixes, counts = [np.arange(types + 1, dtype=np.int32)], [NO_SUFFIXES], [compact(unigrams)]
    # Where words are dropped, histories that are still there may have lost all that followed them.
    followed: Followed | None = [] if len(kept) < len(new_ids) or not all_followed(chain) else None
    steps = Steps(pieces, names_of("renumbered", len(run.counts)), scratch)
    places, size = new_ids, types  # new place of each old n-gram of the order below; -1: dropped
    for k in range(1, len(run.counts)):
        order = None if followed is None else chain.orders[k]
        take = partial(renumbering_step, run, k, olds, places, size, order, scratch, workers)
        made, handed_on = steps.step(name_of("renumbered", k + 1), take)
        places, size = handed_on.get("places", NO_PLACES), len(made["suffixes"])
        if followed is not None:
            followed.append(made["followed"].view(bool))
        starts.append(made["starts"])
        suffixes.append(made["suffixes"])
        counts.append(made["counts"])
    return Run(tuple(starts), tuple(suffixes), tuple(counts)), followed


def renumbering_step(
    run: Run,
    k: int,
    olds: "OldWords",
    below: IndexArray,
    size: int,
    order: Order | None,
    scratch: Scratch,
    workers: int | None,
) -> Made:
    """See `renumber_order`. order: the old order, if it is to be told which n-grams below are still histories."""
    starts, suffixes, counts, places = renumber_order(run, k, olds, below, size, scratch, workers)
    followed = {} if order is None else {"followed": still_followed(order, below, places, size).view(np.uint8)}
    return {"starts": starts, "suffixes": suffixes, "counts": counts, **followed}, {"places": places}


class OldWords:
    """The old words behind each new one."""

    def __init__(self, new_ids: IndexArray, types: int) -> None:
        kept = np.flatnonzero(new_ids >= 0)
        self._order = kept[np.argsort(new_ids[kept], kind="stable")]
        self._bounds = np.searchsorted(new_ids[self._order], np.arange(types + 1))
        self._new_ids = new_ids

    def of(self, first: int, last: int) -> tuple[NDArray[np.int64], IndexArray]:
        """The old words behind the new words first … last − 1, and the new word of each."""
        old = self._order[self._bounds[first] : self._bounds[last]]
        return old, self._new_ids[old]

    def lengths(self, starts: IndexArray) -> NDArray[np.int64]:
        """(new words,) how many n-grams begin with each."""
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.diff(starts)[self._order], dtype=np.int64)))
        return np.diff(before[self._bounds])


def renumber_order(
    run: Run, k: int, olds: OldWords, below: IndexArray, size: int, scratch: Scratch, workers: int | None
) -> tuple[IndexArray, IndexArray, NDArray[np.unsignedinteger], IndexArray]:
    """The starts, suffixes and counts of an order under new ids, and the new place (old n-grams,) of each; -1: dropped.

    below: the new places of the order below, size: how many there are.
    """
    old_starts, old_suffixes, old_counts = run.starts[k], run.suffixes[k], run.counts[k]
    dtype, count_dtype = index_dtype(max(len(old_suffixes), size)), index_dtype(run.tokens)
    lengths = olds.lengths(old_starts)
    ends = np.cumsum(lengths)
    total = int(ends[-1])
    suffixes, sums = scratch.allocate(total, dtype), scratch.allocate(total, count_dtype)
    places = scratch.allocate(len(old_suffixes), dtype)
    places.fill(-1)
    scratch.release()
    found_lengths = np.zeros(len(lengths), dtype)
    offsets = Offsets()

    def renumber_part(numbered: tuple[int, tuple[int, int]]) -> None:
        number, (first, last) = numbered
        old_words, new_words = olds.of(first, last)
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(old_starts[old_words + 1] - old_starts[old_words])))
        words = row_numbers(bounds)  # place among the old words
        entries = np.arange(int(bounds[-1])) + (old_starts[old_words] - bounds[:-1]).take(words)
        shorter = below.take(old_suffixes.take(entries))
        kept = np.flatnonzero(shorter >= 0)
        entries, rows = entries.take(kept), (new_words - first).take(words.take(kept))
        found = sort_pairs(rows, shorter.take(kept), (last - first, size))
        start = offsets.take(number, len(found.keys))
        placed = slice(start, start + len(found.keys))
        suffixes[placed] = found.columns
        sums[placed] = found.sums(old_counts.take(entries).astype(count_dtype))
        found_lengths[first:last] = np.diff(found.indptr(last - first))
        places[entries] = found.groups() + dtype(start)

    cuts = np.unique([0, *np.searchsorted(ends, np.arange(MERGE_PART, total, MERGE_PART)), len(lengths)]).tolist()
    for _ in map_in_order(offsets.guard(renumber_part), enumerate(pairwise(cuts)), workers):
        scratch.release()
    starts = np.zeros(len(lengths) + 1, dtype)
    np.cumsum(found_lengths, out=starts[1:])
    return starts, suffixes[: offsets.total], compact(sums[: offsets.total]), places


def all_followed(chain: Chain) -> bool:
    """Whether all n-grams below the highest order that occur are followed by a word, unless a sentence ends with them."""
    for below, counts, order in zip(chain.orders, chain.counts, chain.orders[1:], strict=False):
        alone = np.flatnonzero(order.indptr[1:] == order.indptr[:-1])
        if not ((below.indices.take(alone) == EOS) | (counts.take(alone) == 0)).all():
            return False
    return True


def still_followed(order: Order, below: IndexArray, places: IndexArray, size: int) -> NDArray[np.bool_]:
    """(new n-grams below,) which of them are the history of an n-gram that was kept.

    order: the old order, places: the new place of its n-grams; below: the new places of the order below, size: how many.
    """
    followed = np.zeros(size, bool)
    for first in range(0, len(order), PIECE):
        last = min(first + PIECE, len(order))
        low, high = order.rows_of(first, last)
        rows = row_numbers(np.clip(order.indptr[low : high + 1], first, last)) + low
        followed[below.take(rows.take(np.flatnonzero(places[first:last] >= 0)))] = True
    return followed
