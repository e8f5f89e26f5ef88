"""Small vectors that many tests ask."""

from collections.abc import Sequence

import numpy as np

from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.word_vectors import WordVectors


def vectors_of(table: dict[str, Sequence[float]]) -> WordVectors:
    """Vectors by word, in this order."""
    words = Vocabulary.from_words([word.encode() for word in table])
    return WordVectors(words, np.array(list(table.values()), np.float32), "by hand", {})


def random_vectors(words: Sequence[str], dimensions: int, seed: int = 1) -> WordVectors:
    """Vectors of normally distributed numbers for these words."""
    generator = np.random.default_rng(seed)
    matrix = generator.standard_normal((len(words), dimensions)).astype(np.float32)
    return WordVectors(Vocabulary.from_words([word.encode() for word in words]), matrix, "random", {})


# Second coordinate: royal; first: 1 of men, −1 of women; third: an animal.
ROYAL = vectors_of(
    {
        "homme": (1, 0, 0),
        "femme": (-1, 0, 0),
        "roi": (1, 2, 0),
        "reine": (-1, 2, 0),
        "chat": (0, 0, 3),
        "rien": (0, 0, 0),
    }
)
