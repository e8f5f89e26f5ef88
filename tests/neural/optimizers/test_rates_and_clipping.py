"""Learning rates from step to step, and gradients made shorter."""

import math

import numpy as np
import pytest

from lmkit.neural.optimizers.clipping import clip
from lmkit.neural.optimizers.schedules import warmup_cosine


def test_the_rate_goes_up_in_a_line_and_down_half_a_cosine() -> None:
    rates = [warmup_cosine(step, 110, peak=2.0, warmup=10, final=0.1) for step in range(111)]
    assert rates[:10] == pytest.approx([0.2 * step for step in range(1, 11)])
    # half-way down: 2 (0.1 + 0.9 / 2); a quarter: 2 (0.1 + 0.9 (1 + √½) / 2)
    assert rates[60] == pytest.approx(1.1)
    assert rates[35] == pytest.approx(0.2 + 0.9 * (1 + math.sqrt(0.5)))
    assert rates[10] == pytest.approx(2.0)
    assert rates[110] == pytest.approx(0.2)
    assert rates[9:] == sorted(rates[9:], reverse=True)


def test_after_the_last_step_the_rate_stays() -> None:
    assert warmup_cosine(500, 100, peak=1.0, warmup=10, final=0.02) == pytest.approx(0.02)
    assert warmup_cosine(7, 7, peak=1.0, warmup=7, final=0.02) == 1.0  # nothing but going up


def test_a_schedule_without_warm_up_begins_at_the_peak() -> None:
    assert warmup_cosine(0, 10, peak=3.0, warmup=0) == 3.0


def test_long_gradients_are_shortened_and_short_ones_stay() -> None:
    gradient = np.array([3.0, 4.0], np.float32)
    assert clip(gradient, 6.0) == 5.0
    assert gradient.tolist() == [3.0, 4.0]
    assert clip(gradient, 2.5) == 5.0
    assert gradient.tolist() == [1.5, 2.0]
    assert gradient.dtype == np.float32


def test_gradients_whose_squares_do_not_fit_32_bits_are_shortened() -> None:
    gradient = np.array([3e30, 4e30], np.float32)
    assert clip(gradient, 1.0) == pytest.approx(5e30, rel=1e-6)
    assert gradient == pytest.approx([0.6, 0.8], rel=1e-6)


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_gradients_that_are_no_numbers_are_told_and_left(odd: float) -> None:
    gradient = np.array([1.0, odd], np.float32)
    assert not math.isfinite(clip(gradient, 0.5))
    assert gradient[0] == 1.0


def test_sums_of_squares_that_do_not_fit_64_bits_are_told() -> None:
    assert clip(np.full(100_000, 1.3e154), 1.0) == math.inf


def test_long_vectors_are_measured_whole() -> None:
    gradient = np.full(100_001, 2.0, np.float32)
    assert clip(gradient, 1e9) == pytest.approx(2 * math.sqrt(100_001), rel=1e-7)
