"""A backoff model: the one type behind every smoothing and every ARPA file.

p(w | h) is the probability stored for hw if there is one, else backoff(h) · p(w | h without its first word);
the backoff of a history that is not stored is 1 (but see `Traits`). Models that look at full histories only
are no exception once they are seen as models that back off: see `full_histories`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from lmkit.engine.arrays import FloatArray
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.protocol import Counts, Precision, Values
from lmkit.ngrams.values.stored import StoredValues
from lmkit.one_line import one_line
from lmkit.scoring.protocol import HistoryFinder, Predictor, Scorer
from lmkit.scoring.traits import Traits
from lmkit.signature import signature, smoothing_of
from lmkit.text.settings import TextSettings, has_marks
from lmkit.text.vocabulary import Vocabulary, events_mask


@one_line
@dataclass(frozen=True, eq=False)
class NgramModel:
    """Probabilities and backoffs on the chain of orders 1…n, as such or as the counts that they follow from."""

    vocabulary: Vocabulary
    settings: TextSettings | None  # how the training text was read; None for a model of another tool
    details: dict[str, Any]  # what made the figures: smoothing, its parameters, cutoff, …; JSON values only
    orders: tuple[Order, ...]
    values: Values  # what is known of each n-gram
    traits: Traits  # what algorithms may rely on
    closed: bool  # whether <unk> is no event, so that unknown words have no probability
    parameters: dict[str, Any] = field(default_factory=dict)  # estimated figures, such as discounts; JSON values only
    scratch: Scratch = field(default_factory=Scratch)  # where the arrays are

    def in_brief(self) -> str:
        """What it is, in a line."""
        ngrams = " ".join(f"{number:,}" for number in self.ngrams().values())
        return f"order {self.order}: {self.method}, n-grams {ngrams}"

    def _repr_html_(self) -> str:
        """The number of n-grams of each order, as notebooks show it."""
        from lmkit.engine.frames.html import html_table

        ngrams = self.ngrams()
        return html_table(repr(self), {"order": list(ngrams), "n-grams": list(ngrams.values())}, len(ngrams))

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
    def log10_probs(self) -> tuple[FloatArray, ...]:
        """(n-grams,) of each order; -inf where the probability is 0. Of counts, they are worked out when first asked for."""
        return self.values.log10_probs

    @property
    def log10_backoffs(self) -> tuple[FloatArray, ...]:
        """(n-grams,) of each order but the highest."""
        return self.values.log10_backoffs

    @property
    def counts(self) -> Sequence[Counts] | None:
        """Of each order, what it was estimated from, where that is kept."""
        return self.values.counts

    @property
    def precision(self) -> Precision:
        """That of log10 probabilities and backoffs."""
        return self.values.precision

    @property
    def events(self) -> int:
        """The number of words that can be predicted: word types, </s> if sentences have marks, and <unk> unless the vocabulary is closed."""
        return int(events_mask(len(self.vocabulary), closed=self.closed, marks=has_marks(self.settings)).sum())

    def ngrams(self) -> dict[int, int]:
        """The number of n-grams of each order (order 1: the vocabulary with its three marks)."""
        return {k: len(order) for k, order in enumerate(self.orders, start=1)}

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that made the figures, as key:value pairs.

        settings: how the scored text was read, where that is not as the training text was.
        """
        used = settings or self.settings
        return signature({"order": self.order} | self.details | ({} if used is None else used.for_signature()))

    def with_values(
        self,
        log10_probs: Sequence[FloatArray] | None = None,
        log10_backoffs: Sequence[FloatArray] | None = None,
        **changes: Any,
    ) -> "NgramModel":
        """The model with other probabilities and backoffs than its own; it keeps no counts. changes: of other fields."""
        probs = self.log10_probs if log10_probs is None else log10_probs
        backoffs = self.log10_backoffs if log10_backoffs is None else log10_backoffs
        return replace(self, values=StoredValues(tuple(probs), tuple(backoffs)), **changes)

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

    def history_finder(self, *, counts: bool) -> HistoryFinder:
        """One for the histories that it knows. DataError if it is asked how often they were seen, and no counts were kept."""
        from lmkit.ngrams.generating.known_histories import ModelHistories

        return ModelHistories(self, counts=counts)
