"""A text of any size that behaves like language where counting is concerned, always the same for a seed."""

from pathlib import Path

import numpy as np

BLOCK = 1 << 18  # words written at a time


def write_text(path: Path, tokens: int, seed: int = 1, types: int = 200_000) -> None:
    """Write about `tokens` words in sentences of 5 to 39 words.

    Words follow Zipf's law (a word's frequency is inverse to its rank). With probability 1/2 a word is not drawn anew,
    but is the usual follower of the word before it (one of four, which depend on that word alone): a Markov chain
    whose n-grams repeat as they do in texts.
    """
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, types + 1)
    cumulated = np.cumsum(weights / weights.sum())
    words = np.array([f"w{number:x}" for number in range(types)])
    with path.open("w", encoding="utf-8") as file:
        left = tokens
        while left > 0:
            size = min(BLOCK, left)
            drawn = np.searchsorted(cumulated, rng.random(size))
            follows, which = rng.random(size) < 0.5, rng.integers(0, 4, size)
            # Two passes: a follower may follow a follower.
            for _ in range(2):
                usual = (drawn[:-1] * 2654435761 + which[1:] * 40503) % 5_000_011 % types
                usual = np.minimum(usual, np.searchsorted(cumulated, usual / types))  # followers are frequent, too
                drawn[1:] = np.where(follows[1:], usual, drawn[1:])
            lengths = rng.integers(5, 40, size // 5 + 1)
            ends = np.cumsum(lengths)
            starts = np.concatenate(([0], ends[ends < size]))
            for sentence in np.split(words[drawn], starts[1:]):
                file.write(" ".join(sentence) + "\n")
            left -= size
