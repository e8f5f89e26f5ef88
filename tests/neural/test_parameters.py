"""All parameters in one vector."""

import numpy as np
import pytest

from lmkit.neural.parameters import Parameters

SHAPES = {"w": (2, 3), "b": (3,), "none": (0, 5)}


def test_views_are_the_vector_by_name() -> None:
    parameters = Parameters(SHAPES)
    parameters["w"][1, 2] = 5
    parameters["b"][...] = 7
    np.testing.assert_array_equal(parameters.vector, [0, 0, 0, 0, 0, 5, 7, 7, 7])
    parameters.vector[0] = 3
    assert parameters["w"][0, 0] == 3
    assert (len(parameters), parameters.dtype, "w" in parameters, "v" in parameters) == (9, np.dtype("f4"), True, False)


def test_a_vector_that_is_given_is_kept() -> None:
    vector = np.arange(9.0)
    parameters = Parameters(SHAPES, vector=vector)
    parameters["b"][0] = -1
    assert (vector[6], parameters.dtype) == (-1, np.dtype("f8"))


def test_what_is_alike_has_the_shapes_and_numbers_and_is_zero() -> None:
    found = Parameters(SHAPES, np.float64, np.arange(9.0)).like()
    assert (found.shapes, found.dtype) == (SHAPES, np.dtype("f8"))
    assert not found.vector.any()


@pytest.mark.parametrize("size", [8, 10])
def test_a_vector_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=rf"there are {size} parameters, and 9 are needed"):
        Parameters(SHAPES, vector=np.zeros(size))
