"""Which part of a text each step learns from, found by its number: so nothing that was drawn has to be kept for going on after a break."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lmkit.neural.architectures.bigram import Bigrams
from lmkit.neural.architectures.network import Shape
from lmkit.neural.lanes import LANES, Parted
from lmkit.neural.windows import Batch, windows_at

ROWS = 256  # places of windows that are worked on at a time, about: matrices are large enough to be fast, and stay in the cache


class Batches(Protocol):
    """The batches of a training."""

    @property
    def tokens(self) -> int:
        """How many targets the text has."""

    @property
    def epoch(self) -> int:
        """How many steps see the whole text once."""

    @property
    def part(self) -> int:
        """How much of a batch is worked on at a time."""

    @property
    def lanes(self) -> int:
        """How many parts are worked on at the same time, at most."""

    def at(self, step: int) -> Parted:
        """The batch of a step, from 0."""


class WindowBatches:
    """Windows end to end, from a place that each epoch draws anew, in an order that it draws anew: every place is seen once."""

    def __init__(self, inputs: NDArray[np.int32], shape: Shape, size: int, seed: int) -> None:
        """size: windows of a batch, at most."""
        self._inputs, self._seed, self.tokens = inputs, seed, len(inputs)
        self._time, self._before = shape.time, shape.before
        self._windows = -(
            -(len(inputs) + shape.time - 1) // shape.time
        )  # as many as the text touches, wherever they begin
        self.epoch = -(-self._windows // size)
        size = min(size, self._windows)
        self.part = part_of(shape.time)
        self.lanes = lanes_of(size, shape.time)
        self._drawn = -1
        self._begins: NDArray[Any] = np.zeros(0, np.int64)

    def at(self, step: int) -> Batch:
        """The windows of a step; all batches of an epoch are as large, but for one window."""
        epoch, number = divmod(step, self.epoch)
        if epoch != self._drawn:
            self._drawn, self._begins = epoch, self._order(epoch)
        first, last = (place * self._windows // self.epoch for place in (number, number + 1))
        return windows_at(self._inputs, self._begins[first:last].astype(np.int64), self._time, self._before)

    def _order(self, epoch: int) -> NDArray[Any]:
        """(windows,) where the windows of an epoch begin, as they come."""
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence((self._seed, epoch))))
        shift = int(generator.integers(self._time))
        kind = np.int32 if len(self._inputs) + self._time < 2**31 else np.int64
        begins: NDArray[np.signedinteger[Any]] = np.arange(self._windows, dtype=kind)
        generator.shuffle(begins)
        np.multiply(begins, self._time, out=begins)
        np.subtract(begins, shift, out=begins)
        return begins


class WholeText:
    """The counts of a text's bigrams: a batch, and the whole text."""

    epoch = 1
    lanes = 1  # of more, each would have gradients of its own, as large as the model

    def __init__(self, inputs: NDArray[np.int32], types: int) -> None:
        self._bigrams = Bigrams.of(inputs, types)
        self.part, self.tokens = types, len(inputs)

    def at(self, step: int) -> Bigrams:
        """The same at every step."""
        del step
        return self._bigrams


def part_of(time: int) -> int:
    """How many windows of a batch are worked on at a time."""
    return max(ROWS // time, 1)


def lanes_of(size: int, time: int) -> int:
    """How many parts of a batch are worked on at the same time, at most; the machine has no say in it, as bits depend on it."""
    return min(LANES, -(-size // part_of(time)))


def batches_of(inputs: NDArray[np.int32], shape: Shape, types: int, size: int, seed: int) -> Batches:
    """The batches that a network of this shape learns from."""
    return WindowBatches(inputs, shape, size, seed) if shape.time else WholeText(inputs, types)
