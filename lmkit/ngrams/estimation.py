"""Where estimation keeps its results: in memory, or on disk if they are too large for the memory that is given."""

from pathlib import Path

import numpy as np

from lmkit.ngrams.chain import Chain
from lmkit.ngrams.model import Precision, float_dtype
from lmkit.scratch import Scratch

BESIDE = 150 << 20  # bytes of the program itself, the vocabulary and pieces of arrays


def estimation_scratch(chain: Chain, precision: Precision, memory: int | None, tmp: str | Path | None) -> Scratch:
    """The scratch for a model of these counts. memory: bytes that the program is to hold at most; None: no limit."""
    if memory is None or estimation_bytes(chain, precision) <= memory:
        return chain.scratch
    return chain.scratch.on_disk(tmp, memory // 2)


def estimation_bytes(chain: Chain, precision: Precision) -> int:
    """About how much memory the estimation of a model needs, its counts included."""
    sizes = [len(order) for order in chain.orders]
    structure = sum(order.indices.nbytes + order.indptr.nbytes for order in chain.orders)
    counted = sum(array.nbytes for array in (*chain.suffixes, *chain.counts))
    stored = np.dtype(float_dtype(precision)).itemsize * (sum(sizes) + sum(sizes[:-1]))
    lower = 8 * sum(sizes[-3:-1]) + 4 * max(sizes)  # probabilities of two orders, adjusted counts of one
    return structure + counted + stored + lower + BESIDE
