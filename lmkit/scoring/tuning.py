"""The weights of a mixture that make a text most probable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.scoring.mixture import log10_probs_of_each, mixed, mixture, parts_of
from lmkit.scoring.protocol import Model
from lmkit.text.sources.names import Texts

ROUNDS = 10_000  # of expectation maximisation, at most
CONVERGED = 1e-10  # change of all weights at which it ends
NOTHING = 1e-6  # a weight below this adds nothing
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
    that have probability 0 in all models are left out. It ends when no weight changes by more than 1e-10.
    A mixture among the models is one of them: the weights of its own models stay. how: see `map_scores`. DataError if the texts have
    no sentence.
    """
    parts = [[weight for weight, _ in parts_of(model)] for model in models]
    blocks = [of_each_part(block, parts) for block in log10_probs_of_each(mixture(models), texts, **how)]
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
    weights = np.full(len(models), 1.0 / len(models))
    for _ in range(ROUNDS):
        joint = weights[:, None] * probs
        better = (joint / joint.sum(axis=0)).mean(axis=1)
        change = float(np.abs(better - weights).max())
        weights = better
        if change < CONVERGED:
            break
    log10_mean = float(np.log10((weights[:, None] * probs).sum(axis=0)).mean())
    with np.errstate(divide="ignore", over="ignore"):
        alone = 10.0 ** -np.log10(probs).mean(axis=1)
    return TunedWeights(tuple(weights.tolist()), 10.0**-log10_mean, probs.shape[1], tuple(alone.tolist()))


def of_each_part(log10_probs: NDArray[np.float64], parts: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(parts, tokens) what each part gives the tokens. log10_probs: (models, tokens) of the models of all; parts: the weights of its models, which are 1 for one."""
    if len(parts) == len(log10_probs):
        return log10_probs
    ends = np.cumsum([len(weights) for weights in parts])[:-1]
    return np.array([mixed(rows, weights) for rows, weights in zip(np.split(log10_probs, ends), parts, strict=True)])
