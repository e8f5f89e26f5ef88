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

    shape: type[Shape]  # a dataclass: its fields are what can be chosen
    predictor: Callable[[Any], SoftmaxPredictor]  # of its networks


ARCHITECTURES = {
    row.shape.name: row
    for row in (
        Architecture(BigramShape, HistoryPredictor),
        Architecture(FeedForwardShape, HistoryPredictor),
        Architecture(TransformerShape, CachedPredictor),
    )
}


def choices_of(shape: Shape) -> dict[str, Any]:
    """What was chosen of a shape, by name; JSON values."""
    return {field.name: getattr(shape, field.name) for field in fields(cast(Any, shape))}
