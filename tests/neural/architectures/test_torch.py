"""The same networks, written with PyTorch's functions: the same loss and the same gradients."""

from typing import Any

import numpy as np
import pytest

from lmkit.neural.architectures.bigram import Bigrams, BigramShape
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.architectures.network import Shape
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.layers.output import NO_TARGET
from lmkit.neural.windows import Batch
from lmkit.text.vocabulary import BOS
from tests.neural.small import SHAPES, lanes, random_batch, random_parameters

torch = pytest.importorskip("torch", reason="PyTorch is not installed, beside which gradients are found")
F = torch.nn.functional


def transformer(p: dict[str, Any], shape: TransformerShape, batch: Batch) -> Any:
    """(windows · time, types) logits."""
    tokens = torch.tensor(batch.inputs, dtype=torch.int64)
    windows, time = tokens.shape
    starts = torch.tensor(batch.starts)
    mask = (starts[:, None, :, None] == starts[:, None, None, :]) & torch.ones(time, time, dtype=torch.bool).tril()
    size = (shape.dimensions,)
    x = p["wte.weight"][tokens] + p["wpe.weight"][torch.arange(time) - starts]

    def norm(name: str, x: Any) -> Any:
        return F.layer_norm(x, size, p[f"{name}.weight"], p[f"{name}.bias"])

    def linear(name: str, x: Any) -> Any:
        return F.linear(x, p[f"{name}.weight"].T, p[f"{name}.bias"])

    for layer in range(shape.layers):
        h = f"h.{layer}"
        qkv = linear(f"{h}.attn.c_attn", norm(f"{h}.ln_1", x))
        heads = (part.view(windows, time, shape.heads, -1).transpose(1, 2) for part in qkv.split(size[0], 2))
        mixed = F.scaled_dot_product_attention(*heads, attn_mask=mask).transpose(1, 2).reshape(windows, time, -1)
        x = x + linear(f"{h}.attn.c_proj", mixed)
        inner = F.gelu(linear(f"{h}.mlp.c_fc", norm(f"{h}.ln_2", x)), approximate="tanh")
        x = x + linear(f"{h}.mlp.c_proj", inner)
    return norm("ln_f", x).view(windows * time, -1) @ p["wte.weight"].T


def feed_forward(p: dict[str, Any], shape: FeedForwardShape, batch: Batch) -> Any:
    """(windows, types) logits."""
    assert batch.starts is not None
    outside = np.arange(batch.inputs.shape[1]) < batch.starts[:, -1:]
    tokens = torch.tensor(np.where(outside, BOS, batch.inputs), dtype=torch.int64)
    x = torch.tanh(p["wte.weight"][tokens].flatten(1) @ p["hidden.weight"] + p["hidden.bias"])
    if shape.tied:
        x = x @ p["project.weight"] + p["project.bias"]
    return x @ p["wte.weight" if shape.tied else "output.weight"].T + p["output.bias"]


def loss_of(p: dict[str, Any], shape: Shape, batch: Any) -> Any:
    """The mean loss."""
    if isinstance(shape, BigramShape):
        assert isinstance(batch, Bigrams)
        z, counts = p["weight"] + p["bias"], torch.tensor(batch.counts.toarray())
        z[:, BOS] = -torch.inf
        seen = counts > 0
        return -(F.log_softmax(z, 1)[seen] @ counts[seen]) / counts.sum()
    if isinstance(shape, TransformerShape):
        z, targets = transformer(p, shape, batch), batch.targets.reshape(-1)
    else:
        assert isinstance(shape, FeedForwardShape)
        z, targets = feed_forward(p, shape, batch), batch.targets[:, -1]
    z[:, BOS] = -torch.inf
    return F.cross_entropy(z, torch.tensor(targets, dtype=torch.int64), ignore_index=NO_TARGET)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_loss_and_gradients_are_those_of_pytorch(shape: Shape) -> None:
    batch, parameters = random_batch(shape), random_parameters(shape)
    p = {name: torch.tensor(view, requires_grad=True) for name, view in parameters.views.items()}
    loss = loss_of(p, shape, batch)
    loss.backward()
    with lanes(shape, parameters) as made:
        found, gradients = made.gradients(batch)
    assert found == pytest.approx(loss.item(), rel=1e-12)
    for name, view in gradients.views.items():
        if name in shape.given:
            assert not view.any()
        else:
            np.testing.assert_allclose(view, p[name].grad.numpy(), rtol=0, atol=1e-12, err_msg=name)
