"""Backoff models as no estimator makes them, and their distributions, word by word, from the definition."""

import io
import math
from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

import lmkit
from lmkit.arpa.reading import read_arpa

WORDS = ["a", "b", "c", "d", "</s>"]


def random_arpa(seed: int, order: int) -> str:
    """An ARPA file with any n-grams whose histories it lists, in which suffixes are missing and nothing sums to 1."""
    random = Random(seed)  # noqa: S311 (makes test data)
    grams: list[list[tuple[str, ...]]] = [[("<s>",), ("<unk>",), *((word,) for word in WORDS)]]
    for _ in range(order - 1):
        longer = [(*gram, word) for gram in grams[-1] if gram[-1] != "</s>" for word in WORDS if random.random() < 0.35]
        grams.append(longer)
    lines = ["\\data\\", *(f"ngram {k}={len(listed)}" for k, listed in enumerate(grams, start=1))]
    for k, listed in enumerate(grams, start=1):
        lines.append(f"\n\\{k}-grams:")
        for gram in listed:
            is_zero = gram == ("<s>",) or random.random() < 0.1
            log10_prob = -99 if is_zero else -random.choice([0.001, 0.3, 1.0, 2.0, 4.0]) * random.uniform(0.9, 1)
            log10_backoff = random.choice([-99, -2.0, -0.5, 0.0, 0.4, 1.5])
            lines.append(f"{log10_prob:.6f}\t{' '.join(gram)}" + (f"\t{log10_backoff:.6f}" if k < order else ""))
    return "\n".join([*lines, "\n\\end\\\n"])


def read(arpa: str) -> lmkit.NgramModel:
    """The model of an ARPA text."""
    return read_arpa(io.BytesIO(arpa.encode()), precision="double")


def random_model(seed: int, order: int) -> lmkit.NgramModel:
    """A model of such a file."""
    return read(random_arpa(seed, order))


def tempered(
    model: lmkit.NgramModel,
    history: Sequence[str],
    *,
    temperature: float = 1.0,
    unknown: bool = False,
    top: int | None = None,
) -> NDArray[np.float64]:
    """(types,) p(w | history)^(1/T), renormalised over the `top` most probable words; all 0 where nothing can follow."""
    logs = lmkit.conditional_log10_probs(model, " ".join(history)).tolist()
    words = [word.decode() for word in model.vocabulary.words]
    allowed = [k for k, word in enumerate(words) if logs[k] > -math.inf and (unknown or word != "<unk>")]
    kept = sorted(allowed, key=lambda k: (-logs[k], words[k]))[:top]
    largest = max((logs[k] for k in kept), default=0.0)
    values = np.zeros(len(words))
    for k in kept:
        values[k] = 10 ** ((logs[k] - largest) / temperature)
    return values / values.sum() if kept else values
