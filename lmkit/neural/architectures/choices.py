"""What can be chosen of each architecture. Nothing slow is imported here: options are made of it, at every start."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, get_args

from lmkit.errors import UsageError

Positions = Literal["learned", "sinusoidal"]
MOST = {
    "layers": 1_000,
    "heads": 10_000,
}  # beyond which a number is a slip, or a file is damaged; of all else, 1,000,000


@dataclass(frozen=True)
class BigramChoices:
    """A weight for each pair of types: nothing is to be chosen."""

    name: ClassVar[str] = "bigram"  # in options and files
    title: ClassVar[str] = "softmax regression on bigrams"  # for people
    time: ClassVar[int] = 0  # it is trained on counts


@dataclass(frozen=True)
class FeedForwardChoices:
    """How large a feed-forward model is. UsageError for what makes no sense."""

    name: ClassVar[str] = "feed-forward"
    title: ClassVar[str] = "feed-forward n-gram model (Bengio et al., 2003)"
    time: ClassVar[int] = 1  # the number of targets in a window of training

    order: int = 5  # the token and the n−1 before it
    dimensions: int = 128  # of the vectors of tokens
    hidden: int = 512  # units of tanh
    tied: bool = True  # the output has the vectors of the input, after one more layer; untied: its own, as in 2003

    def __post_init__(self) -> None:
        check_sizes(self, order=2, dimensions=1, hidden=1)
        if type(self.tied) is not bool:
            raise UsageError(f"tied is {self.tied!r}; it must be True or False.")


@dataclass(frozen=True)
class TransformerChoices:
    """How large a transformer is. UsageError for what makes no sense."""

    name: ClassVar[str] = "transformer"
    title: ClassVar[str] = "causal transformer"

    dimensions: int = 128
    layers: int = 2
    heads: int = 4
    context: int = 64  # tokens that a place can look at, itself among them
    positions: Positions = "learned"

    def __post_init__(self) -> None:
        check_sizes(self, dimensions=1, layers=1, heads=1, context=1)
        if self.dimensions % self.heads:
            raise UsageError(
                f"{self.dimensions} dimensions cannot be shared by {self.heads} heads.",
                "Dimensions must be a multiple of heads.",
            )
        if self.positions not in get_args(Positions):
            raise UsageError(f"positions is {self.positions!r}; it must be one of: {', '.join(get_args(Positions))}.")

    @property
    def time(self) -> int:
        """The number of targets in a window of training."""
        return self.context


CHOICES: dict[str, Any] = {each.name: each for each in (BigramChoices, FeedForwardChoices, TransformerChoices)}


def check_sizes(choices: object, **least: int) -> None:
    """UsageError unless these choices are whole numbers, at least so large, and such as networks have."""
    for name, smallest in least.items():
        size, largest = getattr(choices, name), MOST.get(name, 1_000_000)
        if type(size) is not int or not smallest <= size <= largest:
            raise UsageError(f"{name} is {size}; it must be a whole number from {smallest} to {largest:,}.")


def known(architecture: str) -> str:
    """The name of an architecture. UsageError if there is none that is called so."""
    if architecture not in CHOICES:
        raise UsageError(f"the architecture is {architecture!r}; it must be one of: {', '.join(CHOICES)}.")
    return architecture


def names_of(architecture: str) -> list[str]:
    """The names of what can be chosen. UsageError for an architecture that there is not."""
    return [field.name for field in fields(CHOICES[known(architecture)])]


def told(architecture: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was said (None: nothing) of these choices. UsageError for one that the architecture does not have."""
    found = {name: value for name, value in given.items() if value is not None}
    for name in found.keys() - names_of(architecture):
        having = " or ".join(each for each in CHOICES if name in names_of(each))
        raise UsageError(
            f"{name} is {found[name]}, and a {architecture} has none.", f"It is for {having}; leave it out."
        )
    return found
