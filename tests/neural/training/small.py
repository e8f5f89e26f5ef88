"""Small texts, networks and trainings, which take a second."""

from typing import Any

from lmkit.neural.architectures.bigram import BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.model import NeuralModel
from lmkit.neural.training.settings import TrainingSettings
from lmkit.neural.training.training import train_neural
from lmkit.text.settings import TextSettings
from tests.conftest import train_text

CHARACTERS = TextSettings(unit="character")
SHAPES: dict[str, Shape] = {
    "bigram": BigramShape(),
    "feed-forward": FeedForwardShape(order=3, dimensions=8, hidden=16),
    "transformer": TransformerShape(dimensions=8, layers=1, heads=2, context=8),
}


def trained(architecture: str, steps: int | None = 30, *, texts: Any = None, seed: int = 1, **how: Any) -> NeuralModel:
    """A model of the characters of the English training text. how: see `train_neural`; settings of training among them."""
    given = {name: how.pop(name) for name in list(how) if name in TrainingSettings.__dataclass_fields__}
    training = TrainingSettings.of(architecture, "character", **({"steps": steps, "seed": seed} | given))
    text = train_text("en") if texts is None else texts
    settings = how.pop("settings", CHARACTERS)
    return train_neural(
        text, architecture, shape=how.pop("shape", SHAPES[architecture]), training=training, settings=settings, **how
    )
