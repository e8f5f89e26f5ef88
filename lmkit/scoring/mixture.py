"""Linear mixtures of models: p(w|h) = Σ λ_i p_i(w|h).

The vocabulary is the union of those of the models. A model that does not know a word of it gives it an equal share of its p(<unk>), with
<unk> itself: p_i(<unk>) / (1 + the number of such words), so that each distribution, and with them the mixture, still
sums to 1.

A mixture of mixtures is the mixture of all their models, whose weights are products: so it does not matter how it came about, and no
share of <unk> is shared out twice. Only one whose weights depend on the history stays what it is, one model of the mixture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.one_line import one_line
from lmkit.scoring.bucketing.buckets import ONE_BUCKET, Buckets, BucketWeights, Numbers, buckets_of, check_names
from lmkit.scoring.protocol import Model, Named, Predictor, Scorer, TokenScores, block_scores
from lmkit.scoring.traits import Traits, joint_traits
from lmkit.scoring.word_maps import WordMap, union
from lmkit.signature import openness, signature
from lmkit.text.ids.encoding import EncodedBlock
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import Vocabulary, predicted_in

if TYPE_CHECKING:
    from lmkit.scoring.explaining.explanation import ExplainedWord

MISSING = 1e-6  # by which weights may miss 1 together, as they are typed
ROUNDED = 1e-12  # and as they are rounded


@one_line
@dataclass(frozen=True, eq=False)
class Mixture:
    """Several models and their weights; scored word by word, without being built."""

    models: tuple[Model, ...]
    weights: tuple[float, ...]  # above 0, and 1 together
    by: BucketWeights | None = field(default=None, kw_only=True)  # other weights, after the histories in some buckets

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all models: those of the first, then what others add."""
        return union(self.models)

    @property
    def settings(self) -> TextSettings | None:
        """How text is read: as the first model that knows says."""
        return next((model.settings for model in self.models if model.settings is not None), None)

    @property
    def order(self) -> int | None:
        """The length of the longest n-grams; None if some model has none."""
        orders = [model.order for model in self.models if model.order is not None]
        return max(orders) if len(orders) == len(self.models) else None

    @property
    def closed(self) -> bool:
        """Whether <unk> is an event of no model."""
        return all(model.closed for model in self.models)

    @property
    def method(self) -> str:
        """What made it."""
        return "mixture"

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on."""
        return joint_traits([model.traits for model in self.models])

    @property
    def details(self) -> dict[str, Any]:
        """What made the figures."""
        return mixture_details(self.models, self.weights, self.by)

    @cached_property
    def word_maps(self) -> tuple[WordMap, ...]:
        """The words of the mixture in the eyes of each model."""
        return tuple(WordMap.of(self.vocabulary, model) for model in self.models)

    @cached_property
    def buckets(self) -> Buckets:
        """What tells which weights are those of a history."""
        return ONE_BUCKET if self.by is None else buckets_of(self.by.kind, self.models, self.word_maps)

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        """(models, buckets) all weights."""
        own = {} if self.by is None else self.by.weights
        return np.array([own.get(name, self.weights) for name in self.buckets.names]).T

    def weights_in(self, buckets: Numbers) -> NDArray[np.float64]:
        """(models, histories) the weights after histories in these buckets (histories,)."""
        return self._weights.take(buckets, axis=1)

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that made the figures (settings: see `NgramModel.signature`)."""
        used = settings or self.settings
        order = {} if self.order is None else {"order": self.order}
        return signature(order | self.details | ({} if used is None else used.for_signature()))

    def scorer(self) -> "MixtureScorer":
        """One for a text."""
        return MixtureScorer(self)

    def predictor(self) -> Predictor:
        """One for sentences. DataError if a model has none."""
        from lmkit.scoring.generating.mixtures import MixturePredictor

        return MixturePredictor(self)

    def explain(self, sentence: str) -> "list[ExplainedWord]":
        """How the probability of each word of a sentence comes about."""
        from lmkit.scoring.explaining.mixtures import explain_mixture

        return explain_mixture(self, sentence)


def mixture(
    models: Sequence[Model], weights: Sequence[float] | None = None, *, by: BucketWeights | None = None
) -> Mixture:
    """The mixture of two or more models, with equal weights if none are given; of mixtures among them, that of their models.

    by: weights that stand in place of these after the histories in some buckets.
    UsageError for weights that are not one for each model, not above 0, or do not sum to 1, and for buckets that there are not; DataError for models
    whose words were made differently, for open models beside closed ones, for what is no distribution, and for buckets that no model tells.
    """
    parts = [parts_of(model) for model in models]
    if sum(map(len, parts)) < 2:
        raise UsageError("a mixture has two models or more.")

    def of_all(given: Sequence[float] | None, bucket: str | None = None) -> tuple[float, ...]:
        whole = zip(checked_weights(len(models), given, bucket), parts, strict=True)
        return tuple(weight * share for weight, part in whole for share, _ in part)

    flat = tuple(model for part in parts for _, model in part)
    own = None if by is None else replace(by, weights={name: of_all(row, name) for name, row in by.weights.items()})
    found = Mixture(flat, of_all(weights), by=own)
    check_mixable(flat)
    if own is not None:
        check_names(own, found.buckets.names)
    return found


def parts_of(model: Model) -> list[tuple[float, Model]]:
    """The models of a plain mixture with their weights; any other model alone."""
    if not isinstance(model, Mixture) or model.by is not None:
        return [(1.0, model)]
    return list(zip(model.weights, model.models, strict=True))


def checked_weights(number: int, weights: Sequence[float] | None, bucket: str | None = None) -> list[float]:
    """A weight for each of so many models, which sum to 1: equal ones if none are given. UsageError for those that are none (bucket: whose they are)."""
    if weights is None:
        return [1.0 / number] * number
    whose = "" if bucket is None else f" of the bucket {bucket!r}"
    if len(weights) != number:
        raise UsageError(f"there are {number} models and {len(weights)} weights{whose}.")
    total = sum(weights)
    if not all(weight > 0 for weight in weights) or not abs(total - 1.0) <= MISSING:
        listed = " ".join(f"{weight:g}" for weight in weights)
        raise UsageError(f"the weights {listed}{whose} sum to {total:.6g}; they must be above 0 and sum to 1.")
    rounded = abs(total - 1.0) <= ROUNDED  # then they are 1 together as they are, and stay so to the last bit
    return [float(weight if rounded else weight / total) for weight in weights]


def check_mixable(models: Sequence[Model], names: Sequence[str] = (), done: str = "mixed") -> None:
    """DataError for models that are not about the same kind of words. names, done: what they are called (default: by number), and what is done with them, in messages."""
    names = names or [str(place) for place, _ in enumerate(models, start=1)]
    for name, model in zip(names, models, strict=True):
        check_distribution(model, done, f"model {name}")
    known = [(name, model.settings) for name, model in zip(names, models, strict=True) if model.settings is not None]
    for name, settings in known[1:]:
        first, others = known[0]
        different = "; ".join(f"{each.name} {a} and {b}" for each, a, b in others.differences(settings, Role.WORDS))
        if different:
            raise DataError(
                f"models {first} and {name} are about different words: {different}.",
                "Train both with the same options.",
            )
    if len({model.closed for model in models}) > 1:
        raise DataError(
            f"models of an open and of a closed vocabulary cannot be {done}: only one of them expects unknown words.",
            "Make both with --closed, or both without.",
        )


def check_distribution(model: Model, done: str, name: str = "the model") -> None:
    """DataError for what has no distribution after some histories: stupid backoff, and counts that were not smoothed."""
    if not model.traits.is_distribution:
        raise DataError(
            f"{name} is {model.method.replace('-', ' ')}: its scores are no probabilities, and cannot be {done}."
        )
    if not model.traits.is_smoothed and model.order != 1:
        raise DataError(
            f"{name} is counts, or maximum likelihood, which knows nothing after unseen histories, and cannot be {done}.",
            "Smooth it first: lmkit smooth.",
        )


def mixture_details(models: Sequence[Model], weights: Sequence[float], by: BucketWeights | None) -> dict[str, Any]:
    """What made the figures of a mixture, for signatures."""
    names = [model.part_name if isinstance(model, Named) else model.method for model in models]
    parts = [f"{weight:.6g}*{name}" for name, weight in zip(names, weights, strict=True)]
    closed = openness(all(model.closed for model in models))
    told = {} if by is None else {"weights_by": by.shown}
    return {"smoothing": "mixture", **closed, "mixture": "+".join(parts), **told}


class MixtureScorer:
    """A mixture prepared for scoring a text."""

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._scorers: list[Scorer] = [model.scorer() for model in mixture.models]

    @property
    def independent_blocks(self) -> bool:
        """Whether a block is scored the same whatever came before, by all models."""
        return all(scorer.independent_blocks for scorer in self._scorers)

    def begin(self, block: EncodedBlock) -> list[TokenScores | None]:
        """The scores of a block under the models to which order does not matter; None for the others."""
        parts = zip(self._scorers, self._mixture.word_maps, strict=True)
        return [
            block_scores(each, block.renumbered(words.ids)) if each.independent_blocks else None
            for each, words in parts
        ]

    def finish(self, block: EncodedBlock, begun: list[TokenScores | None]) -> TokenScores:
        """The scores of a block that was begun; the order matched is the longest of all models, if all have orders."""
        return self._joined(block.tokens, *self.finish_each(block, begun))

    def finish_each(
        self, block: EncodedBlock, begun: Sequence[TokenScores | None]
    ) -> tuple[NDArray[np.float64], list[TokenScores]]:
        """log10 probabilities (models, tokens) of the predicted tokens of a block that was begun under each model, and its scores."""
        parts = zip(self._scorers, self._mixture.word_maps, begun, strict=True)
        scores = [block_scores(each, block.renumbered(words.ids)) if one is None else one for each, words, one in parts]
        return self._shared(block.tokens, scores)

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences."""
        return self._joined(tokens, *self.score_each_of(tokens))

    def score_text(self, block: EncodedBlock) -> TokenScores:
        """The scores of a block."""
        return self._joined(block.tokens, *self.score_each(block))

    def score_each(self, block: EncodedBlock) -> tuple[NDArray[np.float64], list[TokenScores]]:
        """What `finish_each` gives of a block that was not begun."""
        return self.finish_each(block, [None] * len(self._scorers))

    def score_each_of(self, tokens: NDArray[np.int32]) -> tuple[NDArray[np.float64], list[TokenScores]]:
        """The same of whole padded sentences of one document."""
        parts = zip(self._scorers, self._mixture.word_maps, strict=True)
        return self._shared(tokens, [each.score(words.ids.take(tokens)) for each, words in parts])

    def _shared(
        self, tokens: NDArray[np.int32], scores: list[TokenScores]
    ) -> tuple[NDArray[np.float64], list[TokenScores]]:
        """The probabilities of the tokens where words that a model does not know share its p(<unk>), and the scores of each."""
        parts, predicted = zip(scores, self._mixture.word_maps, strict=True), tokens[predicted_in(tokens)]
        return np.array([one.log10_probs + words.log10_shares.take(predicted) for one, words in parts]), scores

    def _joined(self, tokens: NDArray[np.int32], each: NDArray[np.float64], scores: list[TokenScores]) -> TokenScores:
        """The scores of the mixture."""
        orders = [one.matched_orders for one in scores if one.matched_orders is not None]
        matched = np.max(orders, axis=0) if len(orders) == len(scores) else None
        return TokenScores.in_text(tokens, mixed(each, self.weights(tokens)), matched)

    def weights(self, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """(models, predicted tokens) the weights for each of whole padded sentences; (models, 1) where they are those of all."""
        return self._mixture.weights_in(self._mixture.buckets.in_text(tokens))


def mixed(log10_probs: NDArray[np.float64], weights: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """log10 of the weighted sum over the first axis, (models, …). weights: (models,), or of as many of the first axes."""
    logs = np.log10(weights)
    logs = logs.reshape(*logs.shape, *[1] * (log10_probs.ndim - logs.ndim)) + log10_probs
    largest = logs.max(axis=0)
    safe = np.where(np.isneginf(largest), 0.0, largest)
    with np.errstate(divide="ignore"):
        found: NDArray[np.float64] = safe + np.log10((10.0 ** (logs - safe)).sum(axis=0))
    np.minimum(found, 0.0, out=found)
    return found
