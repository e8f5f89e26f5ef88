"""The feed-forward n-gram model (Bengio et al., 2003): the vectors of the n−1 tokens before, end to end, a layer of tanh, softmax."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.neural.architectures.choices import FeedForwardChoices
from lmkit.neural.layers.activations import Tanh
from lmkit.neural.layers.dropout import Dropout
from lmkit.neural.layers.embedding import Embedding
from lmkit.neural.layers.linear import Linear
from lmkit.neural.layers.output import Output
from lmkit.neural.parameters import Parameters, Shapes
from lmkit.neural.windows import Batch, inputs_of, windows_at
from lmkit.text.vocabulary import BOS

ROWS = 512  # histories that are scored side by side: they stay in the cache


class FeedForwardShape(FeedForwardChoices):
    """What a feed-forward model is made of."""

    given = ()  # all parameters are learned

    @property
    def before(self) -> int:
        """Inputs of a window before that of its target."""
        return self.order - 2

    def shapes(self, types: int) -> Shapes:
        """The parameters of a model that knows so many types."""
        d = self.dimensions
        found: dict[str, tuple[int, ...]] = {"wte.weight": (types, d)}
        found["hidden.weight"], found["hidden.bias"] = ((self.order - 1) * d, self.hidden), (self.hidden,)
        if self.tied:
            found["project.weight"], found["project.bias"] = (self.hidden, d), (d,)
        else:
            found["output.weight"] = (types, self.hidden)
        return {**found, "output.bias": (types,)}

    def initial(
        self, types: int, seed: int, unigrams: NDArray[Any] | None = None, dtype: DTypeLike = np.float32
    ) -> Parameters:
        """Parameters to begin with. unigrams: (types,) counts of the targets, if known: then it begins with their distribution."""
        parameters = Parameters(self.shapes(types), dtype)
        generator = np.random.Generator(np.random.PCG64(seed))
        deviations = {"wte.weight": 0.1, "output.weight": 0.02}
        for name, view in parameters.views.items():
            if view.ndim == 2:
                view[...] = generator.normal(0, deviations.get(name, len(view) ** -0.5), view.shape)
        if unigrams is not None:
            parameters["output.bias"][...] = np.log(unigrams + 0.5) - np.log(unigrams.sum())
        return parameters

    def network(self, parameters: Parameters, dropout: float = 0.0) -> "FeedForward":
        """One for a thread."""
        return FeedForward(self, parameters, dropout)


class FeedForward:
    """A feed-forward model at work in one thread (see `Network`)."""

    def __init__(self, shape: FeedForwardShape, parameters: Parameters, dropout: float = 0.0) -> None:
        self.shape, self.parameters, self.gradients = shape, parameters, parameters.like()
        self._tokens = Embedding(parameters, self.gradients, "wte")
        self._hidden, self._tanh = Linear(parameters, self.gradients, "hidden"), Tanh(parameters.dtype)
        self._project = Linear(parameters, self.gradients, "project") if shape.tied else None
        self._dropouts = Dropout(dropout, parameters.dtype), Dropout(dropout, parameters.dtype)
        table = "wte.weight" if shape.tied else "output.weight"
        self.output = Output(parameters, self.gradients, table, "output.bias")

    def seed(self, *key: int) -> None:
        """Draw from here on what this key says."""
        for place, dropout in enumerate(self._dropouts):
            dropout.seed(*key, place)

    def hidden(self, batch: Batch, *, training: bool = False) -> FloatArray:
        """(windows, d) the vector of each window from which the output is made; before a sentence, there is nothing but <s>."""
        tokens = batch.inputs
        if batch.starts is not None:
            tokens = np.where(np.arange(tokens.shape[1]) < batch.starts[:, -1:], BOS, tokens)
        x = self._tokens.forward(tokens).reshape(len(tokens), -1)
        x = self._tanh.forward(self._hidden.forward(self._dropouts[0].forward(x, training=training)))
        x = self._dropouts[1].forward(x, training=training)
        return x if self._project is None else self._project.forward(x)

    @property
    def history(self) -> int:
        """How many tokens it looks at."""
        return self.shape.order - 1

    def logits(self, histories: NDArray[np.integer[Any]]) -> FloatArray:
        """(histories, types) z of what comes next (see `HistoryNetwork`)."""
        return self.output.logits(self.hidden(Batch(histories, histories[:, :0], None)))

    def log_distribution(self, histories: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(histories, types) ln p of what comes next (see `HistoryNetwork`)."""
        return self.output.log_distribution(self.hidden(Batch(histories, histories[:, :0], None)))

    def add_gradients(self, batch: Batch, weight: float) -> float:
        """Σ −ln p of the targets; gradients of weight times this are added."""
        total, dx = self.output.loss(self.hidden(batch, training=True), batch.targets[:, -1], weight)
        if self._project is not None:
            dx = self._project.backward(dx)
        dx = self._hidden.backward(self._tanh.backward(self._dropouts[1].backward(dx)))
        self._tokens.backward(self._dropouts[0].backward(dx))
        return total

    def log_probs(self, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """(inputs,) ln p of what follows each input of whole padded sentences."""
        inputs = inputs_of(tokens)
        found = np.empty(len(inputs))
        for at in range(0, len(inputs), ROWS):
            batch = windows_at(inputs, np.arange(at, min(at + ROWS, len(inputs))), 1, self.shape.before)
            found[at : at + ROWS] = self.output.log_probs(self.hidden(batch), batch.targets[:, -1])
        return found
