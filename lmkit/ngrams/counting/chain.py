"""The counted chain of orders: what counting makes of runs, and what estimation starts from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.memory import give_back_memory
from lmkit.engine.pieces import PIECE, in_pieces
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import Offsets
from lmkit.ngrams.counting.runs import CompactCounts, Run
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.text.vocabulary import EOS


@dataclass(frozen=True, eq=False)
class Chain:
    """The orders 1…n of a text with the count of each n-gram and where its suffix stands."""

    orders: tuple[Order, ...]
    suffixes: tuple[IndexArray, ...]  # entry, one order down, of each n-gram without its first word (order 1: empty)
    counts: tuple[CompactCounts, ...]  # of each n-gram
    scratch: Scratch = field(default_factory=Scratch)  # where these arrays are, and what is made of them may be

    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        structure = sum(order.indptr.nbytes + order.indices.nbytes for order in self.orders)
        return structure + sum(array.nbytes for array in (*self.suffixes, *self.counts))


def chain_of(
    run: Run,
    scratch: Scratch | None = None,
    workers: int | None = None,
    followed: Sequence[NDArray[np.bool_]] | None = None,
) -> Chain:
    """The chain of a run that holds everything, made in `scratch`. workers: threads (default: the number of cores).

    followed: for each order but the highest, which n-grams are histories; None: all in whole padded sentences, which
    are all that occur but those that end with </s>.
    """
    scratch = scratch or Scratch()
    orders = [first_order(run.types)]
    give_back_memory()
    for k in range(1, len(run.counts)):
        if followed is not None:
            histories = followed[k - 1]
        else:
            histories = orders[-1].indices != EOS
            if k == 1:
                histories &= run.counts[0] > 0
        orders.append(next_order(orders[-1], histories, run.starts[k], run.suffixes[k], scratch, workers))
    return Chain(tuple(orders), run.suffixes, run.counts, scratch)


def next_order(
    below: Order,
    followed: NDArray[np.bool_],
    starts: IndexArray,
    suffixes: IndexArray,
    scratch: Scratch | None = None,
    workers: int | None = None,
) -> Order:
    """The order above `below`, from the n-grams as first words and suffixes.

    followed: (entries below,) which of them are histories; starts: (types + 1,), suffixes: (n-grams,), see `Run`. The last word of an n-gram is that of its suffix; its
    history ends where that changes, or the history of the suffix.
    """
    scratch = scratch or Scratch()
    dtype = suffixes.dtype
    indices = scratch.allocate(len(suffixes), below.indices.dtype)
    histories = scratch.allocate(len(below), below.indptr.dtype)  # of the n-grams one order down
    row_starts = scratch.allocate(int(np.count_nonzero(followed)) + 1, dtype)  # of the histories that are followed
    offsets = Offsets()

    def number_histories(piece: tuple[int, int]) -> None:
        first, last = piece
        low, high = below.rows_of(first, last)
        bounds = np.clip(below.indptr[low : high + 1], first, last)
        np.add(row_numbers(bounds), low, out=histories[first:last], casting="unsafe")

    def fill_piece(piece: tuple[int, int]) -> None:
        first, last = piece
        indices[first:last] = below.indices.take(suffixes[first:last])
        # One more on the left, to see whether the history changes there.
        left = max(first - 1, 0)
        rows = histories.take(suffixes[left:last])
        changes = np.empty(last - left, bool)
        changes[0] = first == 0
        np.not_equal(rows[1:], rows[:-1], out=changes[1:])
        words = starts[slice(*np.searchsorted(starts, np.array([first, last], dtype)).tolist())]
        changes[words - dtype.type(left)] = True
        found = np.flatnonzero(changes[first - left :])
        place = offsets.take(first // PIECE, len(found))
        row_starts[place : place + len(found)] = found + first

    in_pieces("numbering histories", number_histories, len(below), workers, scratch)
    in_pieces("linking n-grams to histories", offsets.guard(fill_piece), len(suffixes), workers, scratch)
    row_starts[-1] = len(suffixes)
    indptr = scratch.allocate(len(below) + 1, dtype)
    before = 0  # followed entries before the piece
    for first in range(0, len(below), PIECE):
        piece = followed[first : first + PIECE]
        ranks = np.cumsum(piece)
        indptr[first : first + len(piece)] = row_starts.take(before + ranks - piece)
        before += int(ranks[-1])
        scratch.release()
    indptr[-1] = len(suffixes)
    return Order(indptr, indices)


def run_of(chain: Chain) -> Run:
    """The chain as a run, to be merged with others. Nothing is copied."""
    starts: list[IndexArray] = [np.arange(len(chain.orders[0]) + 1, dtype=np.int32)]
    for order in chain.orders[1:]:
        starts.append(order.indptr.take(starts[-1]))
    return Run(tuple(starts), chain.suffixes, chain.counts)
