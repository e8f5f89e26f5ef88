"""The singular value decomposition to machine precision: dense where the matrix is small, else by ARPACK."""

from typing import Any

import numpy as np

from lmkit.engine.progress import stage
from lmkit.vectors.factorization.triplets import Triplets

DENSE_CELLS = 1 << 24  # of a matrix that is decomposed as a dense one


def exact_triplets(matrix: Any, k: int, seed: int) -> Triplets:
    """The k largest singular values of a sparse matrix and their vectors, in float64.

    Matrices of up to 16 million cells, zeros included, are decomposed whole; of others, ARPACK finds the values, which takes minutes.
    """
    rows, columns = matrix.shape
    stage("decomposing the matrix")
    if rows * columns <= DENSE_CELLS or k >= min(rows, columns):
        left, values, right = np.linalg.svd(matrix.toarray().astype(np.float64), full_matrices=False)
        return Triplets(left[:, :k], values[:k], right[:k].T)
    from scipy.sparse.linalg import svds

    start = np.random.Generator(np.random.PCG64(seed)).standard_normal(min(rows, columns))
    left, values, right = svds(matrix.astype(np.float64), k, v0=start, solver="arpack")
    order = np.argsort(-values, kind="stable")
    return Triplets(left[:, order], values[order], right[order].T)
