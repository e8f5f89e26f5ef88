"""Windows of a text: what a network sees, what it is to say there, and where the sentence of each place begins.

The inputs of a text are its tokens without </s>; the target of each place is the next input, or </s> where that is <s>. So nothing is
wasted, and one array of ids is all there is to keep.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import UsageError
from lmkit.neural.layers.output import NO_TARGET
from lmkit.text.vocabulary import BOS, EOS, begin_with_bos


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows side by side."""

    inputs: NDArray[np.integer[Any]]  # (windows, time) ids
    targets: NDArray[np.integer[Any]]  # (windows, targets) of the last places; NO_TARGET where nothing is asked
    # (windows, time) the place in the window where the sentence of each place begins; None: every window is within one sentence.
    starts: NDArray[np.integer[Any]] | None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def counted(self) -> int:
        """How many targets there are."""
        return int(np.count_nonzero(self.targets != NO_TARGET))

    def part(self, first: int, last: int) -> "Batch":
        """Some of the windows, first <= window < last."""
        starts = None if self.starts is None else self.starts[first:last]
        return Batch(self.inputs[first:last], self.targets[first:last], starts)


def inputs_of(tokens: NDArray[np.int32]) -> NDArray[np.int32]:
    """The inputs of whole padded sentences. UsageError if these have no marks: a window would not tell where its sentences begin."""
    if not begin_with_bos(tokens):
        raise UsageError(
            "neural models need to see where sentences begin, and this text is read without <s> and </s>.",
            "Leave --no-sentence-marks out.",
        )
    inputs: NDArray[np.int32] = tokens[tokens != EOS]
    return inputs


def targets_of(inputs: NDArray[np.int32]) -> NDArray[np.int32]:
    """(inputs,) what follows each input of whole sentences: the next one, or </s> where that begins a sentence."""
    following = np.append(inputs[1:], np.int32(BOS))[: len(inputs)]
    return np.where(following == BOS, np.int32(EOS), following)


def windows_at(inputs: NDArray[np.int32], places: NDArray[np.integer[Any]], time: int, before: int = 0) -> Batch:
    """The windows of a text that begin at these places: `time` targets each, and as many more inputs before the first of them.

    inputs: those of the whole text, of which the first is <s>. places: a window may reach over both ends of the text; nothing is asked there.
    """
    at = places[:, None] + np.arange(-before, time + 1)
    inside = np.clip(at, 0, len(inputs) - 1)
    found = inputs[inside]
    found[at >= len(inputs)] = BOS  # after the last sentence
    seen, following = found[:, :-1], found[:, before + 1 :]
    targets = np.where(following == BOS, EOS, following)
    after = at[:, before + 1 :]
    targets[(after < 1) | (after > len(inputs))] = NO_TARGET
    starts = np.maximum.accumulate(np.where(seen == BOS, np.arange(before + time), 0), axis=1)
    return Batch(seen, targets, starts)
