"""Skip-gram with negative sampling: is this word a neighbour, or noise? (Mikolov et al., 2013, equation 4)

    loss(v, U) = −log σ(u_o · v) − Σ_k log σ(−u_k · v)      σ(x) = 1 / (1 + e^−x)

v is the vector of the center word, u_o that of the neighbour that the text has, u_1 … u_K those of noise words, drawn by their count
to the power ¾. With y = 1 for the neighbour and 0 for noise, and 1 − σ(x) = σ(−x), the derivatives are

    ∂loss/∂v   = Σ (σ(u · v) − y) u  = (σ(u_o · v) − 1) u_o + Σ_k σ(u_k · v) u_k
    ∂loss/∂u_o = (σ(u_o · v) − 1) v
    ∂loss/∂u_k = σ(u_k · v) v
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.vectors.word2vec.gradients import Gradients


def negative_sampling(center: NDArray[np.float64], contexts: NDArray[np.float64]) -> Gradients:
    """The loss of a pair, and its derivatives. center: (dimensions,) v; contexts: (1 + K, dimensions) u_o, and below it the noise."""
    products = contexts @ center
    is_neighbour = np.arange(len(contexts)) == 0
    loss = log_one_plus_exp(np.where(is_neighbour, -products, products)).sum()  # −log σ(x) = log(1 + e^−x)
    probabilities = sigmoid(products)
    errors = probabilities - is_neighbour
    return Gradients(float(loss), products, probabilities, errors @ contexts, np.outer(errors, center))


def sigmoid(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """σ of each, without overflow: e^−log(1 + e^−x)."""
    probabilities: NDArray[np.float64] = np.exp(-log_one_plus_exp(-products))
    return probabilities


def log_one_plus_exp(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 + e^x) of each, without overflow."""
    logs: NDArray[np.float64] = np.logaddexp(0, values)
    return logs
