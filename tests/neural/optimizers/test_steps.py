"""Steps of optimizers: by hand, as PyTorch's, with the same bits after a pause."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.neural.optimizers.names import NAMES
from lmkit.neural.optimizers.protocol import PIECE
from lmkit.neural.optimizers.registry import OPTIMIZERS, make_optimizer

EACH = pytest.mark.parametrize("name", OPTIMIZERS)
RATE = 0.1


def after(name: str, gradients: list[list[float]], **options: Any) -> list[float]:
    """Where (1, −2) is after a step for each gradient."""
    theta = np.array([1.0, -2.0])
    optimizer = make_optimizer(name, 2, np.float64, **options)
    for gradient in gradients:
        optimizer.step(theta, np.array(gradient), RATE)
    found: list[float] = theta.tolist()
    return found


@pytest.mark.parametrize("name", ["gradient-descent", "sgd"])
def test_gradient_descent_goes_the_rate_times_the_gradient(name: str) -> None:
    # 1 − 0.1 · 0.5 = 0.95, −2 + 0.1 · 4 = −1.6; then 0.95 − 0.1 · 1 = 0.85, −1.6 − 0.1 · 2 = −1.8
    assert after(name, [[0.5, -4.0]]) == pytest.approx([0.95, -1.6], rel=1e-15)
    assert after(name, [[0.5, -4.0], [1.0, 2.0]]) == pytest.approx([0.85, -1.8], rel=1e-15)


def test_momentum_goes_along_the_running_mean() -> None:
    # v = 0.1 · (0.5, −4) = (0.05, −0.4); θ = (1 − 0.005, −2 + 0.04)
    assert after("momentum", [[0.5, -4.0]]) == pytest.approx([0.995, -1.96], rel=1e-15)
    # v = 0.9 · (0.05, −0.4) + 0.1 · (1, 2) = (0.145, −0.16); θ = (0.995 − 0.0145, −1.96 + 0.016)
    assert after("momentum", [[0.5, -4.0], [1.0, 2.0]]) == pytest.approx([0.9805, -1.944], rel=1e-15)
    # β = 0.5: v = (0.25, −2), then (0.625, 0)
    assert after("momentum", [[0.5, -4.0], [1.0, 2.0]], beta=0.5) == pytest.approx([0.9125, -1.8], rel=1e-15)


def test_the_first_step_of_adam_is_as_long_as_the_rate() -> None:
    # m̂ = g, v̂ = g²: θ − 0.1 g / (|g| + ε)
    expected = [1 - 0.1 * 0.5 / (0.5 + 1e-8), -2 + 0.1 * 4 / (4 + 1e-8)]
    assert after("adam", [[0.5, -4.0]]) == pytest.approx(expected, rel=1e-15)


def test_two_steps_of_adam() -> None:
    # m = 0.09 g₁ + 0.1 g₂ over 1 − 0.81 = 0.19; v = 0.000999 g₁² + 0.001 g₂² over 1 − 0.998001 = 0.001999
    expected = []
    for theta, first, second in ((1.0, 0.5, 1.0), (-2.0, -4.0, 2.0)):
        once = theta - 0.1 * first / (abs(first) + 1e-8)
        mean = (0.09 * first + 0.1 * second) / 0.19
        square = (0.000999 * first**2 + 0.001 * second**2) / 0.001999
        expected.append(once - 0.1 * mean / (math.sqrt(square) + 1e-8))
    assert after("adam", [[0.5, -4.0], [1.0, 2.0]]) == pytest.approx(expected, rel=1e-12)


def test_adamw_decays_apart_from_the_gradient() -> None:
    # 1 − 0.1 · 0.2 · 1 = 0.98 and −2 + 0.1 · 0.2 · 2 = −1.96, then Adam's step of the length of the rate
    expected = [0.98 - 0.1 * 0.5 / (0.5 + 1e-8), -1.96 + 0.1 * 4 / (4 + 1e-8)]
    assert after("adamw", [[0.5, -4.0]], decay=0.2) == pytest.approx(expected, rel=1e-15)
    half = after("adamw", [[0.5, -4.0]], decay=0.2, decayed=np.array([0.0, 1.0]))
    assert half == pytest.approx([expected[0] + 0.02, expected[1]], rel=1e-15)
    assert after("adamw", [[0.5, -4.0]], decay=0.0) == after("adam", [[0.5, -4.0]])


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_gradients_of_0_do_no_harm(name: str) -> None:
    options: dict[str, Any] = {"decay": 0.0} if name == "adamw" else {}
    assert after(name, [[0.0, 0.0]], **options) == [1.0, -2.0]


def steps(theta: NDArray[Any], numbers: range, optimizer: Any) -> None:
    """Take the steps of these numbers, with a gradient drawn for each."""
    for number in numbers:
        gradient = np.random.default_rng(number).normal(size=len(theta)).astype(theta.dtype)
        optimizer.step(theta, gradient, 0.01 * number)


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_restored_optimizer_goes_on_with_the_same_bits(name: str, dtype: Any) -> None:
    whole = np.linspace(-1, 1, 100, dtype=dtype)
    halves = whole.copy()
    optimizer = make_optimizer(name, 100, dtype)
    steps(whole, range(1, 7), optimizer)
    first = make_optimizer(name, 100, dtype)
    steps(halves, range(1, 4), first)
    state = first.state()
    steps(halves.copy(), range(4, 6), first)  # what comes after does not change a state that was taken
    second = make_optimizer(name, 100, dtype)
    second.restore(state)
    steps(halves, range(4, 7), second)
    assert whole.tobytes() == halves.tobytes()


@EACH
def test_parameters_and_states_keep_32_bits(name: str) -> None:
    theta = np.ones(5, np.float32)
    optimizer = make_optimizer(name, 5, np.float32)
    optimizer.step(theta, np.ones(5, np.float32), float(np.float64(0.1)))
    assert theta.dtype == np.float32
    assert {value.dtype for value in optimizer.state().values() if isinstance(value, np.ndarray)} <= {
        np.dtype(np.float32)
    }


@EACH
def test_pieces_change_no_bit(name: str) -> None:
    size = 2 * PIECE + 7
    theta = np.random.default_rng(1).normal(size=size).astype(np.float32)
    gradient = np.random.default_rng(2).normal(size=size).astype(np.float32)
    kept, tail = gradient.copy(), theta[-10:].copy()
    whole, part = make_optimizer(name, size, np.float32), make_optimizer(name, 10, np.float32)
    for _ in range(3):
        whole.step(theta, gradient, RATE)
        part.step(tail, gradient[-10:], RATE)
    assert theta[-10:].tobytes() == tail.tobytes()
    assert gradient.tobytes() == kept.tobytes()


def test_the_state_of_another_optimizer_is_refused() -> None:
    state = make_optimizer("momentum", 3, np.float32).state()
    with pytest.raises(DataError) as caught:
        make_optimizer("adam", 3, np.float32).restore(state)
    assert str(caught.value) == (
        "the state has mean, and this optimizer mean, square, steps.\n"
        "It was stored by another optimizer: go on with that one, or begin anew."
    )
    with pytest.raises(DataError, match=r"^the state has mean, and this optimizer nothing\."):
        make_optimizer("sgd", 3, np.float32).restore(state)


@pytest.mark.parametrize(("size", "dtype"), [(4, np.float32), (3, np.float64)])
def test_the_state_of_another_size_is_refused(size: int, dtype: Any) -> None:
    state = make_optimizer("momentum", size, dtype).state()
    with pytest.raises(DataError) as caught:
        make_optimizer("momentum", 3, np.float32).restore(state)
    assert str(caught.value) == (
        f"mean of the state is ({size},) of {np.dtype(dtype)}, and these parameters need (3,) of float32.\n"
        "It was stored for a model of another size: go on with that one, or begin anew."
    )


TORCH = {  # how PyTorch takes the same steps
    "gradient-descent": ("SGD", {}),
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),  # at a rate of η (1−β)
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {"weight_decay": 0.01}),
}


@EACH
def test_steps_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch", reason="pip install torch: its optimizers are compared with")
    kind, options = TORCH[name]
    start = np.random.default_rng(1).normal(size=50)
    ours, theirs = start.copy(), torch.tensor(start, requires_grad=True)
    mine = make_optimizer(name, 50, np.float64)
    other = getattr(torch.optim, kind)([theirs], lr=RATE * (0.1 if name == "momentum" else 1.0), **options)
    for number in range(10):
        gradient = np.random.default_rng(number).normal(size=50)
        mine.step(ours, gradient, RATE)
        theirs.grad = torch.tensor(gradient)
        other.step()
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12, atol=1e-13)


def test_the_names_are_those_of_the_optimizers() -> None:
    assert tuple(OPTIMIZERS) == NAMES
