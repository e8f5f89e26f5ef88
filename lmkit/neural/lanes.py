"""The gradient of a batch by several threads, to the same bits for any number of them.

A batch is cut into parts that fit the cache, parts go to lanes in turn, and lanes to threads. Each lane has gradients and arrays of its
own, and sums are made in the order of the lanes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self, TypeVar

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.threads import Threads
from lmkit.neural.architectures.network import Network
from lmkit.neural.parameters import Parameters

LANES = 4
Item = TypeVar("Item")
Result = TypeVar("Result")


class Parted(Protocol):
    """A batch."""

    @property
    def counted(self) -> int:
        """How many targets there are."""

    def __len__(self) -> int: ...

    def part(self, first: int, last: int) -> Any:
        """Some of what the batch is made of."""


class Lanes(AbstractContextManager["Lanes"]):
    """Networks of one set of parameters, each of which works by itself; within the block, BLAS uses one thread."""

    def __init__(self, make: Callable[[], Network], workers: int, part: int, lanes: int = LANES) -> None:
        """make: gives a network. part: how much of a batch is worked on at a time."""
        self.networks: Sequence[Network] = [make() for _ in range(lanes)]
        self._workers, self._part = min(workers, lanes), part

    def __enter__(self) -> Self:
        self._blas = one_blas_thread()
        self._blas.__enter__()
        self._threads = Threads(self._workers) if self._workers > 1 else None
        return self

    def __exit__(self, *failure: object) -> None:
        if self._threads:
            self._threads.end(cancel=True)
        self._blas.__exit__(None, None, None)

    def seed(self, *key: int) -> None:
        """Let every network draw what this key, and its lane, say."""
        for lane, network in enumerate(self.networks):
            network.seed(*key, lane)

    def gradients(self, batch: Parted) -> tuple[float, Parameters]:
        """The mean of −ln p of the targets, in nats, and its gradients, which hold until the next call."""
        count = max(batch.counted, 1)
        for network in self.networks:
            network.gradients.vector[...] = 0
        parts = [batch.part(at, at + self._part) for at in range(0, len(batch), self._part)]
        total = sum(self.map(lambda network, part: network.add_gradients(part, 1 / count), parts))
        found = self.networks[0].gradients
        for network in self.networks[1:]:
            found.vector += network.gradients.vector
        return total / count, found

    def map(self, work: Callable[[Network, Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """work(network, item) of each item, in order."""

        def share(lane: int) -> list[Result]:
            return [work(self.networks[lane], item) for item in items[lane :: len(self.networks)]]

        lanes = range(len(self.networks))
        if self._threads:
            found = [done.result() for done in [self._threads.submit(share, lane) for lane in lanes]]
        else:
            found = list(map(share, lanes))
        for place in range(len(items)):
            yield found[place % len(lanes)][place // len(lanes)]
