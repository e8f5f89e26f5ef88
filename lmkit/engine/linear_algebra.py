"""Dense products by one thread of the BLAS library: the same bits on any number of cores, and no threads that wait for each other.

Where work is to be faster, threads of `engine.threads` take rows, each by itself.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


class OneThread:
    """Whether BLAS is held to one thread: from when the first of those who want it so comes until the last has gone.

    The number of its threads is one for the whole process, and those who want it may be threads that come and go as they like.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits = ExitStack()
        self._inside = 0
        self._controller: Any = None
        self._modules = (
            0  # imported when the libraries of BLAS were looked for, which takes milliseconds; they come with modules
        )

    def enter(self) -> None:
        """Hold BLAS to one thread."""
        from threadpoolctl import ThreadpoolController

        with self._lock:
            is_new = len(sys.modules) != self._modules
            if is_new:
                self._controller, self._modules = ThreadpoolController(), len(sys.modules)
            if is_new or not self._inside:
                self._limits.enter_context(self._controller.limit(limits=1, user_api="blas"))
            self._inside += 1

    def leave(self) -> None:
        """Give BLAS its threads back, if nobody else wants it otherwise."""
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limits.close()


_one_thread = OneThread()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within this block, BLAS uses no threads of its own, in the whole process."""
    _one_thread.enter()
    try:
        yield
    finally:
        _one_thread.leave()


def solve_definite(matrix: NDArray[Any], target: NDArray[Any]) -> NDArray[Any] | None:
    """(n,) the solution of a symmetric positive definite system (n, n), by Cholesky's factors; None if it is none in its precision.

    matrix, target: float32 or float64, both of the same; the matrix is written over.
    """
    from scipy.linalg.lapack import dposv, sposv

    solve = sposv if matrix.dtype == np.float32 else dposv
    _, found, failed = solve(matrix.T, target, overwrite_a=True)  # Fortran's order, of which no copy is made
    return None if failed or not np.isfinite(found).all() else found
