"""The functions that can be tabulated: each with its derivative, its formula and where it comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.errors import UsageError
from lmkit.neural.functions import activations, gelu
from lmkit.neural.functions.cross_entropy import cross_entropy
from lmkit.neural.functions.layer_norm import layer_norm, layer_norm_backward
from lmkit.neural.functions.softmax import log_softmax, log_softmax_backward, softmax, softmax_backward

Kind = Literal["number", "vector"]


@dataclass(frozen=True)
class Function:
    """A function that gives as many numbers as it takes."""

    name: str
    title: str
    formula: str
    source: str  # authors and year
    kind: Kind  # whether it takes each number by itself, or a vector as a whole
    value: Callable[[FloatArray], FloatArray]  # (n,) of (n,)
    derivative: Callable[
        [FloatArray], FloatArray
    ]  # (n,) of each number; of a vector (n, n): row i has what number i of the value changes by
    tempered: bool = False  # whether it makes scores into probabilities, so that a temperature has a meaning


def softmax_jacobian(scores: FloatArray) -> FloatArray:
    """(n, n) ∂pᵢ/∂zⱼ = pᵢ ([i=j] − pⱼ)."""
    return softmax_backward(np.eye(len(scores)), softmax(scores))


def log_softmax_jacobian(scores: FloatArray) -> FloatArray:
    """(n, n) ∂(log pᵢ)/∂zⱼ = [i=j] − pⱼ."""
    return log_softmax_backward(np.eye(len(scores)), log_softmax(scores))


def losses(scores: FloatArray) -> FloatArray:
    """(n,) the cross-entropy if number i is the right one."""
    return np.array([cross_entropy(scores, np.array(target))[0] for target in range(len(scores))])


def loss_gradients(scores: FloatArray) -> FloatArray:
    """(n, n) the gradient of each of these: pⱼ − [i=j]."""
    return np.stack([cross_entropy(scores, np.array(target))[1] for target in range(len(scores))])


def normalized(x: FloatArray) -> FloatArray:
    """(n,) layer normalization with gains of 1 and biases of 0."""
    return layer_norm(x, np.ones_like(x), np.zeros_like(x)).output


def normalized_jacobian(x: FloatArray) -> FloatArray:
    """(n, n) what each normalized number changes by with each number."""
    _, normal, scale = layer_norm(x, np.ones_like(x), np.zeros_like(x))
    return layer_norm_backward(np.eye(len(x)), np.ones_like(x), normal, scale).x


FUNCTIONS = {
    function.name: function
    for function in (
        Function(
            "softmax",
            "Softmax",
            "pᵢ = e^zᵢ / Σⱼ e^zⱼ",
            "Bridle 1990",
            "vector",
            softmax,
            softmax_jacobian,
            tempered=True,
        ),
        Function(
            "log-softmax",
            "Logarithm of the softmax",
            "log pᵢ = zᵢ − log Σⱼ e^zⱼ",
            "Bridle 1990",
            "vector",
            log_softmax,
            log_softmax_jacobian,
            tempered=True,
        ),
        Function(
            "cross-entropy",
            "Cross-entropy, if the number is the right one",
            "Lᵢ = −log pᵢ;  ∂Lᵢ/∂zⱼ = pⱼ − [i=j]",
            "Solla, Levin & Fleisher 1988",
            "vector",
            losses,
            loss_gradients,
            tempered=True,
        ),
        Function(
            "sigmoid",
            "Sigmoid",
            "σ(x) = 1 / (1 + e⁻ˣ);  σ′ = σ (1 − σ)",
            "Verhulst 1845",
            "number",
            activations.sigmoid,
            activations.sigmoid_derivative,
        ),
        Function(
            "tanh",
            "Hyperbolic tangent",
            "tanh x = 2 σ(2x) − 1;  tanh′ = 1 − tanh²",
            "LeCun et al. 1998",
            "number",
            activations.tanh,
            activations.tanh_derivative,
        ),
        Function(
            "relu",
            "Rectified linear unit",
            "max(x, 0);  1 where x > 0",
            "Nair & Hinton 2010",
            "number",
            activations.relu,
            activations.relu_derivative,
        ),
        Function(
            "gelu",
            "Gaussian error linear unit",
            "x Φ(x);  Φ(x) + x φ(x)",
            "Hendrycks & Gimpel 2016",
            "number",
            gelu.gelu,
            gelu.gelu_derivative,
        ),
        Function(
            "gelu-tanh",
            "GELU by tanh",
            "½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))",
            "Hendrycks & Gimpel 2016",
            "number",
            gelu.gelu_tanh,
            gelu.gelu_tanh_derivative,
        ),
        Function(
            "layer-norm",
            "Layer normalization",
            "(x − mean) / √(variance + ε)",
            "Ba, Kiros & Hinton 2016",
            "vector",
            normalized,
            normalized_jacobian,
        ),
    )
}


def function_named(name: str) -> Function:
    """The function of this name. UsageError if there is none."""
    if name not in FUNCTIONS:
        raise UsageError(f"there is no function {name!r}.", f"There are: {', '.join(FUNCTIONS)}.")
    return FUNCTIONS[name]
