"""Skip-gram with the full softmax: which of all words is the neighbour? (Mikolov et al., 2013, equation 2)

    p(w | c) = e^(u_w · v) / Σ_x e^(u_x · v)
    loss(v, U) = −log p(o | c) = −u_o · v + log Σ_x e^(u_x · v)

v is the vector of the center word c, u_o that of the neighbour o that the text has, and x goes over all words: this is what makes it
slow. With y = 1 for the neighbour and 0 for all others, the derivatives are

    ∂loss/∂v   = Σ_w (p(w | c) − y_w) u_w = Σ_w p(w | c) u_w − u_o
    ∂loss/∂u_w = (p(w | c) − y_w) v
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.vectors.word2vec.gradients import Gradients


def full_softmax(center: NDArray[np.float64], contexts: NDArray[np.float64], neighbour: int) -> Gradients:
    """The loss of a pair, and its derivatives. center: (dimensions,) v; contexts: (words, dimensions) all of U; neighbour: o."""
    products = contexts @ center
    log_sum = np.logaddexp.reduce(products)  # log Σ e^x, without overflow
    probabilities = np.exp(products - log_sum)
    errors = probabilities.copy()
    errors[neighbour] -= 1
    return Gradients(
        float(log_sum - products[neighbour]), products, probabilities, errors @ contexts, np.outer(errors, center)
    )
