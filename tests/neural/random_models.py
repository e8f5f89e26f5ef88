"""Small neural models with random parameters: what holds for them holds for trained ones."""

from pathlib import Path

import numpy as np

import lmkit
from lmkit.neural.architectures.bigram import BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.model import NeuralModel
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import Vocabulary

CONTEXT = 8  # of the transformers
SHAPES: dict[str, Shape] = {
    "bigram": BigramShape(),
    "feed-forward": FeedForwardShape(order=4, dimensions=6, hidden=10),
    "untied": FeedForwardShape(order=3, dimensions=6, hidden=10, tied=False),
    "transformer": TransformerShape(dimensions=8, layers=2, heads=2, context=CONTEXT),
    "sinusoidal": TransformerShape(dimensions=8, layers=1, heads=4, context=CONTEXT, positions="sinusoidal"),
}
WORDS = ["le", "la", "chat", "chien", "dort", "mange", "sur", "dans", "tapis", "jardin", "été", "souris"]


def random_model(name: str, scale: float = 0.6) -> NeuralModel:
    """A model of one of the shapes, whose parameters deviate by so much."""
    vocabulary = Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", *(word.encode() for word in WORDS)])
    shape = SHAPES[name]
    parameters = shape.initial(len(vocabulary), 1)
    parameters.vector[...] = np.random.default_rng(2).normal(0, scale, len(parameters))
    return NeuralModel(vocabulary, TextSettings(), shape, parameters)


def saved_model(name: str, folder: Path) -> Path:
    """The same in a file."""
    path = folder / f"{name}.safetensors"
    lmkit.save(random_model(name), path)
    return path
