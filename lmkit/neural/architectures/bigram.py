"""Softmax regression on one-hot histories, p = softmax(W h + b): gradient descent comes to what counting gives.

The gradient of the whole text is in the counts of its bigrams, so that a step costs the same however long the text is.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lmkit.neural.architectures.choices import BigramChoices
from lmkit.neural.layers.attention import HIDDEN
from lmkit.neural.layers.buffers import CACHED, Buffers
from lmkit.neural.layers.linear import column_sums
from lmkit.neural.parameters import Parameters, Shapes
from lmkit.neural.windows import inputs_of, targets_of
from lmkit.text.vocabulary import BOS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PIECE = 1 << 22  # inputs whose bigrams are counted at a time


@dataclass(frozen=True, eq=False)
class Bigrams:
    """Counts of what follows what: a batch that is the whole text."""

    counts: "csr_array"  # (histories, types)
    first: int = 0  # the history of the first row

    @classmethod
    def of(cls, inputs: NDArray[np.int32], types: int) -> "Bigrams":
        """The bigrams of a text, of which these are the inputs; piece by piece, as the pairs of a long text take much memory."""
        from scipy.sparse import coo_array, csr_array

        counts = csr_array((types, types), dtype=np.float64)
        for at in range(0, len(inputs), PIECE):
            seen = inputs[at : at + PIECE]
            targets = targets_of(inputs[at : at + PIECE + 1])[: len(seen)]
            counts += coo_array((np.ones(len(seen), np.float64), (seen, targets)), shape=(types, types)).tocsr()
        return cls(counts)

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    @property
    def counted(self) -> int:
        """How many bigrams there are."""
        return round(float(self.counts.sum()))

    def part(self, first: int, last: int) -> "Bigrams":
        """Those of some histories."""
        return Bigrams(self.counts[first:last], self.first + first)


class BigramShape(BigramChoices):
    """What a softmax regression is made of."""

    before = 0
    given = ()  # all parameters are learned

    def shapes(self, types: int) -> Shapes:
        """The parameters of a model that knows so many types: a row of W for each history."""
        return {"weight": (types, types), "bias": (types,)}

    def initial(
        self, types: int, seed: int, unigrams: NDArray[Any] | None = None, dtype: DTypeLike = np.float32
    ) -> Parameters:
        """Parameters to begin with: all 0, whatever the seed and the unigrams, so that everything is as probable."""
        del seed, unigrams
        return Parameters(self.shapes(types), dtype)

    def network(self, parameters: Parameters, dropout: float = 0.0) -> "Bigram":
        """One for a thread; nothing is dropped, as there is no layer between."""
        del dropout
        return Bigram(parameters)


class Bigram:
    """A softmax regression at work in one thread (see `Network`)."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters, self.gradients = parameters, parameters.like()
        self._new = Buffers(parameters.dtype)

    def seed(self, *key: int) -> None:
        """Nothing is drawn."""

    def add_gradients(self, batch: Bigrams, weight: float) -> float:
        """Σ −count · ln p of the bigrams; gradients of weight times this are added: dz = total · p − count."""
        table, types = self.parameters["weight"], self.parameters["weight"].shape[1]
        total, step = 0.0, max(CACHED // types, 1)
        for at in range(0, len(batch), step):
            counts = batch.counts[at : at + step].tocoo()
            rows = slice(batch.first + at, batch.first + at + counts.shape[0])
            z = np.add(table[rows], self.parameters["bias"], out=self._new("z", counts.shape[0], types))
            z[:, BOS] = HIDDEN
            z -= z.max(axis=1, keepdims=True)
            picked = z[counts.row, counts.col].astype(np.float64)
            np.exp(z, out=z)
            sums = z.sum(axis=1, dtype=np.float64)
            totals = np.bincount(counts.row, weights=counts.data, minlength=len(z))
            total += float(totals @ np.log(sums) - counts.data @ picked)
            z *= (weight * totals / sums).astype(z.dtype)[:, None]
            z[counts.row, counts.col] -= (weight * counts.data).astype(z.dtype)
            self.gradients["weight"][rows] += z
            self.gradients["bias"][...] += column_sums(z)
        return total

    def log_probs(self, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """(inputs,) ln p of what follows each input of whole padded sentences."""
        inputs = inputs_of(tokens)
        targets, (histories, which) = targets_of(inputs), np.unique(inputs, return_inverse=True)
        norms = np.empty(len(histories))
        step = max(CACHED // len(self.parameters["bias"]), 1)
        for at in range(0, len(histories), step):
            z = self.logits(histories[at : at + step, None])
            z[:, BOS] = -np.inf
            norms[at : at + step] = log_sums(z)
        scores = self.parameters["weight"][inputs, targets].astype(np.float64)
        found: NDArray[np.float64] = scores + self.parameters["bias"][targets] - norms[which]
        return found

    history = 1  # it looks at the last token

    def log_distribution(self, histories: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(histories, types) ln p of what comes next (see `HistoryNetwork`)."""
        z = self.logits(histories)
        z[:, BOS] = -np.inf
        z -= log_sums(z)[:, None]
        return z

    def logits(self, histories: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(histories, types) z of what comes next, in double precision (see `HistoryNetwork`)."""
        z: NDArray[np.float64] = self.parameters["weight"][histories[:, 0]].astype(np.float64)
        z += self.parameters["bias"]
        return z


def log_sums(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rows,) ln Σ e^z of each row."""
    largest = z.max(axis=1, keepdims=True)
    found: NDArray[np.float64] = np.log(np.exp(z - largest).sum(axis=1)) + largest[:, 0]
    return found
