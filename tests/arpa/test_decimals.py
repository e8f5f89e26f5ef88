"""Probabilities as the shortest decimals that give them back."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lmkit.arpa.decimals import WIDTH, are_usual, negative_decimals


def written(values: NDArray[np.float32]) -> list[str]:
    """The texts of values that are usual."""
    texts, lengths = negative_decimals(values)
    rows = texts.reshape(-1, WIDTH)
    return [bytes(row[:length]).decode().removeprefix("\n") for row, length in zip(rows, lengths, strict=True)]


def shortest_decimals(values: NDArray[np.float32]) -> list[str]:
    """The same by NumPy's algorithm for one number."""
    return [np.format_float_positional(value, unique=True, trim="-") for value in values]


@pytest.mark.parametrize("exponent", range(-3, 4))
def test_decimals_are_the_shortest_that_give_a_float_back(exponent: int) -> None:
    fractions = np.random.default_rng(exponent + 3).random(3000)
    values = -np.ldexp(1 + fractions, exponent).astype(np.float32)
    values = values[are_usual(values)]
    assert len(values)
    assert written(values) == shortest_decimals(values)


def test_numbers_of_few_decimals_keep_them() -> None:
    few = np.concatenate([-np.arange(1, 10 * 10**places) / 10**places for places in range(4)]).astype(np.float32)
    few = few[are_usual(few)]
    assert "-3" in written(few)
    assert written(few) == shortest_decimals(few)


def test_neighbours_of_powers_of_two_and_of_the_limits_are_written_or_told_unusual() -> None:
    edges = -np.array([0.125, 0.25, 0.5, 1, 2, 4, 8, 10], np.float32)
    near = np.concatenate([edges, np.nextafter(edges, np.float32(0)), np.nextafter(edges, np.float32(-99))])
    usual = near[are_usual(near)]
    assert len(usual) == 14  # of the edges none, nor what is beyond the first and the last
    assert written(usual) == shortest_decimals(usual)


def test_numbers_half_way_between_two_decimals_are_the_even_ones() -> None:
    # 1 + 1/256 and its like have 8 decimals, and 7 are enough: the last is a tie.
    ties = (-np.arange(257, 512, 2) / 256).astype(np.float32)
    assert written(ties)[0] == "-1.0039062"
    assert written(ties) == shortest_decimals(ties)


def test_zeros_infinities_positive_and_double_numbers_are_unusual() -> None:
    odd = np.array([0.0, -0.0, -np.inf, np.inf, np.nan, 0.3, -99, -1e-30], np.float32)
    assert not are_usual(odd).any()
    assert not are_usual(np.array([-0.3, -1.5])).any()
