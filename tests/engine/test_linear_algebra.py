"""BLAS held to one thread, whoever comes and goes."""

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from lmkit.engine.linear_algebra import one_blas_thread


def blas_threads() -> set[int]:
    """How many threads the BLAS libraries of this process have."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    """As on a machine with two cores."""
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2, user_api="blas"):
        yield


def test_threads_come_back_after_the_block() -> None:
    assert blas_threads() == {2}
    with one_blas_thread():
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_blas_has_one_thread_until_the_last_has_gone() -> None:
    """Blocks of threads overlap as they like: the first to come is the first to go."""
    first, second = ExitStack(), ExitStack()
    first.enter_context(one_blas_thread())
    second.enter_context(one_blas_thread())
    first.close()
    assert blas_threads() == {1}
    second.close()
    assert blas_threads() == {2}
