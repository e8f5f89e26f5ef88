"""Dense products by one thread of the BLAS library: the same bits on any number of cores, and no threads that wait for each other.

Where work is to be faster, threads of `engine.threads` take rows, each by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within this block, BLAS uses no threads of its own, in the whole process."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


def solve_definite(matrix: NDArray[Any], target: NDArray[Any]) -> NDArray[Any] | None:
    """(n,) the solution of a symmetric positive definite system (n, n), by Cholesky's factors; None if it is none in its precision.

    matrix, target: float32 or float64, both of the same; the matrix is written over.
    """
    from scipy.linalg.lapack import dposv, sposv

    solve = sposv if matrix.dtype == np.float32 else dposv
    _, found, failed = solve(matrix.T, target, overwrite_a=True)  # Fortran's order, of which no copy is made
    return None if failed or not np.isfinite(found).all() else found
