"""The next token of models that look at the last n−1 ones: a state is these."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.errors import UsageError
from lmkit.neural.architectures.network import HistoryNetwork
from lmkit.scoring.protocol import LN_10
from lmkit.text.vocabulary import BOS


@dataclass(frozen=True, eq=False)
class HistoryState:
    """Where sentences of the same length are."""

    histories: NDArray[np.int64]  # (sentences, n−1) the last tokens of each; <s> before its first


class HistoryPredictor:
    """A network that looks at the last tokens alone, prepared for predicting the next ones of many sentences at once."""

    def __init__(self, network: HistoryNetwork) -> None:
        self._network = network

    def start(self, ids: Sequence[int], sentences: int) -> HistoryState:
        """The state of so many sentences that begin with these ids. UsageError for fewer than it looks at, unless <s> begins them."""
        length = self._network.history
        if len(ids) < length and (not ids or ids[0] != BOS):
            raise UsageError(
                f"the model looks at the last {length} tokens, and there are {len(ids)}, which begin no sentence.",
                "Give more of them, let them begin the sentence, or take an n-gram model.",
            )
        last = [*[BOS] * length, *ids][-length:]
        return HistoryState(np.tile(np.array(last, np.int64), (sentences, 1)))

    def logits(self, state: HistoryState) -> FloatArray:
        """(sentences, types) z of the next word; -inf of <s> (see `LogitPredictor`)."""
        with one_blas_thread():
            found = self._network.logits(state.histories)
        found[:, BOS] = -np.inf
        return found

    def seen(self, state: HistoryState) -> NDArray[np.int64]:
        """(sentences, n−1) what it looks at."""
        return state.histories

    def log10_probs(self, state: HistoryState) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        with one_blas_thread():
            found = self._network.log_distribution(state.histories)
        found /= LN_10
        return found

    def extend(self, state: HistoryState, kept: NDArray[np.int64], words: NDArray[np.int64]) -> HistoryState:
        """The state of the kept sentences after one more word each."""
        return HistoryState(np.column_stack((state.histories[kept, 1:], words)))
