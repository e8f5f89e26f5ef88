"""Choosing words of whole distributions: the sums of shares are exact, however they are added up."""

import numpy as np
import pytest

from lmkit.scoring.generating.choosing import SEARCHED, UNITS, Choice, DenseChooser, place_in, shares
from lmkit.scoring.generating.draws import Draws, WordDraws
from lmkit.scoring.protocol import LN_10
from lmkit.text.vocabulary import BOS
from tests.neural.random_models import SHAPES, random_model


@pytest.mark.parametrize("words", [1, 2, SEARCHED - 1, SEARCHED, SEARCHED + 1, 5 * SEARCHED + 3])
def test_a_place_is_that_which_running_sums_give(words: int) -> None:
    generator = np.random.default_rng(1)
    rows = np.rint(generator.random((50, words)) ** 20 * 2.0**40)
    rows[:, generator.integers(0, words, words // 3)] = 0  # words that are never drawn
    rows[:, words // 2] += 1
    sought = np.floor(generator.random(50) * rows.sum(axis=1))
    sought[:2] = 0, rows[1].sum() - 1  # the first and the last share of all
    expected = (np.cumsum(rows, axis=1) <= sought[:, None]).sum(axis=1)
    np.testing.assert_array_equal(place_in(rows, sought), expected)


def test_rows_without_any_weight_have_no_shares() -> None:
    found = shares(np.array([[-np.inf, -np.inf], [0.0, -np.inf]]), LN_10)
    np.testing.assert_array_equal(found, [[0, 0], [UNITS, 0]])
    assert place_in(found, np.array([-1.0, 0.0])).tolist() == [0, 0]


@pytest.mark.parametrize("name", list(SHAPES))
@pytest.mark.parametrize("temperature", [0.3, 1.0, 1e60])
def test_words_drawn_of_logits_have_the_shares_of_their_probabilities(name: str, temperature: float) -> None:
    """Sentence i of n has the number (i + 1/2) / n: so many words are drawn as their share says, but for one at each end."""
    model, number = random_model(name), 4000

    class Evenly(Draws):
        def numbers(self, _row: int, first: int, last: int) -> np.ndarray:
            return (np.arange(first, last) + 0.5) / number

    predictor = model.predictor()
    state = predictor.start([BOS, 3, 4, 5], number)
    chooser = DenseChooser(model, predictor, Choice(temperature, unknown=True))
    drawn = np.bincount(
        chooser.draw(state, WordDraws(Evenly(1), 0, np.arange(number))), minlength=len(model.vocabulary)
    )
    weights = 10.0 ** (predictor.log10_probs(state)[0] / temperature)
    weights[BOS] = 0  # 10^(-inf / T) is 0 as it is, but where 1 / T is too small for that
    np.testing.assert_allclose(drawn, number * weights / weights.sum(), atol=1.01)
