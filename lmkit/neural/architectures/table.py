"""The architectures, by name."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, cast

from lmkit.neural.architectures.bigram import BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.predicting.caching import CachedPredictor
from lmkit.neural.predicting.histories import HistoryPredictor
from lmkit.neural.predicting.softmax import SoftmaxPredictor


@dataclass(frozen=True)
class Architecture:
    """A kind of network."""

    title: str  # for people
    shape: type[Shape]  # a dataclass: its fields are what can be chosen
    predictor: Callable[[Any], SoftmaxPredictor]  # of its networks


ARCHITECTURES = {  # by the name that options and files have
    "bigram": Architecture("softmax regression on bigrams", BigramShape, HistoryPredictor),
    "feed-forward": Architecture("feed-forward n-gram model (Bengio et al., 2003)", FeedForwardShape, HistoryPredictor),
    "transformer": Architecture("causal transformer", TransformerShape, CachedPredictor),
}


def name_of(shape: Shape) -> str:
    """The name of the architecture of a shape."""
    return next(name for name, architecture in ARCHITECTURES.items() if isinstance(shape, architecture.shape))


def choices_of(shape: Shape) -> dict[str, Any]:
    """What was chosen of a shape, by name; JSON values."""
    return {field.name: getattr(shape, field.name) for field in fields(cast(Any, shape))}
