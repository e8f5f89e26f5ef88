"""What gives the gradients of a batch: NumPy, or PyTorch, which learns the same parameters from the same batches."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.neural.architectures.network import Shape
    from lmkit.neural.lanes import Lanes, Parted
    from lmkit.neural.parameters import Parameters

Backend = Literal["numpy", "torch"]
Device = Literal["cpu", "cuda"]
NUMPY, TORCH = get_args(Backend)
CPU, CUDA = get_args(Device)


class Gradients(Protocol):
    """What a step asks."""

    def seed(self, *key: int) -> None:
        """Draw from here on what this key says."""

    def gradients(self, batch: "Parted") -> "tuple[float, Parameters]":
        """The mean of −ln p of the targets, in nats, and its gradients, which hold until the next call."""


def check_backend(backend: str, device: str) -> None:
    """UsageError for what is none, and for a device that is not PyTorch's."""
    for name, value, allowed in (("backend", backend, get_args(Backend)), ("device", device, get_args(Device))):
        if value not in allowed:
            raise UsageError(f"the {name} is {value!r}; it must be {' or '.join(allowed)}.")
    if device != CPU and backend != TORCH:
        raise UsageError(
            f"--device {device} is for PyTorch, and the backend is {backend}.", "Add --backend torch, or leave it out."
        )


def check_installed(backend: str, device: str) -> None:
    """DataError where PyTorch, or the device, is asked for and missing."""
    if backend == TORCH:
        from lmkit.neural.torch_lanes import torch_library

        torch_library(device)


def gradients_by(
    backend: str,
    device: str,
    lanes: "Lanes",
    shape: "Shape",
    parameters: "Parameters",
    dropout: float,
    part: int,
    threads: int,
) -> AbstractContextManager[Gradients]:
    """What gives gradients; of NumPy, the lanes. part: how much of a batch a lane works on at a time."""
    if backend == NUMPY:
        return nullcontext(lanes)
    from lmkit.neural.torch_lanes import TorchLanes

    return TorchLanes(shape, parameters, dropout, threads, part * len(lanes.networks), device)
