"""The weights of a mixture that make a text most probable, and the best of several candidates for its models."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.scoring.bucketing.buckets import BucketWeights, Numbers
from lmkit.scoring.bucketing.kinds import Kind
from lmkit.scoring.evidence import evidence_of_each, of_each_part
from lmkit.scoring.mixture import mixture, parts_of
from lmkit.scoring.protocol import Model
from lmkit.text.sources.names import Texts

ROUNDS = 10_000  # of expectation maximisation, at most
CONVERGED = 1e-10  # change of all weights at which it ends
NOTHING = 1e-6  # a weight below this adds nothing
TINY = 1e-300  # no change at all, as a divisor
KEPT = 0.01  # part of a weight that is left at least when it is extrapolated
LEAST = 1e-9  # the weight that a mixture gives it all the same


@dataclass(frozen=True)
class TunedWeights:
    """The weights that make a text most probable, and what they are worth: all figures are over the words of all models, and of the same tokens."""

    weights: tuple[float, ...]
    perplexity: float  # of the tokens that some model gives a probability
    tokens: int
    alone: tuple[float, ...]  # the perplexity of each model on these tokens
    oov: int  # of the tokens: those that no model knows
    perplexity_excluding_oov: float
    alone_excluding_oov: tuple[float, ...]
    impossible: tuple[int, ...]  # of the tokens: how many each model gives probability 0
    left_out: int  # tokens besides, to which no model gives a probability

    @property
    def idle(self) -> list[int]:
        """Which of the models add nothing to the others."""
        return [place for place, weight in enumerate(self.weights) if weight < NOTHING]

    def above_zero(self) -> list[float]:
        """The weights, but none of them 0, so that what only one model predicts stays possible."""
        if not self.idle:
            return list(self.weights)
        raised = [max(weight, LEAST) for weight in self.weights]
        return [weight / sum(raised) for weight in raised]


def tune_weights(models: Sequence[Model], texts: Texts, **how: Any) -> TunedWeights:
    """The weights of the mixture under which the texts are most probable, by expectation maximisation from equal ones.

    A round replaces each weight by the mean over the tokens of λ_i p_i / Σ λ p, as SRILM's compute-best-mix does; tokens
    that have probability 0 in all models are left out. It ends when no weight changes by more than 1e-10 (see `optimum`).
    A mixture among the models is one of them: the weights of its own models stay. how: see `map_scores`. DataError if the texts have
    no sentence.
    """
    return tune_choice([[model] for model in models], texts, **how).tuned


def tune_choice(
    candidates: Sequence[Sequence[Model]], texts: Texts, by: Kind | None = None, **how: Any
) -> "TunedChoice":
    """The weights under which the texts are most probable (see `tune_weights`), and the models: for each, the best of its candidates.

    Each candidate is scored once. Those for the same model have the same vocabulary. by: what weights of buckets are to depend on, if they are asked for next.
    """
    listed = [model for each in candidates for model in each]
    scored = token_probs(listed, texts, by, **how)
    ends = np.cumsum([len(each) for each in candidates]).tolist()
    choices = itertools.product(*(range(end - len(each), end) for each, end in zip(candidates, ends, strict=True)))
    tuned = [(best_weights(scored.of(places)), places) for places in choices]
    best, places = min(tuned, key=lambda each: (each[0].left_out, each[0].perplexity))
    return TunedChoice(best, [listed[place] for place in places], scored.of(places))


@dataclass(frozen=True, eq=False)
class TokenProbs:
    """What models give the tokens of a text, a mixture among them as one."""

    probs: NDArray[np.float64]  # (models, tokens)
    oov: NDArray[np.bool_]  # (tokens,) which of them no model knows
    buckets: Numbers  # (tokens,) of their histories
    names: tuple[str, ...]  # of all buckets, by number

    def of(self, models: Sequence[int]) -> "TokenProbs":
        """What some of the models give them, by their places."""
        return replace(self, probs=self.probs[list(models)])

    def possible(self) -> "TokenProbs":
        """The tokens that some model gives a probability. DataError if there are none."""
        possible = self.probs.max(axis=0) > 0
        if not possible.any():
            raise DataError(
                "no word of the text has a probability under any model.", "Is it in the same language and shape?"
            )
        return replace(self, probs=self.probs[:, possible], oov=self.oov[possible], buckets=self.buckets[possible])


@dataclass(frozen=True, eq=False)
class TunedChoice:
    """The models that were chosen, with their weights."""

    tuned: TunedWeights
    models: list[Model]
    scored: TokenProbs  # what these models give the text


def token_probs(models: Sequence[Model], texts: Texts, by: Kind | None = None, **how: Any) -> TokenProbs:
    """What the models give the tokens of the texts (by: what the buckets depend on; how: see `map_scores`). DataError if the texts have no sentence."""
    parts = [[weight for weight, _ in parts_of(model)] for model in models]
    whole = mixture(models, by=None if by is None else BucketWeights(by))
    blocks = list(evidence_of_each(whole, texts, **how))
    if not sum(len(block.oov) for block in blocks):
        raise DataError(
            "the text to tune the weights on has no sentence.", "Give a development text that no model was trained on."
        )
    probs = 10.0 ** np.concatenate([of_each_part(block.log10_probs, parts) for block in blocks], axis=1)
    oov, buckets = (np.concatenate(each) for each in zip(*((one.oov, one.buckets) for one in blocks), strict=True))
    return TokenProbs(probs, oov, buckets, whole.buckets.names)


def best_weights(scored: TokenProbs) -> TunedWeights:
    """The weights under which tokens are most probable. DataError if all are impossible."""
    possible = scored.possible()
    probs, known = possible.probs, np.flatnonzero(~possible.oov)
    weights = optimum(probs)
    of_all, *alone = perplexities(weights, probs)
    of_known, *alone_known = perplexities(weights, probs[:, known])
    return TunedWeights(
        weights=tuple(weights.tolist()),
        perplexity=of_all,
        tokens=probs.shape[1],
        alone=tuple(alone),
        oov=probs.shape[1] - len(known),
        perplexity_excluding_oov=of_known,
        alone_excluding_oov=tuple(alone_known),
        impossible=tuple(np.count_nonzero(probs == 0, axis=1).tolist()),
        left_out=len(scored.oov) - probs.shape[1],
    )


def optimum(probs: NDArray[np.float64], more: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """(models,) the weights under which tokens are most probable. probs: (models, tokens) above 0 under some model.

    more: (models,) above 0, how many more tokens there are that each model alone accounts for (a Dirichlet prior).
    Where models are much alike, expectation maximisation goes the same way in thousands of small steps: after two of them, weights are
    extrapolated from both (SQUAREM: Varadhan & Roland 2008), and kept if the tokens are no less probable with them.
    """

    def step(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """The weights after a round, and how probable the tokens were before it."""
        joint = weights[:, None] * probs
        together = joint.sum(axis=0)
        value, shares = float(np.log(together).sum()), (joint / together).sum(axis=1)
        if more is None:
            return shares / probs.shape[1], value
        return (shares + more) / (probs.shape[1] + more.sum()), value + float(more @ np.log(weights))

    weights = safe = np.full(len(probs), 1.0 / len(probs))
    least = -np.inf
    for _ in range(ROUNDS):
        once, value = step(weights)
        if value < least:  # too far
            once, value = step(safe)
            weights = safe
        twice, least = step(once)
        if float(np.abs(twice - once).max()) < CONVERGED:
            return twice
        first, change = once - weights, twice - once - (once - weights)
        length = max(float(np.linalg.norm(first)) / max(float(np.linalg.norm(change)), TINY), 1.0)
        far = np.maximum(weights + 2 * length * first + length**2 * change, KEPT * twice)
        weights, safe = far / far.sum(), twice
    return twice


def perplexities(weights: NDArray[np.float64], probs: NDArray[np.float64]) -> list[float]:
    """That of tokens under the mixture, then under each model alone; infinite where one is impossible, NaN without tokens. probs: (models, tokens)."""
    if not probs.shape[1]:
        return [np.nan] * (len(probs) + 1)
    with np.errstate(divide="ignore", over="ignore"):
        return [float(10.0 ** -np.log10(each).mean()) for each in (weights @ probs, *probs)]
