"""Gradients by PyTorch: the same parameters, batches and formulas as `Lanes`, differentiated by it. NumPy's are the reference.

On the processor, tensors are the memory of the parameters; on another device, they are copied there and gradients back at each call.
"""

from contextlib import AbstractContextManager
from typing import Any, Self

import numpy as np

from lmkit.errors import DataError
from lmkit.neural.architectures.network import Shape
from lmkit.neural.lanes import Parted
from lmkit.neural.parameters import Parameters
from lmkit.neural.torch_losses import LOSSES, Draws, Tensors


def torch_library(device: str = "cpu") -> Any:
    """The module `torch`. DataError if it is not installed, or does not reach the device."""
    try:
        import torch
    except ImportError as error:
        raise DataError(
            f"--backend torch needs PyTorch: {error}.",
            "Install it with: pip install 'lmkit[torch]'; or leave --backend out.",
        ) from None
    if device != "cpu" and not torch.cuda.is_available():
        raise DataError(
            f"--device {device} was asked for, and PyTorch {torch.__version__} finds none on this machine.",
            "Leave --device out; or install a driver, and a PyTorch for it (pytorch.org).",
        )
    return torch


class TorchLanes(AbstractContextManager["TorchLanes"]):
    """What gives the gradients of batches (see `Lanes`) by PyTorch; within the block, it uses so many threads."""

    def __init__(
        self, shape: Shape, parameters: Parameters, dropout: float, workers: int, part: int, device: str = "cpu"
    ) -> None:
        """part: how much of a batch is worked on at a time. DataError where PyTorch or the device is missing."""
        self._torch = torch = torch_library(device)
        self._loss, self._shape, self._workers, self._part = LOSSES[type(shape)], shape, workers, part
        self._gradients = parameters.like()
        self._theta, self._d_theta = (torch.from_numpy(each.vector) for each in (parameters, self._gradients))
        self._on_device = self._theta.to(device), self._d_theta.to(device)  # on the processor, they are what they were
        self._tensors = self._named(parameters)
        self._draws = Draws(torch, dropout, torch.Generator(device))

    def __enter__(self) -> Self:
        self._threads = self._torch.get_num_threads()
        self._torch.set_num_threads(self._workers)
        return self

    def __exit__(self, *failure: object) -> None:
        self._torch.set_num_threads(self._threads)

    def _named(self, parameters: Parameters) -> Tensors:
        """The parameters by name, as views of their vector, whose gradients are views of theirs."""
        found, start = {}, 0
        theta, d_theta = self._on_device
        for name, view in parameters.views.items():
            end = start + view.size
            found[name] = theta[start:end].view(view.shape).requires_grad_()
            found[name].grad = d_theta[start:end].view(view.shape)
            start = end
        return found

    def seed(self, *key: int) -> None:
        """Draw from here on what this key says."""
        (word,) = np.random.SeedSequence(key).generate_state(1, np.uint64).tolist()
        self._draws.generator.manual_seed(word >> 1)

    def gradients(self, batch: Parted) -> tuple[float, Parameters]:
        """The mean of −ln p of the targets, in nats, and its gradients, which hold until the next call."""
        count = max(batch.counted, 1)
        theta, d_theta = self._on_device
        if theta is not self._theta:
            theta.copy_(self._theta)
        d_theta.zero_()
        total = 0.0
        for at in range(0, len(batch), self._part):
            loss = self._loss(self._torch, self._shape, self._tensors, batch.part(at, at + self._part), self._draws)
            (loss / count).backward()
            total += float(loss.detach())
        if d_theta is not self._d_theta:
            self._d_theta.copy_(d_theta)
        return total / count, self._gradients
