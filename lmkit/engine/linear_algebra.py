"""Dense products by one thread of the BLAS library: the same bits on any number of cores, and no threads that wait for each other.

Where work is to be faster, threads of `engine.threads` take rows, each by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within this block, BLAS uses no threads of its own, in the whole process."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
