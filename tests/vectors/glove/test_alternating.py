"""Alternating least squares: each row is where the objective and the ridge are least, whatever form its equations have."""

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError
from lmkit.vectors.glove.alternating import Alternation, Side
from lmkit.vectors.glove.objective import Cells, gradients
from lmkit.vectors.glove.parameters import Parameters
from lmkit.vectors.glove.starting import random_start
from tests.conftest import train_text

RIDGE = 0.1


@pytest.fixture(scope="module")
def english() -> Cells:
    """The cells of the English training text."""
    return Cells.of_counts(lmkit.cooccurrence(lmkit.encode_text(train_text("en"), cutoff=2)).matrix, 10)


def slopes(cells: Cells, parameters: Parameters, ridge: float) -> np.ndarray:
    """The gradient of half of J + λ‖·‖² by the parameters of the words."""
    rows = np.repeat(np.arange(len(cells.indptr) - 1), np.diff(cells.indptr))
    words, contexts = (side.astype(np.float64) for side in (parameters.words, parameters.contexts))
    by_cell, _ = gradients(words[rows], contexts[cells.columns], cells.weights, cells.logarithms)
    found = ridge * words
    np.add.at(found, rows, by_cell)
    return found


@pytest.mark.parametrize("dimensions", [2, 15, 100])
def test_after_a_solution_the_slopes_of_all_words_are_zero(english: Cells, dimensions: int) -> None:
    """With 2 dimensions most words have more cells than coordinates, with 100 fewer."""
    parameters = random_start(len(english.indptr) - 1, dimensions, 1)
    before = np.abs(slopes(english, parameters, RIDGE)).max()
    assert Side(english, parameters.words, parameters.contexts, RIDGE).solve(None) == 0
    assert np.abs(slopes(english, parameters, RIDGE)).max() < 1e-5 * before


def test_steps_of_conjugate_gradients_come_to_the_solution(english: Cells) -> None:
    """In exact arithmetic, they are there after as many steps as there are coordinates; few lower the slopes already."""
    start = random_start(len(english.indptr) - 1, 5, 1)
    solved, near, there = (start.words.copy() for _ in range(3))
    Side(english, solved, start.contexts, RIDGE).solve(None)
    Side(english, near, start.contexts, RIDGE, steps=2).solve(None)
    Side(english, there, start.contexts, RIDGE, steps=12).solve(None)
    assert there == pytest.approx(solved, abs=1e-4)
    far = np.abs(solved - start.words).max()
    assert 1e-3 * far < np.abs(near - solved).max() < far


def sixteen_equal_cells(ridge: float) -> tuple[Side, Parameters]:
    """Words of which each has 16 cells, all with the same equation a + b = 2, where a ridge below the digits of 32 bits is lost."""
    size = 16
    cells = Cells(
        np.arange(0, size * size + 1, size), np.tile(np.arange(size), size), *np.ones((2, size * size), np.float32)
    )
    words, contexts = np.zeros((size, 2), np.float32), np.tile(np.array([1, -1], np.float32), (size, 1))
    return Side(cells, words, contexts, ridge), Parameters(words, contexts)


def test_what_32_bits_cannot_solve_is_solved_in_64_and_counted() -> None:
    """16 (a + b − 2)² + λ(a² + b²) is least where a = b = 32 / (32 + λ)."""
    side, parameters = sixteen_equal_cells(1e-8)
    assert side.solve(1) == 16
    assert parameters.words == pytest.approx(np.ones((16, 2)), rel=1e-6)
    side, parameters = sixteen_equal_cells(16)
    assert side.solve(1) == 0
    assert parameters.words == pytest.approx(np.full((16, 2), 2 / 3), rel=1e-6)


def test_a_ridge_that_is_lost_in_64_bits_too_is_an_error() -> None:
    side, _ = sixteen_equal_cells(1e-30)
    with pytest.raises(DataError, match=r"no solution in 64 bits with a ridge of 1e-30\.\nGive a larger one"):
        side.solve(1)


def test_a_word_beside_no_other_has_the_zero_vector() -> None:
    """Its part of J is empty, and the ridge is least there."""
    parameters = random_start(2, 1, 1)
    cells = Cells(np.array([0, 1, 1]), np.array([0]), np.ones(1, np.float32), np.ones(1, np.float32))
    list(Alternation(cells, parameters, RIDGE, None).go_through(1))
    assert not parameters.words[1].any()
    assert not parameters.contexts[1].any()
    assert parameters.words[0].all()
