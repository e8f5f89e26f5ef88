"""The architectures as formulas on the tape: the way forward, and nothing else."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.architectures.bigram import Bigrams, BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.parameters import Parameters
from lmkit.neural.windows import Batch
from lmkit.text.vocabulary import BOS
from tests.neural.tape import Array, Node

Nodes = dict[str, Node]


def loss_and_gradients(shape: Shape, parameters: Parameters, batch: Any) -> tuple[float, Parameters]:
    """The mean loss of a batch and its gradients, by the tape."""
    nodes = {name: Node(view) for name, view in parameters.views.items()}
    if isinstance(shape, TransformerShape):
        loss = cross_entropy(transformer(nodes, shape, batch), batch.targets.reshape(-1))
    elif isinstance(shape, FeedForwardShape):
        loss = cross_entropy(feed_forward(nodes, shape, batch), batch.targets[:, -1])
    else:
        assert isinstance(shape, BigramShape)
        loss = bigram(nodes, batch)
    loss.backward()
    gradients = parameters.like()
    for name, node in nodes.items():
        gradients[name][...] = node.gradient
    for name in shape.given:
        gradients[name][...] = 0
    return float(loss.value), gradients


def bigram(nodes: Nodes, batch: Bigrams) -> Node:
    """Softmax regression: −Σ count · ln p over all pairs."""
    logs = log_softmax(nodes["weight"] + nodes["bias"])
    counts = batch.counts.toarray()
    seen = counts.nonzero()
    shares: Array = counts[seen] / counts.sum()
    return -(logs[seen] * shares).sum()


def feed_forward(nodes: Nodes, shape: FeedForwardShape, batch: Batch) -> Node:
    """(windows, types) the logits of the model of Bengio et al. (2003)."""
    tokens = batch.inputs
    if batch.starts is not None:  # before the sentence there is nothing but <s>
        tokens = np.where(np.arange(tokens.shape[1]) < batch.starts[:, -1:], BOS, tokens)
    x = nodes["wte.weight"][tokens].reshape(len(tokens), -1)
    x = linear(nodes, "hidden", x).tanh()
    if shape.tied:
        x = linear(nodes, "project", x)
    table = nodes["wte.weight" if shape.tied else "output.weight"]
    return x @ table.transpose(1, 0) + nodes["output.bias"]


def transformer(nodes: Nodes, shape: TransformerShape, batch: Batch) -> Node:
    """(windows · time, types) the logits of the transformer."""
    windows, time = batch.inputs.shape
    starts = np.zeros((windows, time), int) if batch.starts is None else batch.starts
    seen = (starts[:, :, None] == starts[:, None, :]) & np.tri(time, dtype=bool)
    mask = np.where(seen, 0.0, -np.inf)[:, None]
    x = nodes["wte.weight"][batch.inputs] + nodes["wpe.weight"][np.arange(time) - starts]
    for layer in range(shape.layers):
        block = {name.removeprefix(f"h.{layer}."): node for name, node in nodes.items()}
        qkv = linear(block, "attn.c_attn", layer_norm(block, "ln_1", x))
        q, k, v = (
            qkv[..., part * shape.dimensions : (part + 1) * shape.dimensions]
            .reshape(windows, time, shape.heads, -1)
            .transpose(0, 2, 1, 3)
            for part in range(3)
        )
        alpha = softmax(q @ k.transpose(0, 1, 3, 2) * (1 / math.sqrt(q.value.shape[-1])) + mask)
        x = x + linear(block, "attn.c_proj", (alpha @ v).transpose(0, 2, 1, 3).reshape(windows, time, -1))
        x = x + linear(block, "mlp.c_proj", gelu(linear(block, "mlp.c_fc", layer_norm(block, "ln_2", x))))
    return layer_norm(nodes, "ln_f", x).reshape(windows * time, -1) @ nodes["wte.weight"].transpose(1, 0)


def linear(nodes: Nodes, name: str, x: Node) -> Node:
    """Weights and a bias: x W + b."""
    return x @ nodes[f"{name}.weight"] + nodes[f"{name}.bias"]


def layer_norm(nodes: Nodes, name: str, x: Node) -> Node:
    """Each row with mean 0 and variance 1, times a gain, plus a bias."""
    d: int = x.value.shape[-1]
    centered = x - x.sum(-1) * (1 / d)
    normal = centered / ((centered**2.0).sum(-1) * (1 / d) + 1e-5) ** 0.5
    return normal * nodes[f"{name}.weight"] + nodes[f"{name}.bias"]


def gelu(x: Node) -> Node:
    """About x Φ(x): the approximation of Hendrycks & Gimpel (2016) that GPT-2 uses."""
    return x * 0.5 * (((x + x**3.0 * 0.044715) * math.sqrt(2 / math.pi)).tanh() + 1.0)


def softmax(x: Node) -> Node:
    """Of each row; what is taken off for the range of exp changes nothing."""
    largest: Array = x.value.max(-1, keepdims=True)
    e = (x + -largest).exp()
    return e / e.sum(-1)


def log_softmax(z: Node) -> Node:
    """Of each row of logits, over all types but <s>, which is never predicted."""
    z = z + np.where(np.arange(z.value.shape[-1]) == BOS, -1e30, 0.0)
    largest: Array = z.value.max(-1, keepdims=True)
    z = z + -largest
    return z - z.exp().sum(-1).log()


def cross_entropy(z: Node, targets: NDArray[Any]) -> Node:
    """The mean of −ln p of the targets that are some."""
    counted = np.flatnonzero(targets >= 0)
    return -log_softmax(z)[counted, targets[counted]].sum() * (1 / len(counted))
