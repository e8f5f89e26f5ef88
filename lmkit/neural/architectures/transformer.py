"""The causal transformer: pre-norm blocks of attention and two layers, output tied to the embeddings (Vaswani et al., 2017; GPT-2).

Names and shapes are those of GPT-2's files.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.errors import UsageError
from lmkit.neural.architectures.choices import TransformerChoices
from lmkit.neural.functions.positions import sinusoidal_positions
from lmkit.neural.layers.activations import Gelu
from lmkit.neural.layers.attention import Attention, causal_mask, sentence_mask
from lmkit.neural.layers.dropout import Dropout
from lmkit.neural.layers.embedding import Embedding, add_rows
from lmkit.neural.layers.linear import Linear
from lmkit.neural.layers.normalization import LayerNorm
from lmkit.neural.layers.output import Output
from lmkit.neural.parameters import Parameters, Shapes
from lmkit.neural.sentence_windows import sentence_windows
from lmkit.neural.windows import Batch
from lmkit.text.vocabulary import EOS

DEVIATION = 0.02  # of the numbers drawn at first, as GPT-2's


class TransformerShape(TransformerChoices):
    """What a transformer is made of."""

    before = 0  # inputs of a window before its first target

    @property
    def given(self) -> tuple[str, ...]:
        """The parameters that stay as they are."""
        return ("wpe.weight",) if self.positions == "sinusoidal" else ()

    def shapes(self, types: int) -> Shapes:
        """The parameters of a model that knows so many types."""
        d = self.dimensions
        norm: dict[str, tuple[int, ...]] = {"weight": (d,), "bias": (d,)}
        parts: dict[str, dict[str, tuple[int, ...]]] = {
            "ln_1": norm,
            "attn.c_attn": {"weight": (d, 3 * d), "bias": (3 * d,)},
            "attn.c_proj": {"weight": (d, d), "bias": (d,)},
            "ln_2": norm,
            "mlp.c_fc": {"weight": (d, 4 * d), "bias": (4 * d,)},
            "mlp.c_proj": {"weight": (4 * d, d), "bias": (d,)},
        }
        found: dict[str, tuple[int, ...]] = {"wte.weight": (types, d), "wpe.weight": (self.context, d)}
        for layer in range(self.layers):
            for part, arrays in parts.items():
                found |= {f"h.{layer}.{part}.{name}": shape for name, shape in arrays.items()}
        return found | {f"ln_f.{name}": shape for name, shape in norm.items()}

    def initial(
        self, types: int, seed: int, unigrams: NDArray[Any] | None = None, dtype: DTypeLike = np.float32
    ) -> Parameters:
        """Parameters to begin with, whatever the unigrams. Of what ends in a sum over layers, smaller ones the more layers there are."""
        del unigrams
        parameters = Parameters(self.shapes(types), dtype)
        generator = np.random.Generator(np.random.PCG64(seed))
        for name, view in parameters.views.items():
            if view.ndim == 2:
                deviation = DEVIATION * ((2 * self.layers) ** -0.5 if name.endswith("c_proj.weight") else 1)
                view[...] = generator.normal(0, deviation, view.shape)
            elif name.endswith("weight"):
                view[...] = 1
        if self.positions == "sinusoidal":  # as long, on the average, as the vectors of tokens
            parameters["wpe.weight"][...] = DEVIATION * 2**0.5 * sinusoidal_positions(self.context, self.dimensions)
        return parameters

    def network(self, parameters: Parameters, dropout: float = 0.0) -> "Transformer":
        """One for a thread."""
        return Transformer(self, parameters, dropout)


class Block:
    """x + attention(norm(x)), then x + layers(norm(x)), in place."""

    def __init__(self, parameters: Parameters, gradients: Parameters, layer: int, heads: int, dropout: float) -> None:
        def linear(name: str) -> Linear:
            return Linear(parameters, gradients, f"h.{layer}.{name}")

        self._norm_1, self._norm_2 = (LayerNorm(parameters, gradients, f"h.{layer}.ln_{n}") for n in (1, 2))
        self._qkv, self._join = linear("attn.c_attn"), linear("attn.c_proj")
        self._up, self._down = linear("mlp.c_fc"), linear("mlp.c_proj")
        self.attention, self._gelu = Attention(heads, parameters.dtype), Gelu(parameters.dtype)
        self.dropouts = Dropout(dropout, parameters.dtype), Dropout(dropout, parameters.dtype)

    def forward(self, x: FloatArray, mask: FloatArray, time: int, *, training: bool) -> None:
        """x: (rows, d), to which both parts are added."""
        self.apply(x, lambda qkv: self.attention.forward(qkv, mask, time), training=training)

    def apply(self, x: FloatArray, attend: Callable[[FloatArray], FloatArray], *, training: bool = False) -> None:
        """The same with any attention: attend gives (rows, d) of q, k and v side by side (rows, 3 d)."""
        qkv = self._qkv.forward(self._norm_1.forward(x))
        x += self.dropouts[0].forward(self._join.forward(attend(qkv)), training=training)
        inner = self._gelu.forward(self._up.forward(self._norm_2.forward(x)))
        x += self.dropouts[1].forward(self._down.forward(inner), training=training)

    def backward(self, dx: FloatArray) -> None:
        """dx: (rows, d), to which what comes through both parts is added."""
        inner = self._gelu.backward(self._down.backward(self.dropouts[1].backward(dx)))
        dx += self._norm_2.backward(self._up.backward(inner))
        qkv = self.attention.backward(self._join.backward(self.dropouts[0].backward(dx)))
        dx += self._norm_1.backward(self._qkv.backward(qkv))


class Transformer:
    """A transformer at work in one thread (see `Network`)."""

    def __init__(self, shape: TransformerShape, parameters: Parameters, dropout: float = 0.0) -> None:
        self.shape, self.parameters, self.gradients = shape, parameters, parameters.like()
        self._tokens = Embedding(parameters, self.gradients, "wte")
        self._drop = Dropout(dropout, parameters.dtype)
        self.blocks = [Block(parameters, self.gradients, layer, shape.heads, dropout) for layer in range(shape.layers)]
        self._norm = LayerNorm(parameters, self.gradients, "ln_f")
        self.output = Output(parameters, self.gradients, "wte.weight")

    def seed(self, *key: int) -> None:
        """Draw from here on what this key says."""
        for place, dropout in enumerate([self._drop, *(drop for block in self.blocks for drop in block.dropouts)]):
            dropout.seed(*key, place)

    def hidden(self, batch: Batch, *, training: bool = False) -> FloatArray:
        """(windows · time, d) the vector of each place after the last block and its norm. UsageError for windows longer than the context."""
        time, dtype = batch.inputs.shape[1], self.parameters.dtype
        if time > self.shape.context:
            raise UsageError(
                f"{time} tokens in one window are more than the context of the model, which is {self.shape.context}.",
                "Take fewer, or train a model with a longer context.",
            )
        x = self._tokens.forward(batch.inputs)
        if batch.starts is None:
            self._places, mask = None, causal_mask(time, dtype)
            x += self.parameters["wpe.weight"][:time]
        else:
            self._places, mask = np.arange(time) - batch.starts, sentence_mask(batch.starts, dtype)
            x += self.parameters["wpe.weight"][self._places]
        x = self._drop.forward(x.reshape(-1, x.shape[-1]), training=training)
        for block in self.blocks:
            block.forward(x, mask, time, training=training)
        return self._norm.forward(x)

    def read(
        self, tokens: NDArray[np.integer[Any]], attend: Callable[[int, FloatArray], FloatArray], first: int = 0
    ) -> FloatArray:
        """(windows · time, d) the same of tokens (windows, time) with any attention: `attend` gives that of a layer (see `Block.apply`).

        first: the position of the first place of each window.
        """
        x = self._tokens.forward(tokens)
        x += self.parameters["wpe.weight"][first : first + tokens.shape[1]]
        x = x.reshape(-1, x.shape[-1])
        for layer, block in enumerate(self.blocks):
            block.apply(x, partial(attend, layer))
        return self._norm.forward(x)

    @property
    def context(self) -> int:
        """How many tokens it looks at, at most."""
        return self.shape.context

    def attention(self, inputs: NDArray[np.integer[Any]]) -> FloatArray:
        """(layers, heads, inputs, inputs) α of each layer and head, of a window of inputs (see `Attending`)."""
        self.hidden(Batch(inputs[None], inputs[None], None))
        return np.stack([block.attention.weights[0] for block in self.blocks])

    def add_gradients(self, batch: Batch, weight: float) -> float:
        """Σ −ln p of the targets; gradients of weight times this are added."""
        total, dh = self.output.loss(self.hidden(batch, training=True), batch.targets.reshape(-1), weight)
        dx = self._norm.backward(dh)
        for block in reversed(self.blocks):
            block.backward(dx)
        dx = self._drop.backward(dx)
        self._tokens.backward(dx)
        if "wpe.weight" not in self.shape.given:
            if self._places is None:
                rows = dx.reshape(*batch.inputs.shape, -1)
                self.gradients["wpe.weight"][: rows.shape[1]] += np.add.reduce(rows, axis=0)
            else:
                add_rows(self.gradients["wpe.weight"], self._places.reshape(-1), dx)
        return total

    def log_probs(self, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """(inputs,) ln p of what follows each input, sentence by sentence.

        A sentence longer than the context is read in windows that overlap by half: the first gives all its scores, each later one those
        of its second half, so that every token sees at least half a context before it.
        """
        found = np.empty(np.count_nonzero(tokens != EOS))
        for batch, kept, places in sentence_windows(tokens, self.shape.context):
            h = self.hidden(batch)
            found[places] = self.output.log_probs(h[kept], batch.targets.reshape(-1)[kept])
        return found
