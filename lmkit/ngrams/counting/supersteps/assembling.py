"""The ranges one after the other as one chain."""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import index_dtype
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import unpacked
from lmkit.engine.runners.protocol import Sent
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.runs import CompactCounts, compact
from lmkit.ngrams.counting.supersteps.merging import SIZES, merged_kind
from lmkit.ngrams.counting.supersteps.slices import arrays_of_order, rows_between
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.trie.suffixes import all_suffixes_of

ENTRY_BYTES = 16  # of an n-gram in memory: its place, its word, its suffix, its count


def assembled(sent: Sent, order: int, words: NDArray[np.int64], cuts: NDArray[np.int64], resources: Resources) -> Chain:
    """The chain of merged ranges, in memory, or on disk beyond half of it. words: (types,) how often each occurs."""
    sizes = np.zeros((len(cuts) - 1, order - 1, 2), np.int64)
    for message in sent.to_driver(SIZES):
        sizes[message.source] = unpacked(message)[SIZES]
    totals = sizes[:, :, 0].sum(axis=0).tolist()
    scratch = resources.on_disk() if 2 * ENTRY_BYTES * sum(totals) > resources.memory_limit else Scratch()
    orders, counts = [first_order(len(words))], [compact(words)]
    for k, total in enumerate(totals, start=2):
        stage(f"putting {total:,} {k}-grams together")
        merged = order_of(sent, k, total, int(sizes[:, k - 2, 1].max(initial=0)), orders[-1], cuts, scratch)
        orders.append(merged[0])
        counts.append(merged[1])
    suffixes = all_suffixes_of(orders, scratch, resources.workers)
    same_type = [
        found.astype(order.indptr.dtype, copy=False) for order, found in zip(orders[1:], suffixes[1:], strict=True)
    ]
    return Chain(tuple(orders), (suffixes[0], *same_type), tuple(counts), scratch)


def order_of(
    sent: Sent, k: int, total: int, largest: int, below: Order, cuts: NDArray[np.int64], scratch: Scratch
) -> tuple[Order, CompactCounts]:
    """An order of all ranges, and its counts. total: n-grams; largest: count."""
    indptr = scratch.allocate(len(below) + 1, index_dtype(max(total, len(below))))
    indptr.fill(0)
    indices = scratch.allocate(total, below.indices.dtype)
    counts = scratch.allocate(total, np.min_scalar_type(largest))
    end = last_row = 0
    for message in sent.to_driver(merged_kind(k)):
        lengths, words, own = arrays_of_order(unpacked(message), k)
        start, end = end, end + len(words)
        # Of order 2, the rows are first words, which two ranges may share; else those of the n-grams of the range.
        row = rows_between(*cuts[message.source : message.source + 2])[0] if k == 2 else last_row
        last_row = row + len(lengths)
        indptr[row + 1 : last_row + 1] += lengths.astype(indptr.dtype)
        indices[start:end], counts[start:end] = words, own
        scratch.release()
    np.cumsum(indptr, out=indptr)
    return Order(indptr, indices), counts
