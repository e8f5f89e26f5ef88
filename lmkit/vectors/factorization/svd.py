"""Word vectors by factoring a matrix of associations: A ≈ U S Vᵀ; the vectors are the rows of U S^p (Levy, Goldberg & Dagan 2015)."""

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.vectors.association import NONE, as_factored, named_association
from lmkit.vectors.choices import DIMENSIONS, SEED, Solver
from lmkit.vectors.factorization.exact import exact_triplets
from lmkit.vectors.factorization.krylov import krylov_triplets
from lmkit.vectors.factorization.triplets import Triplets
from lmkit.vectors.word_matrix import WordMatrix, check_cells
from lmkit.vectors.word_vectors import WordVectors

SVD = "svd"
ALPHA = 0.75  # context distribution smoothing of Levy, Goldberg & Dagan, as word2vec draws its noise
LEAST_SHARE = 1e-6  # of the largest singular value: what is smaller is rounding


@dataclass(frozen=True, eq=False)
class Factorization:
    """Word vectors, and what is to be said of how they came about."""

    vectors: WordVectors
    energy: float  # the share of the squares of all cells that the kept dimensions have
    blocks: int  # the solver took; 0: the solution is exact
    is_settled: bool  # whether more blocks would hardly change it


def svd_vectors(matrix: WordMatrix, dimensions: int = DIMENSIONS, **options: Any) -> WordVectors:
    """Word vectors (words, dimensions) of a words × contexts matrix of counts; options: see `factored`."""
    return factored(matrix, dimensions, **options).vectors


def factored(
    matrix: WordMatrix,
    dimensions: int = DIMENSIONS,
    *,
    association: str = "ppmi",
    alpha: float | None = None,
    shift: float | None = None,
    eigenvalue_weight: float = 0.5,
    add_contexts: bool = False,
    solver: Solver = "krylov",
    seed: int = SEED,
    resources: Resources = Resources(),
) -> Factorization:
    """The words of a matrix as the rows of U S^p, most frequent first, and how much of the matrix they hold.

    association: what becomes of counts first, or "none"; alpha (default: 0.75 where it has a use) and shift (default: 1) are its own
    (see `associated`). eigenvalue_weight: p; 0 weighs all dimensions the same, 1 keeps the products of the matrix. add_contexts: the
    rows of V S^p are added, those of the same words as contexts. The same bits for any number of threads. UsageError for options that
    make no sense, DataError for a matrix without words, with cells that are no numbers, or of a rank below the dimensions.
    """
    if not 0 <= eigenvalue_weight <= 1:
        raise UsageError(f"the eigenvalue weight is {eigenvalue_weight:g}; it must be from 0 to 1.")
    if dimensions < 1:
        raise UsageError(f"there are {dimensions} dimensions; it must be 1 or more.")
    check_cells(matrix, "vectors are made")
    types = len(matrix.words)
    if dimensions > types:
        raise DataError(
            f"{dimensions} dimensions were asked for, and the matrix has {types} words.", f"Ask for {types} or fewer."
        )
    if association != NONE and alpha is None and "alpha" in named_association(association).options:
        alpha = ALPHA
    stage("weighting the cells")
    weighted = as_factored(matrix.most_frequent_first(), association, resources, alpha=alpha, shift=shift)
    with one_blas_thread():
        found = triplets(weighted.matrix, dimensions, solver, seed, resources.workers).with_signs()
        check_rank(found, dimensions)
        weights = found.values**eigenvalue_weight
        rows = (found.left * weights).astype(np.float32)
        contexts = (found.right * weights).astype(np.float32)
    squares = float(np.square(weighted.matrix.data, dtype=np.float64).sum())
    details = {"association": weighted.cells} | shaping(solver, seed, eigenvalue_weight, add_contexts)
    vectors = WordVectors(
        weighted.words,
        rows + contexts if add_contexts else rows,
        SVD,
        details | weighted.details,
        {"contexts": contexts, "singular_values": found.values.astype(np.float32)},
    )
    return Factorization(vectors, float((found.values**2).sum()) / squares, found.blocks, found.is_settled)


def shaping(solver: Solver, seed: int, eigenvalue_weight: float, add_contexts: bool) -> dict[str, Any]:
    """What shapes vectors beside the matrix, for signatures."""
    known = {"eigenvalue_weight": float(eigenvalue_weight), "add_contexts": add_contexts, "solver": solver}
    return known | ({"seed": seed} if solver == "krylov" else {})


def triplets(matrix: Any, k: int, solver: Solver, seed: int, workers: int | None) -> Triplets:
    """The k largest singular values and their vectors. UsageError for an unknown solver."""
    if solver not in get_args(Solver):
        raise UsageError(f"the solver is {solver!r}; it must be {' or '.join(get_args(Solver))}.")
    if not matrix.nnz:
        raise DataError(
            "all cells of the weighted matrix are 0: no two words meet more often than by chance.",
            "Take more text, a lower --shift, or --association log.",
        )
    if solver == "exact":
        return exact_triplets(matrix, k, seed)
    return krylov_triplets(matrix, k, seed=seed, workers=workers)


def check_rank(found: Triplets, dimensions: int) -> None:
    """DataError if the matrix has fewer singular values above 0 than dimensions."""
    rank = int((found.values > LEAST_SHARE * found.values[0]).sum())
    if rank < dimensions:
        raise DataError(
            f"{dimensions} dimensions were asked for, and the rank of the matrix is {rank}: there are no more directions in which words differ.",
            f"Ask for {rank} or fewer (-d {rank}), or take more text.",
        )
