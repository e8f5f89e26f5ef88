"""How probable a text is to a network under training: sentence by sentence, as scoring has it."""

import math

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.lanes import Lanes
from lmkit.text.vocabulary import BOS, EOS

TOKENS = 4096  # of whole sentences that a thread scores at a time, at least


def sentence_parts(tokens: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Whole padded sentences in parts of some thousand tokens."""
    ends = np.flatnonzero(tokens == EOS) + 1
    wanted = np.searchsorted(ends, np.arange(TOKENS, len(tokens) + TOKENS, TOKENS)).clip(max=len(ends) - 1)
    cuts = np.unique(ends[wanted])[:-1] if len(ends) else ends
    return np.split(tokens, cuts) if len(tokens) else []


def cross_entropy(lanes: Lanes, parts: list[NDArray[np.int32]]) -> float:
    """The mean −ln p of the tokens of whole padded sentences."""
    sums = lanes.map(lambda network, part: float(network.log_probs(part).sum()), parts)
    return -math.fsum(sums) / sum(int(np.count_nonzero(part != BOS)) for part in parts)
