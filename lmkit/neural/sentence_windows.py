"""Windows for scoring: each within one sentence, short and long ones apart, so that little is worked out in vain."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.layers.output import NO_TARGET
from lmkit.neural.windows import Batch, inputs_of, windows_at
from lmkit.text.vocabulary import BOS

ROWS = 512  # places of windows side by side, at most: they stay in the cache


def sentence_windows(
    tokens: NDArray[np.int32], context: int
) -> Iterator[tuple[Batch, NDArray[np.int64], NDArray[np.int64]]]:
    """Batches of windows of whole padded sentences; which of their places, as rows, are to be scored; and whose inputs these are.

    Every input is scored once. The first window of a sentence gives all its scores; the k-th after it begins k · context / 2 later and
    gives its second half.
    """
    inputs = inputs_of(tokens)
    begins, lengths, news = window_places(inputs, context)
    order = np.argsort(lengths, kind="stable")
    at = 0
    while at < len(order):
        longest = int(lengths[order[at]])
        size = max(ROWS // longest, 1)
        while at + size > len(order) or (size > 1 and size * int(lengths[order[at + size - 1]]) > ROWS):
            size -= 1
        chosen = order[at : at + size]
        at += size
        time = int(lengths[chosen[-1]])
        batch = windows_at(inputs, begins[chosen], time)
        within = np.arange(time)
        asked = (within >= news[chosen][:, None]) & (within < lengths[chosen][:, None])
        kept = np.flatnonzero(asked)
        places = (begins[chosen][:, None] + within).reshape(-1)[kept]
        yield Batch(batch.inputs, np.where(asked, batch.targets, NO_TARGET), None), kept, places


def window_places(
    inputs: NDArray[np.int32], context: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(windows,) where each window begins, its length, and the place in it of the first input that it scores."""
    starts = np.flatnonzero(inputs == BOS)
    sizes = np.diff(starts, append=len(inputs))
    half = half_of(context)
    counts = 1 + later_windows(sizes, context)  # of each sentence
    sentence = np.repeat(np.arange(len(starts)), counts)
    number = np.arange(len(sentence)) - np.repeat(np.cumsum(counts) - counts, counts)
    offsets = number * half
    lengths = np.minimum(sizes[sentence] - offsets, context)
    return starts[sentence] + offsets, lengths, np.where(number > 0, context - half, 0)


def half_of(context: int) -> int:
    """How much later each window of a sentence begins."""
    return max(context // 2, 1)


def later_windows(sizes: NDArray[np.int64], context: int) -> NDArray[np.int64]:
    """How many windows sentences of these sizes have after their first."""
    step: Any = half_of(context)
    found: NDArray[np.int64] = np.maximum(-(-(sizes - context) // step), 0)
    return found


def last_window(size: int, context: int) -> int:
    """Where the last window of a sentence of this size begins: the one that its last place is scored in."""
    return int(later_windows(np.array([size]), context)[0]) * half_of(context)
