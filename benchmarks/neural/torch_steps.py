"""Steps of training by PyTorch, eager: the same network, its own attention and fused Adam. Needs no lmkit."""

from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.neural.stepping import Work, serve

F = nn.functional


class Block(nn.Module):  # type: ignore[misc] # PyTorch may not be there
    """Attention and two layers, each after a norm."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.join = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x: Any) -> Any:
        """(windows, time, d)"""
        windows, time, d = x.shape
        heads = (
            part.view(windows, time, self.heads, -1).transpose(1, 2) for part in self.qkv(self.ln_1(x)).split(d, 2)
        )
        mixed = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).reshape(windows, time, d)
        x = x + self.join(mixed)
        return x + self.down(F.gelu(self.up(self.ln_2(x)), approximate="tanh"))


class Transformer(nn.Module):  # type: ignore[misc] # as above
    """As lmkit's, without the mask of sentences."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(work.types, work.dimensions), nn.Embedding(work.context, work.dimensions)
        self.blocks = nn.ModuleList(Block(work.dimensions, work.heads) for _ in range(work.layers))
        self.ln_f = nn.LayerNorm(work.dimensions)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, tokens: Any, targets: Any) -> Any:
        """The mean loss."""
        x = self.wte(tokens) + self.wpe.weight
        for block in self.blocks:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main(work: Work) -> None:
    """Take steps when told."""
    torch.set_num_threads(work.threads)
    torch.manual_seed(1)
    model = Transformer(work)
    optimizer = torch.optim.Adam(model.parameters(), work.rate, fused=True)
    text = work.text()
    inputs = torch.tensor(text[text != 0], dtype=torch.int64)
    generator = np.random.default_rng(1)
    span = torch.arange(work.context)

    def step() -> None:
        places = torch.tensor(generator.integers(0, len(inputs) - work.context - 1, work.windows))
        at = places[:, None] + span
        targets = inputs[at + 1]
        optimizer.zero_grad()
        model(inputs[at], torch.where(targets == 1, 0, targets)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), work.longest)
        optimizer.step()

    serve(step)


if __name__ == "__main__":
    main(Work.told())
