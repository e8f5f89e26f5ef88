"""Where training starts."""

import numpy as np

from lmkit.engine.resources import Resources
from lmkit.vectors.association import ppmi
from lmkit.vectors.factorization.svd import triplets
from lmkit.vectors.glove.parameters import Parameters
from lmkit.vectors.word_matrix import WordMatrix


def random_start(words: int, dimensions: int, seed: int) -> Parameters:
    """Uniform numbers between −½ and ½, divided by d, as GloVe was published."""
    numbers = np.random.Generator(np.random.PCG64(seed))
    sides = [numbers.random((words, dimensions + 1), np.float32) - np.float32(0.5) for _ in range(2)]
    return Parameters(*(side / np.float32(dimensions) for side in sides))


def svd_start(counts: WordMatrix, dimensions: int, seed: int, resources: Resources) -> Parameters:
    """The best vectors for the PPMI in natural logarithms, and the rest of ln X as biases.

    ln X = PMI + ln #(w) + ln #(c) − ln N, with the sums #(w) of rows, #(c) of columns, and N of all: of w·w̃ the PMI, as far as it is
    above 0, is known to singular vectors times the roots of their values; the biases are halves of the rest, ln #(w) − ½ ln N.
    """
    weighted = ppmi(counts, resources=resources).matrix * np.log(2)
    found = triplets(weighted, dimensions, "krylov", seed, resources.workers)
    roots = np.sqrt(found.values)
    half = np.log(counts.matrix.sum()) / 2
    sides = []
    for axis, vectors in ((1, found.left), (0, found.right)):
        sums = counts.matrix.sum(axis=axis)
        biases = np.log(np.where(sums > 0, sums, np.exp(half))) - half  # 0 of words that stand beside none
        sides.append(np.column_stack([vectors * roots, biases]).astype(np.float32))
    return Parameters(*sides)
