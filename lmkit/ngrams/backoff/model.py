"""A backoff model: the one type behind every smoothing and every ARPA file.

p(w | h) is the probability stored for hw if there is one, else backoff(h) · p(w | h without its first word);
the backoff of a history that is not stored is 1 (but see `Traits`). Models that look at full histories only
are no exception once they are seen as models that back off: see `full_histories`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray
from lmkit.engine.scratch import Scratch
from lmkit.errors import UsageError
from lmkit.ngrams.trie.orders import Order
from lmkit.scoring.protocol import Predictor, Scorer
from lmkit.scoring.traits import Traits
from lmkit.signature import signature, smoothing_of
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import Vocabulary

Precision = Literal["single", "double"]


@dataclass(frozen=True, eq=False)
class NgramModel:
    """Probabilities and backoffs on the chain of orders 1…n."""

    vocabulary: Vocabulary
    settings: TextSettings | None  # how the training text was read; None for a model of another tool
    details: dict[str, Any]  # what made the figures: smoothing, its parameters, cutoff, …; JSON values only
    orders: tuple[Order, ...]
    log10_probs: tuple[FloatArray, ...]  # (n-grams,) of each order; -inf where the probability is 0
    log10_backoffs: tuple[FloatArray, ...]  # (n-grams,) of each order but the highest
    traits: Traits  # what algorithms may rely on
    closed: bool  # whether <unk> is no event, so that unknown words have no probability
    parameters: dict[str, Any] = field(default_factory=dict)  # estimated figures, such as discounts; JSON values only
    counts: tuple[CountArray, ...] | None = None  # (n-grams,) of each order, what it was estimated from, where kept
    scratch: Scratch = field(default_factory=Scratch)  # where the arrays are

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.orders)

    @property
    def smoothing(self) -> str:
        """The name of what made the figures, for messages and explanations; what may be relied on are the traits."""
        return smoothing_of(self.details)

    @property
    def method(self) -> str:
        """The same, as all families have it."""
        return self.smoothing

    @property
    def precision(self) -> Precision:
        """That of the stored values."""
        return precision_of(self.log10_probs[0].dtype)

    @property
    def events(self) -> int:
        """The number of words that can be predicted: word types, </s>, and <unk> unless the vocabulary is closed."""
        return len(self.vocabulary) - 1 - int(self.closed)

    def ngrams(self) -> dict[int, int]:
        """The number of n-grams of each order (order 1: the vocabulary with its three marks)."""
        return {k: len(order) for k, order in enumerate(self.orders, start=1)}

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that made the figures, as key:value pairs.

        settings: how the scored text was read, where that is not as the training text was.
        """
        used = settings or self.settings
        return signature({"order": self.order} | self.details | ({} if used is None else used.for_signature()))

    @cached_property
    def backing_off(self) -> "NgramModel":
        """The same as a model that backs off, where it looks at full histories only; made once, for all that scores and samples."""
        from lmkit.ngrams.backoff.full_histories import made_backing_off

        return made_backing_off(self)

    def scorer(self) -> Scorer:
        """One for texts."""
        from lmkit.ngrams.backoff.scorer import BackoffScorer

        return BackoffScorer(self)

    def predictor(self) -> Predictor:
        """One for sentences."""
        from lmkit.ngrams.generating.predictor import BackoffPredictor

        return BackoffPredictor(self)


def log10(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """log10 of probabilities; -inf for 0."""
    with np.errstate(divide="ignore"):
        return np.log10(values)


def float_dtype(precision: Precision) -> type[np.floating[Any]]:
    """float32 for single, float64 for double precision."""
    if precision not in ("single", "double"):
        raise UsageError(f"the precision is {precision!r}; it must be single or double.")
    return np.float32 if precision == "single" else np.float64


def precision_of(dtype: np.dtype[Any] | type[np.floating[Any]]) -> Precision:
    """The precision of values of this type."""
    return "double" if dtype == np.float64 else "single"
