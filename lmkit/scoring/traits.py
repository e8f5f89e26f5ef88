"""What algorithms may rely on in a model: facts that are stored with it as such, and never read out of its signature."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Traits:
    """Facts about a model that its numbers do not show. The defaults are those of a model of another tool.

    Whether the n-grams of a model are stored without their first words, too, is none of them: the arrays show that.
    """

    is_distribution: bool = True  # the scores after a history are to sum to 1; stupid backoff: False
    is_smoothed: bool = True  # something is left for what was not seen; maximum likelihood: False
    full_histories_only: bool = False  # no order below the highest is backed off to; additive, maximum likelihood
    lower_orders_are_marginals: bool = True  # they tell how frequent histories are; Kneser–Ney, additive: False
    unseen_log10_backoff: float = (
        0.0  # what a word taken off a history that is not stored costs; stupid backoff: log10 α
    )

    @property
    def backs_off(self) -> bool:
        """Whether there is a distribution after every history, as pruning, mixing and renormalizing need it."""
        return self.is_distribution and self.is_smoothed

    def as_dict(self) -> dict[str, bool | float]:
        """The traits as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> "Traits":
        """The traits of `as_dict`. ValueError for anything else, and for traits that contradict each other."""
        if not isinstance(values, dict) or values.keys() != {field.name for field in fields(cls)}:
            raise ValueError("the traits of the model are damaged")
        if not all(type(values[field.name]) is type(field.default) for field in fields(cls)):
            raise ValueError("the traits of the model are damaged")
        traits = cls(**values)
        if not -math.inf < traits.unseen_log10_backoff <= 0:
            raise ValueError("the traits of the model are damaged: unseen_log10_backoff must be a number up to 0")
        if traits.is_distribution and traits.unseen_log10_backoff:
            raise ValueError("the traits of the model contradict each other: is_distribution, and unseen_log10_backoff")
        return traits


def joint_traits(traits: Sequence[Traits]) -> Traits:
    """The traits of one backoff model of the n-grams of several distributions, whose probabilities were mixed."""
    return Traits(lower_orders_are_marginals=all(one.lower_orders_are_marginals for one in traits))
