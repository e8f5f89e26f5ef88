"""The weights of a mixture that make a text most probable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.scoring.mixture import log10_probs_of_each, mixture, of_each_part, parts_of
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
    """The weights that make a text most probable."""

    weights: tuple[float, ...]
    perplexity: float  # of the tokens that some model gives a probability
    tokens: int
    alone: tuple[float, ...]  # the perplexity of each model on these tokens, over the words of all models

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


def tune_weights(models: Sequence[Model], texts: Texts, **how: Any) -> TunedWeights:
    """The weights of the mixture under which the texts are most probable, by expectation maximisation from equal ones.

    A round replaces each weight by the mean over the tokens of λ_i p_i / Σ λ p, as SRILM's compute-best-mix does; tokens
    that have probability 0 in all models are left out. It ends when no weight changes by more than 1e-10 (see `optimum`).
    A mixture among the models is one of them: the weights of its own models stay. how: see `map_scores`. DataError if the texts have
    no sentence.
    """
    parts = [[weight for weight, _ in parts_of(model)] for model in models]
    blocks = [of_each_part(block, parts) for block, _ in log10_probs_of_each(mixture(models), texts, **how)]
    if not sum(block.shape[1] for block in blocks):
        raise DataError(
            "the text to tune the weights on has no sentence.", "Give a development text that no model was trained on."
        )
    probs = 10.0 ** np.concatenate(blocks, axis=1)
    probs = probs[:, probs.max(axis=0) > 0]
    if not probs.shape[1]:
        raise DataError(
            "no word of the text has a probability under any model.", "Is it in the same language and shape?"
        )
    weights = optimum(probs)
    log10_mean = float(np.log10((weights[:, None] * probs).sum(axis=0)).mean())
    with np.errstate(divide="ignore", over="ignore"):
        alone = 10.0 ** -np.log10(probs).mean(axis=1)
    return TunedWeights(tuple(weights.tolist()), 10.0**-log10_mean, probs.shape[1], tuple(alone.tolist()))


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
