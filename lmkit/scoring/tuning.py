"""The weights of a mixture that make a text most probable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.scoring.buckets import BucketWeights, Kind, Numbers
from lmkit.scoring.mixture import evidence_of_each, mixed, mixture, parts_of
from lmkit.scoring.protocol import Model
from lmkit.text.sources.names import Texts

ROUNDS = 10_000  # of expectation maximisation, at most
CONVERGED = 1e-10  # change of all weights at which it ends
NOTHING = 1e-6  # a weight below this adds nothing
LEAST = 1e-9  # the weight that a mixture gives it all the same
TIED = 100.0  # tokens of a bucket that its weights are worth as they are in all buckets together


@dataclass(frozen=True)
class TunedWeights:
    """The weights that make a text most probable."""

    weights: tuple[float, ...]
    perplexity: float  # of the tokens that some model gives a probability
    tokens: int
    alone: tuple[float, ...]  # the perplexity of each model on these tokens, over the words of all models
    by: BucketWeights | None = None  # those of buckets of histories, if they were tuned, too
    bucketed_perplexity: float | None = None  # with these

    @property
    def one_is_nothing(self) -> bool:
        """Whether one of the models adds nothing to the others."""
        return min(self.weights) < NOTHING

    def above_zero(self) -> list[float]:
        """The weights, but none of them 0, so that what only one model predicts stays possible."""
        if not self.one_is_nothing:
            return list(self.weights)
        raised = [max(weight, LEAST) for weight in self.weights]
        return [weight / sum(raised) for weight in raised]


def tune_weights(models: Sequence[Model], texts: Texts, *, by: Kind | None = None, **how: Any) -> TunedWeights:
    """The weights of the mixture under which the texts are most probable, by expectation maximisation from equal ones.

    A round replaces each weight by the mean over the tokens of λ_i p_i / Σ λ p, as SRILM's compute-best-mix does; tokens
    that have probability 0 in all models are left out. It ends when no weight changes by more than 1e-10.
    A mixture among the models is one of them: the weights of its own models stay.
    by: what the weights of buckets of histories depend on, which are tuned, too (see `lmkit.scoring.buckets`); those of each bucket are most probable
    after having seen, before its tokens, another 100 on which the weights are those of all. how: see `map_scores`. DataError if the texts
    have no sentence, and for buckets that no model tells.
    """
    parts = [[weight for weight, _ in parts_of(model)] for model in models]
    whole = mixture(models, by=None if by is None else BucketWeights(by))
    found = list(evidence_of_each(whole, texts, **how))
    if not sum(block.shape[1] for block, _ in found):
        raise DataError(
            "the text to tune the weights on has no sentence.", "Give a development text that no model was trained on."
        )
    probs = 10.0 ** np.concatenate([of_each_part(block, parts) for block, _ in found], axis=1)
    possible = np.flatnonzero(probs.max(axis=0) > 0)
    probs = probs[:, possible]
    if not probs.shape[1]:
        raise DataError(
            "no word of the text has a probability under any model.", "Is it in the same language and shape?"
        )
    weights = optimum(probs, np.full(len(models), 1.0 / len(models)))
    with np.errstate(divide="ignore", over="ignore"):
        alone = 10.0 ** -np.log10(probs).mean(axis=1)
    tuned = TunedWeights(tuple(weights.tolist()), perplexity_of(probs, weights), len(possible), tuple(alone.tolist()))
    if by is None:
        return tuned
    buckets = np.concatenate([np.broadcast_to(numbers, block.shape[1:]) for block, numbers in found])[possible]
    return with_buckets(tuned, probs, by, whole.buckets.names, buckets)


def with_buckets(
    tuned: TunedWeights, probs: NDArray[np.float64], by: Kind, names: Sequence[str], buckets: Numbers
) -> TunedWeights:
    """The same with the weights of each bucket that the text has. probs: (models, tokens); buckets: (tokens,), by the places of their names."""
    overall = np.array(tuned.above_zero())
    of_tokens = np.empty_like(probs)
    weights, tokens = {}, {}
    for number in np.unique(buckets).tolist():
        places = np.flatnonzero(buckets == number)
        own = optimum(probs[:, places], overall, TIED)
        own /= own.sum()
        of_tokens[:, places] = own[:, None]
        weights[names[number]], tokens[names[number]] = tuple(own.tolist()), len(places)
    return replace(tuned, by=BucketWeights(by, weights, tokens), bucketed_perplexity=perplexity_of(probs, of_tokens))


def optimum(probs: NDArray[np.float64], start: NDArray[np.float64], tied: float = 0.0) -> NDArray[np.float64]:
    """(models,) the weights under which tokens are most probable. probs: (models, tokens) above 0 under some model; start: (models,) what to begin with.

    tied: so many more tokens, on which the weights are those at the beginning (a Dirichlet prior).
    """
    weights = start
    for _ in range(ROUNDS):
        joint = weights[:, None] * probs
        better = ((joint / joint.sum(axis=0)).sum(axis=1) + tied * start) / (probs.shape[1] + tied)
        change = float(np.abs(better - weights).max())
        weights = better
        if change < CONVERGED:
            break
    return weights


def perplexity_of(probs: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """That of tokens, given what each model gives them (models, tokens). weights: (models,), or (models, tokens)."""
    whole = weights if weights.ndim == probs.ndim else weights[:, None]
    return 10.0 ** -float(np.log10((whole * probs).sum(axis=0)).mean())


def of_each_part(log10_probs: NDArray[np.float64], parts: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(parts, tokens) what each part gives the tokens. log10_probs: (models, tokens) of the models of all; parts: the weights of its models, which are 1 for one."""
    if len(parts) == len(log10_probs):
        return log10_probs
    ends = np.cumsum([len(weights) for weights in parts])[:-1]
    return np.array([mixed(rows, weights) for rows, weights in zip(np.split(log10_probs, ends), parts, strict=True)])
