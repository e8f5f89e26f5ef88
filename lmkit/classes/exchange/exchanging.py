"""Exchange: words in the order of their frequency each go to the best class, several at a time, and the likelihood never falls."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.exchange.settings import Classes, Words
from lmkit.engine.progress import stage

FREQUENT = 400  # words of rank r are looked at with r / 400 others: moved together, frequent words would spoil each other's gains
LEAST_GAIN = 1e-6  # nats: what is less may be rounding, with which a word could go to and fro for ever


class Partition(Protocol):
    """Words in classes, as an objective looks at them."""

    of_words: Classes  # (types,) the class of each word; -1 of those that stay by themselves
    sizes: NDArray[np.int64]  # (classes,) how many words each has

    def log_likelihood(self) -> float:
        """That of the text, in nats."""

    def best(self, words: Words) -> Classes:
        """The class in which each of some words does most for the likelihood, with all others where they are: its own if none is better."""

    def move(self, words: Words, classes: Classes) -> float:
        """Put words into other classes. Returns by how much the log-likelihood grows."""


def go_through(partition: Partition, words: Words) -> int:
    """Make a pass through the words, which are sorted by frequency. Returns how many moved."""
    advance = stage("exchanging words", len(words))
    moved = 0
    for some in together(words):
        moved += exchange(partition, some)
        advance(len(some))
    return moved


def together(words: Words) -> Iterator[Words]:
    """The words, some at a time."""
    first = 0
    while first < len(words):
        last = first + 1 + first // FREQUENT
        yield words[first:last]
        first = last


def exchange(partition: Partition, words: Words) -> int:
    """Put each of some words into its best class, with all others where they are. Returns how many moved.

    What each would gain alone, several together may lose, or they leave a class empty: then they go back, and each half of them is looked at
    again after the other. So no class becomes empty, and the likelihood grows whenever a word moves.
    """
    best = partition.best(words)
    moving = best != partition.of_words[words]
    words, best = words[moving], best[moving]
    if not len(words):
        return 0
    before = partition.of_words[words].copy()
    if partition.move(words, best) > LEAST_GAIN and partition.sizes.all():
        return len(words)
    partition.move(words, before)
    half = len(words) // 2
    return exchange(partition, words[:half]) + exchange(partition, words[half:]) if half else 0
