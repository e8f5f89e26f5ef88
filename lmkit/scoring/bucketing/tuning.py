"""The weights of buckets that make a text most probable, tied to those of all its tokens together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmkit.one_line import one_line
from lmkit.scoring.bucketing.buckets import BucketWeights
from lmkit.scoring.bucketing.kinds import Kind
from lmkit.scoring.mixture import checked_weights
from lmkit.scoring.protocol import Model
from lmkit.scoring.tuning import TokenProbs, optimum, token_probs
from lmkit.text.sources.names import Texts

TIED = 10.0  # tokens that a bucket has seen besides its own, on which the weights are those of all buckets together


@one_line
@dataclass(frozen=True)
class TunedBuckets:
    """The weights of buckets that make a text most probable."""

    by: BucketWeights
    perplexity: float  # of the tokens that some model gives a probability


def tune_buckets(models: Sequence[Model], weights: Sequence[float], texts: Texts, by: Kind, **how: Any) -> TunedBuckets:
    """The weights of buckets under which the texts are most probable, by expectation maximisation from equal ones.

    weights: of all tokens together, above 0 (see `lmkit.tune_weights`). by: what the buckets depend on (see `lmkit.scoring.bucketing.buckets`).
    Few tokens do not tell much: each bucket is taken to have seen 10 more, on which these weights are right, so that its own come to
    Σ (λ_i p_i / Σ λ p) + 10 λ_i, of all its tokens, over their number and 10. Buckets that the texts have not get none of their own.
    how: see `map_scores`. UsageError for weights that make no mixture; DataError for buckets that no model tells, and for texts without a
    sentence, or none of whose words any model predicts.
    """
    return best_buckets(token_probs(models, texts, by, **how), checked_weights(len(models), weights), by)


def best_buckets(scored: TokenProbs, weights: Sequence[float], by: Kind) -> TunedBuckets:
    """The same of tokens that were scored by these buckets."""
    possible = scored.possible()
    probs, buckets = possible.probs, possible.buckets
    own, tokens, log10_sum = {}, {}, 0.0
    for number in np.unique(buckets).tolist():
        here = np.ascontiguousarray(probs[:, buckets == number])
        found = optimum(here, TIED * np.array(weights))
        found /= found.sum()
        log10_sum += float(np.log10(found @ here).sum())
        name = scored.names[number]
        own[name], tokens[name] = tuple(found.tolist()), here.shape[1]
    return TunedBuckets(BucketWeights(by, own, tokens), 10.0 ** -(log10_sum / len(buckets)))
