"""The counted chain of orders: what counting makes of runs, and what estimation starts from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import take
from lmkit.engine.memory import give_back_memory
from lmkit.engine.pieces import PIECE, in_pieces
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import Offsets
from lmkit.errors import DataError
from lmkit.ngrams.counting.runs import CompactCounts, Run
from lmkit.ngrams.trie.links import stored_links
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.text.vocabulary import EOS

MOST_ORDER = 1000  # work and memory grow with each order, though a text may have no n-gram of it
Link = Callable[[int, Callable[[], Order]], Order]


@dataclass(frozen=True, eq=False)
class Chain:
    """The orders 1…n of a text with the count of each n-gram and where its suffix stands."""

    orders: tuple[Order, ...]
    suffixes: Sequence[IndexArray]  # entry, one order down, of each n-gram without its first word (order 1: empty)
    counts: tuple[CompactCounts, ...]  # of each n-gram
    scratch: Scratch = field(default_factory=Scratch)  # where these arrays are, and what is made of them may be

    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        structure = sum(order.indptr.nbytes + order.indices.nbytes for order in self.orders)
        return structure + sum(array.nbytes for array in (*stored_links(self.suffixes), *self.counts))


def chain_of(
    run: Run,
    scratch: Scratch | None = None,
    workers: int | None = None,
    followed: Sequence[NDArray[np.bool_]] | None = None,
    link: Link | None = None,
) -> Chain:
    """The chain of a run that holds everything, made in `scratch`. workers: threads (default: the number of cores).

    followed: for each order but the highest, which n-grams are histories; None: all in whole padded sentences, which
    are all that occur but those that end with </s>. link: has the n-grams of this length linked to their histories, or knows what came of it.
    """
    scratch = scratch or Scratch()
    orders = [first_order(run.types)]
    give_back_memory()
    room = scratch.allocate(
        max(map(len, run.counts[:-1]), default=0), np.int64
    )  # for all orders: fresh memory takes time
    for k in range(1, len(run.counts)):
        make = partial(
            linked, run, k, orders[-1], None if followed is None else followed[k - 1], room, scratch, workers
        )
        orders.append(make() if link is None else link(k + 1, make))
    return Chain(tuple(orders), run.suffixes, run.counts, scratch)


def linked(
    run: Run,
    k: int,
    below: Order,
    histories: NDArray[np.bool_] | None,
    room: NDArray[np.int64],
    scratch: Scratch,
    workers: int | None,
) -> Order:
    """The order k + 1 of a run, of which the order below is linked. histories, room: see `chain_of`, `next_order`."""
    if histories is None:
        histories = below.indices != EOS
        if k == 1:
            histories &= run.counts[0] > 0
    return next_order(below, histories, run.starts[k], run.suffixes[k], room, scratch, workers)


def next_order(
    below: Order,
    followed: NDArray[np.bool_],
    starts: IndexArray,
    suffixes: IndexArray,
    room: NDArray[np.int64],
    scratch: Scratch,
    workers: int | None,
) -> Order:
    """The order above `below`, from the n-grams as first words and suffixes.

    followed: (entries below,) which of them are histories; starts: (types + 1,), suffixes: (n-grams,), see `Run`; room:
    (entries below or more,) overwritten. The last word of an n-gram is that of its suffix; its
    history ends where that changes, or the history of the suffix.
    """
    dtype = suffixes.dtype
    indices = scratch.allocate(len(suffixes), below.indices.dtype)
    # Of the n-grams one order down, history and last word in one number: both come with one look into memory.
    joined, bits = room, (len(starts) - 1).bit_length()
    indptr = scratch.allocate(len(below) + 1, dtype)  # first of the histories that are followed, at its beginning
    offsets = Offsets()

    def join_histories(piece: tuple[int, int]) -> None:
        first, last = piece
        histories, words = below.ngrams_between(first, last)
        np.left_shift(histories, bits, out=joined[first:last], dtype=np.int64)
        joined[first:last] |= words

    def fill_piece(piece: tuple[int, int]) -> None:
        first, last = piece
        # One more on the left, to see whether the history changes there.
        left = max(first - 1, 0)
        found = take(joined, suffixes[left:last])
        np.bitwise_and(found[first - left :], (1 << bits) - 1, out=indices[first:last], casting="unsafe")
        found >>= bits
        changes = np.empty(last - left, bool)
        changes[0] = first == 0
        np.not_equal(found[1:], found[:-1], out=changes[1:])
        words = starts[slice(*np.searchsorted(starts, np.array([first, last], dtype)).tolist())]
        changes[words - dtype.type(left)] = True
        rows = np.flatnonzero(changes[first - left :])
        place = offsets.take(first // PIECE, len(rows))
        if place + len(rows) <= len(indptr):  # else the suffixes are wrong, which is told below
            np.add(rows, first, out=indptr[place : place + len(rows)], casting="unsafe")

    in_pieces("numbering histories", join_histories, len(below), workers, scratch)
    in_pieces("linking n-grams to histories", offsets.guard(fill_piece), len(suffixes), workers, scratch)
    if offsets.total != np.count_nonzero(followed):
        raise DataError(
            "the n-grams of the counts do not fit those that they begin with.", "The file is damaged: make it again."
        )
    spread_rows(indptr, followed, offsets.total, len(suffixes), scratch)
    return Order(indptr, indices)


def spread_rows(indptr: IndexArray, followed: NDArray[np.bool_], number: int, end: int, scratch: Scratch) -> None:
    """Give every history the place where its n-grams begin, in place: those that are not followed that of the next one.

    indptr: (histories + 1,) begins with the places of those that are followed, of which there are `number`; end: the number of n-grams.
    """
    indptr[number] = end
    for first in reversed(range(0, len(followed), PIECE)):  # backwards, as places only move towards the end
        piece = followed[first : first + PIECE]
        ranks = np.cumsum(piece, dtype=indptr.dtype)
        before = number - int(ranks[-1])
        ranks -= piece
        indptr[first : first + len(piece)] = take(indptr[before : number + 1], ranks)
        number = before
        scratch.release()
    indptr[-1] = end


def run_of(chain: Chain) -> Run:
    """The chain as a run, to be merged with others. Nothing is copied."""
    starts: list[IndexArray] = [np.arange(len(chain.orders[0]) + 1, dtype=np.int32)]
    for order in chain.orders[1:]:
        starts.append(order.indptr.take(starts[-1]))
    return Run(tuple(starts), chain.suffixes, chain.counts)
