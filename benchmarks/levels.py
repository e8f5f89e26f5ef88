"""How often the tests of `lmkit compare` find a difference where there is none: `python -m benchmarks.levels`.

Sentences have 5 to 39 tokens. Their differences are drawn with mean 0, so that both models are equally good: `normal`;
`swapped`, lognormal with a random sign, as if the models had been swapped at random; `skewed`, exponential;
`very skewed`, lognormal. A test that holds its level finds a difference in 5 % of the texts.
"""

import argparse
import math

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.bootstrap import paired_bootstrap
from lmkit.scoring.resampling import TESTS, Test

SENTENCES = (10, 30, 100)
KINDS = ("normal", "swapped", "skewed", "very skewed")


def differences_of(kind: str, random: np.random.Generator, sentences: int) -> NDArray[np.float64]:
    """(sentences,) differences of this kind, of mean 0."""
    if kind == "normal":
        return random.normal(size=sentences)
    if kind == "swapped":
        return random.lognormal(size=sentences) * (2.0 * random.integers(0, 2, sentences) - 1)
    if kind == "skewed":
        return random.exponential(size=sentences) - 1
    return random.lognormal(size=sentences) - math.exp(0.5)


def false_alarms(test: Test, kind: str, sentences: int, texts: int, seed: int = 1, samples: int = 199) -> float:
    """The share of texts in which the test finds a difference at 5 %; the same texts for every test."""
    random = np.random.default_rng(seed)
    found = 0
    for text in range(texts):
        weights = random.integers(5, 40, sentences)
        differences = differences_of(kind, random, sentences) * np.sqrt(weights)
        drawn = paired_bootstrap(differences, weights, test=test, samples=samples, seed=text, workers=1)
        found += drawn.p_value <= 0.05
    return found / texts


def main() -> None:
    """Print the rates as a table of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1000, help="Texts for each rate [default: 1000].")
    parser.add_argument("--seed", type=int, default=1, help="Of the texts [default: 1].")
    chosen = parser.parse_args()
    print(f"| differences | sentences | {' | '.join(TESTS)} |\n|---|---|{'---|' * len(TESTS)}")
    for kind in KINDS:
        for sentences in SENTENCES:
            rates = [false_alarms(test, kind, sentences, chosen.texts, chosen.seed) for test in TESTS]
            print(f"| {kind} | {sentences} | {' | '.join(f'{rate:.3f}' for rate in rates)} |", flush=True)


if __name__ == "__main__":
    main()
