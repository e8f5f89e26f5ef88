"""Where training starts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from lmkit.vectors.association import ppmi
from lmkit.vectors.glove.parameters import Parameters


def random_start(words: int, dimensions: int, seed: int) -> Parameters:
    """Uniform numbers between −½ and ½, divided by d, as GloVe was published."""
    numbers = np.random.Generator(np.random.PCG64(seed))
    sides = [numbers.random((words, dimensions + 1), np.float32) - np.float32(0.5) for _ in range(2)]
    return Parameters(*(side / np.float32(dimensions) for side in sides))


def svd_start(counts: Any, dimensions: int, seed: int) -> Parameters:
    """The best vectors for the PPMI in natural logarithms, and the rest of ln X as biases.

    ln X = PMI + ln #(w) + ln #(c) − ln N, with the sums #(w) of rows, #(c) of columns, and N of all: of w·w̃ the PMI, as far as it is
    above 0, is known to singular vectors times the roots of their values; the biases are halves of the rest, ln #(w) − ½ ln N.
    """
    left, values, right = singular_vectors(ppmi(counts) * np.log(2), dimensions, seed)
    roots = np.sqrt(values)
    half = np.log(counts.sum()) / 2
    sides = []
    for axis, vectors in ((1, left), (0, right.T)):
        sums = counts.sum(axis=axis)
        biases = np.log(np.where(sums > 0, sums, np.exp(half))) - half  # 0 of words that stand beside none
        sides.append(np.column_stack([vectors * roots, biases]).astype(np.float32))
    return Parameters(*sides)


def singular_vectors(matrix: Any, number: int, seed: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The largest singular values and their vectors."""
    if number >= matrix.shape[0]:
        left, values, right = np.linalg.svd(matrix.toarray())
        return left[:, :number], values[:number], right[:number]
    found: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] = svds(matrix, number, rng=np.random.default_rng(seed))
    return found
