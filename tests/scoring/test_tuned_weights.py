"""What a mixture makes of tuned weights."""

import pytest

from lmkit.scoring.tuning import TunedWeights


def of(*weights: float) -> TunedWeights:
    """Weights, whatever they are worth."""
    return TunedWeights(weights, 10.0, 5, (10.0, 20.0), 0, 10.0, (10.0, 20.0), (0, 0), 0)


def test_a_weight_of_nothing_is_raised_and_the_rest_sum_to_one() -> None:
    """(1, 0) becomes (1, 1e-9) / (1 + 1e-9)."""
    tuned = of(1.0, 0.0)
    assert tuned.idle == [1]
    assert tuned.above_zero() == pytest.approx([1 - 1e-9, 1e-9], rel=1e-6)
    assert sum(tuned.above_zero()) == pytest.approx(1.0, abs=1e-15)


def test_weights_that_matter_stay_as_they_were_tuned() -> None:
    tuned = of(0.25, 0.75)
    assert tuned.idle == []
    assert tuned.above_zero() == [0.25, 0.75]


def test_all_models_that_add_nothing_are_told() -> None:
    assert of(1e-11, 1.0, 1e-13).idle == [0, 2]
