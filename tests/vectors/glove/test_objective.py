"""The objective of GloVe against its definition, and its gradients against differences."""

import math

import numpy as np
import pytest

import lmkit
from lmkit.vectors.glove.objective import Cells, gradients, objective, squared_length
from lmkit.vectors.glove.parameters import Parameters
from tests.conftest import TOY

X_MAX = 2.0  # in the toy corpus some pairs weigh 1 then, and some less
DIMENSIONS = 3


def toy() -> tuple[lmkit.WordMatrix, Parameters]:
    """The counts of the worked example, and parameters in 64 bits."""
    matrix = lmkit.cooccurrence(lmkit.encode_text(TOY))
    words, contexts = np.random.default_rng(1).normal(size=(2, len(matrix.words), DIMENSIONS + 1))
    return matrix, Parameters(words, contexts)


def test_the_objective_is_the_published_sum_over_the_cells() -> None:
    matrix, parameters = toy()
    expected = 0.0
    dense = matrix.matrix.toarray()
    assert (dense > X_MAX).any()
    for row, column in zip(*np.nonzero(dense), strict=True):
        count = float(dense[row, column])
        word, context = parameters.words[row], parameters.contexts[column]
        error = sum(word[:3] * context[:3]) + word[3] + context[3] - math.log(count)
        expected += min(1, (count / X_MAX) ** 0.75) * error**2
    assert objective(Cells.of_counts(matrix.matrix, X_MAX), parameters) == pytest.approx(expected, rel=1e-6)
    assert squared_length(parameters) == pytest.approx((parameters.words**2).sum() + (parameters.contexts**2).sum())


@pytest.mark.parametrize("coordinate", range(DIMENSIONS + 1), ids=["first", "second", "third", "bias"])
@pytest.mark.parametrize("side", ["words", "contexts"])
def test_the_gradients_are_the_slopes_of_the_objective(side: str, coordinate: int) -> None:
    """Of half the objective, by central differences, for each word of the toy corpus."""
    matrix, parameters = toy()
    cells = Cells.of_counts(matrix.matrix, X_MAX)
    rows, columns = matrix.matrix.nonzero()
    by_words, by_contexts = gradients(
        parameters.words[rows], parameters.contexts[columns], cells.weights, cells.logarithms
    )
    found = np.zeros_like(parameters.words)
    np.add.at(found, rows if side == "words" else columns, by_words if side == "words" else by_contexts)
    changed = getattr(parameters, side)
    for word in range(len(matrix.words)):
        there = changed[word, coordinate]
        values = []
        for moved in (there + 1e-4, there - 1e-4):
            changed[word, coordinate] = moved
            values.append(objective(cells, parameters))
        changed[word, coordinate] = there
        assert found[word, coordinate] == pytest.approx((values[0] - values[1]) / 2e-4 / 2, rel=1e-6, abs=1e-8)


def test_of_a_symmetric_matrix_the_contexts_have_the_cells_of_the_words() -> None:
    cells = Cells.of_counts(toy()[0].matrix, X_MAX)
    assert cells.transposed() is cells


def test_of_a_directed_matrix_the_contexts_have_the_columns_as_rows() -> None:
    matrix = lmkit.cooccurrence(lmkit.encode_text(TOY), directed=True).matrix
    turned = Cells.of_counts(matrix, X_MAX).transposed()
    expected = Cells.of_counts(matrix.T.tocsr(), X_MAX)
    for name in ("indptr", "columns", "weights", "logarithms"):
        np.testing.assert_array_equal(getattr(turned, name), getattr(expected, name))
