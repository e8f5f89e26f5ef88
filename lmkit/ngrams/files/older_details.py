"""What is known of models that were written before their traits were stored: only what their signatures say."""

from typing import Any

import numpy as np

from lmkit.scoring.traits import Traits
from lmkit.signature import smoothing_of, stated


def traits_of_details(details: dict[str, Any]) -> Traits:
    """The traits of a model with such a signature. details: what made its figures.

    Additive models backed off to a constant then, which their lower orders hold.
    """
    smoothing = smoothing_of(details)
    is_additive = smoothing in {"laplace", "additive", "maximum-likelihood"}
    is_distribution = smoothing != "stupid-backoff"
    factor = stated(details, "unseen_backoff")
    has_factor = not is_distribution and isinstance(factor, float) and 0 < factor <= 1
    return Traits(
        is_distribution=is_distribution,
        is_smoothed=smoothing != "maximum-likelihood",
        lower_orders_are_marginals=not is_additive and "kneser-ney" not in smoothing + str(stated(details, "mixture")),
        unseen_log10_backoff=float(np.log10(factor)) if has_factor else 0.0,
    )


def closed_of_details(details: dict[str, Any]) -> bool:
    """Whether <unk> is no event in a model with such a signature."""
    return bool(stated(details, "vocabulary") == "closed")
