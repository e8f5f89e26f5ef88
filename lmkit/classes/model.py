"""Class models: p(w | h) = p(c(w) | c(h)) · p(w | c(w)), for any model of the sequences of classes (Brown et al. 1992).

Each word is in one class, so that a text of words is one of classes; a class model is the model of that, and a map of words. What is
made for n-grams is done to those within: see `lmkit.ngrams.within`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.members import Members
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.within import NumberedText
from lmkit.one_line import one_line
from lmkit.scoring.generating.mixtures import MOST_SENTENCES
from lmkit.scoring.protocol import OrderPredictor, Predictor, Scorer, TokenScores, most_sentences, predictor_of
from lmkit.scoring.traits import Traits
from lmkit.signature import with_parts
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import Vocabulary, predicted_in

if TYPE_CHECKING:
    from lmkit.classes.counting import Unplaced
    from lmkit.scoring.explaining.explanation import ExplainedWord


@one_line
@dataclass(frozen=True, eq=False)
class ClassModel:
    """A model of words, by their classes."""

    inner: Any  # the `Model` of classes
    members: Members

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.method}: {self.inner!r}"

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that have a class, or are one of their own."""
        return self.members.vocabulary

    @property
    def settings(self) -> TextSettings | None:
        """How text is read."""
        settings: TextSettings | None = self.inner.settings
        return settings

    @property
    def order(self) -> int | None:
        """The length of the longest n-grams of classes."""
        order: int | None = self.inner.order
        return order

    @property
    def closed(self) -> bool:
        """Whether <unk> is no event."""
        return bool(self.inner.closed)

    @property
    def method(self) -> str:
        """What made it."""
        return f"class-{self.inner.method}"

    @property
    def smoothing(self) -> str:
        """What made the model of classes."""
        return str(self.inner.method)

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on."""
        traits: Traits = self.inner.traits
        return traits

    @property
    def parameters(self) -> dict[str, Any]:
        """What was estimated of the model of classes."""
        found: dict[str, Any] = getattr(self.inner, "parameters", {})
        return found

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that made the figures (settings: see `NgramModel.signature`)."""
        return with_parts(
            self.inner.signature(settings),
            {name.replace("_", "-"): value for name, value in self.members.details.items()},
        )

    def scorer(self) -> "ClassScorer":
        """One for texts."""
        return ClassScorer(self)

    def predictor(self) -> Predictor:
        """One for sentences. DataError if the model of classes has none."""
        inner = predictor_of(self.inner)
        return (OrderClassPredictor if isinstance(inner, OrderPredictor) else ClassPredictor)(inner, self.members)

    def explain(self, sentence: str) -> "list[ExplainedWord]":
        """How the probability of each word of a sentence comes about: that of its class, and its share of that."""
        from lmkit.classes.explaining import explain_classes

        return explain_classes(self, sentence)

    @property
    def defaults(self) -> dict[str, Any]:
        """Classes are few, and all of them frequent: discounts of order 1 cannot be estimated from how many were seen once, twice, three times."""
        return {"discount_fallback": "generalised"}

    def with_inner(self, changed: Any) -> "ClassModel":
        """The class model, or class counts, with another model of classes, or counts."""
        return (ClassCounts if isinstance(changed, NgramCounts) else ClassModel)(changed, self.members)

    def numbered(self, texts: Texts) -> NumberedText:
        """Texts as the model of classes reads them."""
        return NumberedText(self.members.numbered(texts, self.settings or TextSettings()))


@one_line
@dataclass(frozen=True, eq=False)
class ClassCounts(ClassModel):
    """The counts of n-grams of classes, of which a smoothing makes a class model: also the maximum-likelihood one."""

    inner: NgramCounts
    unplaced: "Unplaced | None" = None  # what had no class, and what no text; None: that is not known any more

    @property
    def sentences(self) -> int:
        """The number of sentences."""
        return self.inner.sentences

    @property
    def tokens(self) -> int:
        """The number of running words."""
        return self.inner.tokens

    def ngrams(self) -> dict[int, int]:
        """The number of distinct n-grams of classes of each order."""
        return self.inner.ngrams()

    def up_to(self, order: int) -> "ClassCounts":
        """The counts of orders 1…order only. UsageError for an order that is not there."""
        return replace(self, inner=self.inner.up_to(order))


class ClassScorer:
    """A class model prepared for scoring a text."""

    def __init__(self, model: ClassModel) -> None:
        self._members = model.members
        self._scorer: Scorer = model.inner.scorer()

    @property
    def independent_blocks(self) -> bool:
        """Whether a block is scored the same whatever came before."""
        return self._scorer.independent_blocks

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences."""
        scores = self._scorer.score(self._members.classes.take(tokens))
        shares = self._members.log10_shares.take(tokens[predicted_in(tokens)])
        return replace(scores, log10_probs=scores.log10_probs + shares)


class ClassPredictor:
    """A class model prepared for predicting the next words: a state is that of the model of classes."""

    def __init__(self, inner: Predictor, members: Members) -> None:
        self._inner, self._members = inner, members
        self.batch = most_sentences(inner, MOST_SENTENCES)

    def start(self, ids: Sequence[int], sentences: int) -> Any:
        """The state of sentences that begin with these ids."""
        return self._inner.start(self._members.classes.take(np.array(ids, np.int64)).tolist(), sentences)

    def log10_probs(self, state: Any) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        return self._inner.log10_probs(state)[:, self._members.classes] + self._members.log10_shares

    def extend(self, state: Any, kept: NDArray[np.int64], words: NDArray[np.int64]) -> Any:
        """The state of the kept sentences after one more word each."""
        return self._inner.extend(state, kept, self._members.classes.take(words).astype(np.int64))


class OrderClassPredictor(ClassPredictor):
    """The same, where the probabilities of classes come from n-grams."""

    _inner: OrderPredictor

    def matched_orders(self, state: Any) -> NDArray[np.int16]:
        """(sentences, types) the lengths of the n-grams of classes that give `log10_probs`."""
        return self._inner.matched_orders(state)[:, self._members.classes]
