"""Small texts, batches and models with random numbers: no training is needed to see whether they compute what they should."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.architectures.bigram import Bigrams, BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.lanes import Lanes
from lmkit.neural.model import NeuralModel
from lmkit.neural.parameters import Parameters
from lmkit.neural.windows import inputs_of, windows_at
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, MARKS, Vocabulary

TYPES = 13
SHAPES: dict[str, Shape] = {
    "bigram": BigramShape(),
    "feed-forward, tied": FeedForwardShape(order=4, dimensions=4, hidden=6),
    "feed-forward, untied": FeedForwardShape(order=3, dimensions=4, hidden=6, tied=False),
    "feed-forward, bigrams": FeedForwardShape(order=2, dimensions=4, hidden=6),
    "transformer, learned positions": TransformerShape(dimensions=8, layers=2, heads=2, context=6),
    "transformer, sinusoidal positions": TransformerShape(8, 1, 4, 6, "sinusoidal"),
    "transformer, one head, context 1": TransformerShape(4, 1, 1, 1),
}


def random_sentences(lengths: Sequence[int], seed: int = 1, types: int = TYPES) -> NDArray[np.int32]:
    """Padded sentences of so many words each."""
    generator = np.random.default_rng(seed)
    parts: list[NDArray[Any]] = []
    for length in lengths:
        parts += [np.array([BOS]), generator.integers(2, types, length), np.array([EOS])]
    return np.concatenate([np.zeros(0, np.int32), *parts]).astype(np.int32)


def random_text(sentences: int = 30, longest: int = 14, seed: int = 1) -> NDArray[np.int32]:
    """Padded sentences of all lengths, empty ones among them."""
    lengths = np.random.default_rng(seed).integers(0, longest + 1, sentences)
    return random_sentences(lengths.tolist(), seed)


def random_parameters(shape: Shape, dtype: Any = np.float64, seed: int = 1, types: int = TYPES) -> Parameters:
    """Parameters large enough for every function to be far from a straight line."""
    parameters = shape.initial(types, seed, None, dtype)
    parameters.vector += np.random.default_rng(seed).normal(0, 0.3, len(parameters))
    return parameters


def random_batch(shape: Shape, windows: int = 9, seed: int = 1) -> Any:
    """Windows at random places of a text, or its bigrams, as the shape has it."""
    inputs = inputs_of(random_text())
    if not shape.time:
        return Bigrams.of(inputs, TYPES)
    places = np.random.default_rng(seed).integers(0, len(inputs), windows)  # some end after the text
    return windows_at(inputs, places, shape.time, shape.before)


def random_model(shape: Shape, words: int = TYPES - FIRST_WORD, seed: int = 1) -> NeuralModel:
    """A model that knows the words w0, w1, …"""
    listed = [*MARKS, *(f"w{number}".encode() for number in range(words))]
    parameters = random_parameters(shape, np.float32, seed, len(listed))
    return NeuralModel(Vocabulary.from_words(listed), TextSettings(), shape, parameters, {"seed": seed})


@contextmanager
def lanes(
    shape: Shape, parameters: Parameters, dropout: float = 0.0, workers: int = 1, part: int = 2
) -> Iterator[Lanes]:
    """The lanes of a small model, drawing by a key."""
    with Lanes(lambda: shape.network(parameters, dropout), workers, part) as made:
        made.seed(1, 2)
        yield made
