"""A process that takes steps of training when it is told to: so two programs run in turn, and neither starts anew each time."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Work:
    """A transformer, and what it is trained on."""

    types: int
    threads: int
    dimensions: int = 128
    layers: int = 2
    heads: int = 4
    context: int = 64
    windows: int = 32
    part: int = 8  # windows that lmkit works on at a time
    rate: float = 1e-3
    longest: float = 1.0  # that gradients are clipped to

    @classmethod
    def told(cls) -> "Work":
        """What the command line says."""
        return cls(**json.loads(sys.argv[1]))

    def as_argument(self) -> str:
        """What a command line says of it."""
        return json.dumps(asdict(self))

    def text(self) -> NDArray[np.int32]:
        """Padded sentences of 20 words on the average, whose words are as frequent as Zipf's law has them."""
        generator = np.random.default_rng(1)
        ranks = np.arange(3, self.types)
        words = generator.choice(ranks, 50_000, p=1 / ranks / (1 / ranks).sum())
        ends = np.flatnonzero(generator.random(len(words)) < 1 / 20)
        marked = np.insert(words, np.repeat(ends, 2), np.tile([0, 1], len(ends)))
        return marked[ends[0] + 1 : np.flatnonzero(marked == 0)[-1] + 1].astype(np.int32)


def serve(step: Callable[[], Any]) -> None:
    """Take as many steps as each line of the input says; print what each took, CPU and wall, in ms."""
    for line in sys.stdin:
        taken = []
        for _ in range(int(line)):
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            taken.append((1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - wall)))
        print(json.dumps(taken), flush=True)
