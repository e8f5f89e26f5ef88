"""The way forward of each architecture in PyTorch: Σ −ln p of the targets of a batch, which it differentiates by itself.

`torch` comes as an argument: it is imported only where it was asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.architectures.bigram import Bigrams, BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.functions.layer_norm import EPSILON
from lmkit.neural.layers.attention import HIDDEN
from lmkit.neural.layers.output import NO_TARGET
from lmkit.neural.windows import Batch
from lmkit.text.vocabulary import BOS

Tensor = Any
Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Draws:
    """Dropout, drawn by a generator that a key has seeded."""

    torch: Any
    rate: float
    generator: Any

    def dropped(self, x: Tensor) -> Tensor:
        """x, of which each number is 0 with this probability, else 1 / (1 − probability) times itself."""
        if not self.rate:
            return x
        draws = self.torch.rand(x.shape, generator=self.generator, device=x.device)
        return x * ((draws >= self.rate) / (1 - self.rate))


Loss = Callable[[Any, Any, Tensors, Any, Draws], Tensor]


def transformer_loss(torch: Any, shape: TransformerShape, theta: Tensors, batch: Batch, draws: Draws) -> Tensor:
    """Σ −ln p of the targets."""
    functions = torch.nn.functional
    tokens, positions = as_tensor(torch, batch.inputs, theta["wte.weight"]), theta["wpe.weight"]
    windows, time = tokens.shape
    if shape.positions != "learned":
        positions = positions.detach()
    allowed = None
    if batch.starts is None:
        x = functions.embedding(tokens, theta["wte.weight"]) + positions[:time]
    else:
        starts = as_tensor(torch, batch.starts, positions)
        x = functions.embedding(tokens, theta["wte.weight"]) + functions.embedding(
            torch.arange(time, device=starts.device) - starts, positions
        )
        allowed = (starts[:, None, :, None] == starts[:, None, None, :]).tril()

    def linear(x: Tensor, name: str) -> Tensor:
        return x @ theta[f"{name}.weight"] + theta[f"{name}.bias"]

    def norm(x: Tensor, name: str) -> Tensor:
        return functions.layer_norm(x, x.shape[-1:], theta[f"{name}.weight"], theta[f"{name}.bias"], EPSILON)

    def attention(x: Tensor, name: str) -> Tensor:
        q, k, v = (
            each.view(windows, time, shape.heads, -1).transpose(1, 2)
            for each in linear(x, f"{name}.c_attn").chunk(3, -1)
        )
        y = functions.scaled_dot_product_attention(q, k, v, attn_mask=allowed, is_causal=allowed is None)
        return linear(y.transpose(1, 2).reshape(x.shape), f"{name}.c_proj")

    x = draws.dropped(x)
    for block in (f"h.{layer}" for layer in range(shape.layers)):
        x = x + draws.dropped(attention(norm(x, f"{block}.ln_1"), f"{block}.attn"))
        inner = functions.gelu(linear(norm(x, f"{block}.ln_2"), f"{block}.mlp.c_fc"), approximate="tanh")
        x = x + draws.dropped(linear(inner, f"{block}.mlp.c_proj"))
    return output_loss(torch, norm(x, "ln_f").flatten(0, 1), theta["wte.weight"], None, batch.targets.reshape(-1))


def feed_forward_loss(torch: Any, shape: FeedForwardShape, theta: Tensors, batch: Batch, draws: Draws) -> Tensor:
    """Σ −ln p of the last target of each window; before a sentence, there is nothing but <s>."""
    tokens = as_tensor(torch, batch.inputs, theta["wte.weight"])
    if batch.starts is not None:
        starts = as_tensor(torch, batch.starts[:, -1:], tokens)
        tokens = torch.where(torch.arange(tokens.shape[1], device=tokens.device) < starts, BOS, tokens)
    x = draws.dropped(torch.nn.functional.embedding(tokens, theta["wte.weight"]).flatten(1))
    x = draws.dropped(torch.tanh(x @ theta["hidden.weight"] + theta["hidden.bias"]))
    if shape.tied:
        x = x @ theta["project.weight"] + theta["project.bias"]
    table = theta["wte.weight" if shape.tied else "output.weight"]
    return output_loss(torch, x, table, theta["output.bias"], batch.targets[:, -1])


def bigram_loss(torch: Any, shape: BigramShape, theta: Tensors, batch: Bigrams, draws: Draws) -> Tensor:
    """Σ −count · ln p of the bigrams of some histories."""
    del shape, draws
    counts = batch.counts.tocoo()
    rows = slice(batch.first, batch.first + counts.shape[0])
    z = without_bos(torch, theta["weight"][rows] + theta["bias"])
    histories, words = (as_tensor(torch, each, z) for each in counts.coords)
    times = torch.as_tensor(counts.data.astype(np.float32), device=z.device)
    return (times * (torch.logsumexp(z, 1)[histories] - z[histories, words])).sum()


def output_loss(torch: Any, h: Tensor, table: Tensor, bias: Tensor | None, targets: NDArray[np.integer[Any]]) -> Tensor:
    """Σ −ln p of the targets (rows,) but for NO_TARGET, of vectors h (rows, d)."""
    z = h @ table.T if bias is None else h @ table.T + bias
    rows = as_tensor(torch, targets, z)
    return torch.nn.functional.cross_entropy(without_bos(torch, z), rows, ignore_index=NO_TARGET, reduction="sum")


def without_bos(torch: Any, z: Tensor) -> Tensor:
    """The logits (rows, types) with <s> so low that it is never predicted."""
    hidden = torch.zeros(z.shape[1], device=z.device)
    hidden[BOS] = HIDDEN
    return z + hidden


def as_tensor(torch: Any, numbers: NDArray[np.integer[Any]], beside: Tensor) -> Tensor:
    """The ids, or places, where the other tensor is."""
    return torch.as_tensor(numbers.astype(np.int64), device=beside.device)


LOSSES: dict[type, Loss] = {  # by the shape of an architecture
    BigramShape: bigram_loss,
    FeedForwardShape: feed_forward_loss,
    TransformerShape: transformer_loss,
}
