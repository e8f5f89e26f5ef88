"""Linear mixtures of models: p(w|h) = Σ λ_i p_i(w|h).

The vocabulary is the union of those of the models. A model that does not know a word of it gives it an equal share of its p(<unk>), with
<unk> itself: p_i(<unk>) / (1 + the number of such words), so that each distribution, and with them the mixture, still
sums to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.model import NgramModel, openness
from lmkit.ngrams.backoff.scorer import Scorer, TokenScores
from lmkit.scoring.traits import Traits, joint_traits
from lmkit.signature import signature, smoothing_of
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import BOS, UNK, Vocabulary, WordNumbering


@dataclass(frozen=True, eq=False)
class Mixture:
    """Several models and their weights; scored word by word, without being built."""

    models: tuple[NgramModel, ...]
    weights: tuple[float, ...]  # above 0, and 1 together

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all models: those of the first, then what others add."""
        return union(self.models)

    @property
    def settings(self) -> TextSettings | None:
        """How text is read: as the first model that knows says."""
        return next((model.settings for model in self.models if model.settings is not None), None)

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return max(model.order for model in self.models)

    @property
    def closed(self) -> bool:
        """Whether <unk> is an event of no model."""
        return all(model.closed for model in self.models)

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on."""
        return joint_traits([model.traits for model in self.models])

    @property
    def smoothing(self) -> str:
        """The name of what made the figures."""
        return smoothing_of(self.details)

    @property
    def details(self) -> dict[str, Any]:
        """What made the figures."""
        return mixture_details(self.models, self.weights)

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that made the figures (settings: see `NgramModel.signature`)."""
        used = settings or self.settings
        return signature({"order": self.order} | self.details | ({} if used is None else used.for_signature()))


def mixture(models: Sequence[NgramModel], weights: Sequence[float] | None = None) -> Mixture:
    """The mixture of two or more models, with equal weights if none are given.

    UsageError for weights that are not one for each model, not above 0, or do not sum to 1; DataError for models whose words were made
    differently, for open models beside closed ones, and for what is no distribution.
    """
    if len(models) < 2:
        raise UsageError("a mixture has two models or more.")
    if weights is None:
        weights = [1.0 / len(models)] * len(models)
    if len(weights) != len(models):
        raise UsageError(f"there are {len(models)} models and {len(weights)} weights.")
    total = sum(weights)
    if not all(weight > 0 for weight in weights) or abs(total - 1.0) > 1e-6:
        listed = " ".join(f"{weight:g}" for weight in weights)
        raise UsageError(f"the weights {listed} sum to {total:.6g}; they must be above 0 and sum to 1.")
    check_mixable(models)
    return Mixture(tuple(models), tuple(float(weight / total) for weight in weights))


def check_mixable(models: Sequence[NgramModel]) -> None:
    """DataError for models that are not about the same kind of words."""
    for place, model in enumerate(models, start=1):
        check_distribution(model, "mixed", f"model {place}")
    known = [(place, model.settings) for place, model in enumerate(models, start=1) if model.settings is not None]
    for place, settings in known[1:]:
        first, others = known[0]
        different = "; ".join(f"{each.name} {a} and {b}" for each, a, b in others.differences(settings, Role.WORDS))
        if different:
            raise DataError(
                f"models {first} and {place} are about different words: {different}.",
                "Train both with the same options.",
            )
    if len({model.closed for model in models}) > 1:
        raise DataError(
            "models of an open and of a closed vocabulary cannot be mixed: only one of them expects unknown words.",
            "Make both with --closed, or both without.",
        )


def check_distribution(model: NgramModel, done: str, name: str = "the model") -> None:
    """DataError for what has no distribution after some histories: stupid backoff, and counts that were not smoothed."""
    if not model.traits.is_distribution:
        raise DataError(
            f"{name} is {model.smoothing.replace('-', ' ')}: its scores are no probabilities, and cannot be {done}."
        )
    if not model.traits.is_smoothed and model.order > 1:
        raise DataError(
            f"{name} is counts, or maximum likelihood, which knows nothing after unseen histories, and cannot be {done}.",
            "Smooth it first: lmkit smooth.",
        )


def mixture_details(models: Sequence[NgramModel], weights: Sequence[float]) -> dict[str, Any]:
    """What made the figures of a mixture, for signatures."""
    parts = [f"{weight:.6g}*{model.smoothing}" for model, weight in zip(models, weights, strict=True)]
    closed = openness(all(model.closed for model in models))
    return {"smoothing": "mixture", **closed, "mixture": "+".join(parts)}


def union(models: Sequence[NgramModel]) -> Vocabulary:
    """The words of all models."""
    first = models[0].vocabulary
    if all(model.vocabulary.same_as(first) for model in models[1:]):
        return first
    return Vocabulary.from_words(dict.fromkeys(word for model in models for word in model.vocabulary.words))


@dataclass(frozen=True, eq=False)
class WordMap:
    """The words of a larger vocabulary in the eyes of a model."""

    ids: NDArray[np.int32]  # (words,) in the model; <unk> for those that it does not know
    log10_shares: NDArray[np.float64]  # (words,) log10 of the share of the model's probability: 0 for known words

    @classmethod
    def of(cls, vocabulary: Vocabulary, model: NgramModel) -> "WordMap":
        """The map for a model of a mixture with this vocabulary."""
        ids = WordNumbering(model.vocabulary).number(vocabulary.words)[0]
        unknown = ids == UNK  # with <unk> itself
        return cls(ids, np.where(unknown, -np.log10(np.count_nonzero(unknown)), 0.0))


class MixtureScorer:
    """A mixture prepared for scoring many blocks of text: what `Scorer` is for a model."""

    def __init__(self, mixture: Mixture) -> None:
        self.model = mixture
        self._scorers = [Scorer(model) for model in mixture.models]
        self._maps = [WordMap.of(mixture.vocabulary, model) for model in mixture.models]

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences (see `Scorer.score`); the order matched is the longest of all models."""
        each, scores = self.score_each(tokens)
        logs = np.log10(self.model.weights)[:, None] + each
        largest = logs.max(axis=0)
        safe = np.where(np.isneginf(largest), 0.0, largest)
        with np.errstate(divide="ignore"):
            log10_probs = safe + np.log10((10.0 ** (logs - safe)).sum(axis=0))
        matched = np.max([one.matched_orders for one in scores], axis=0)
        oov = np.take(tokens == UNK, np.flatnonzero(tokens != BOS))
        return TokenScores(np.minimum(log10_probs, 0.0), matched, oov, scores[0].ends)

    def score_each(self, tokens: NDArray[np.int32]) -> tuple[NDArray[np.float64], list[TokenScores]]:
        """log10 probabilities (models, tokens) of the predicted tokens under each model, and its scores."""
        predicted = tokens[tokens != BOS]
        scores = [scorer.score(words.ids.take(tokens)) for scorer, words in zip(self._scorers, self._maps, strict=True)]
        logs = [
            one.log10_probs + words.log10_shares.take(predicted) for one, words in zip(scores, self._maps, strict=True)
        ]
        return np.array(logs), scores


TextScorer = Scorer | MixtureScorer  # what scores encoded text
