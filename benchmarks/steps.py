"""What counting in steps costs beside a single machine: bytes of each exchange, and processor time.

    python -m benchmarks.steps TEXT [--order 5] [--splits 6] [--ranges 6] [--workers 4] [--runs 3]

The text (tokenised, one sentence a line) is counted in turn by threads, by worker processes, and in steps by one thread of this process, splits and ranges
being as many as asked for. All must give the same file. Bytes are those of payloads as they are, and after zstd, as engines send them over a network.
"""

import argparse
import hashlib
import io
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import lmkit
from lmkit.engine.runners.local import Held, Local
from lmkit.engine.runners.payloads import compressed, unpacked
from lmkit.engine.runners.protocol import Message
from lmkit.ngrams.counting.supersteps.counting import SLICE
from lmkit.ngrams.counting.supersteps.driver import count_on
from lmkit.ngrams.counting.supersteps.merging import merged_kind


class Weighed(Local):
    """Notes what each step sends, and its processor time."""

    def __init__(self) -> None:
        super().__init__(lmkit.Resources(workers=1))
        self.sent: list[Message] = []
        self.seconds: dict[str, float] = {}

    def step(self, name: str, *arguments: Any, **options: Any) -> Held:
        """See `Local`."""
        start = time.process_time()
        held = super().step(name, *arguments, **options)
        self.seconds[name] = time.process_time() - start
        self.sent += held.messages
        return held


def ngrams_in(messages: Sequence[Message]) -> int:
    """The number of n-grams in slices."""
    return sum(
        len(each) for message in messages for name, each in unpacked(message).items() if name.startswith("counts")
    )


def exchanges(sent: Sequence[Message], order: int, distinct: int) -> None:
    """Print the bytes of each kind of message."""
    by_kind: dict[str, list[Message]] = defaultdict(list)
    for message in sent:
        by_kind["merged ranges" if message.kind in map(merged_kind, range(2, order + 1)) else message.kind].append(
            message
        )
    print("messages\tnumber\tMB\tMB, zstd\tbytes an n-gram in them, zstd\tbytes a distinct n-gram, zstd")
    for kind, messages in by_kind.items():
        raw, small = (sum(map(size, messages)) for size in (lambda each: len(each.payload), compressed_size))
        own = f"{small / ngrams_in(messages):.2f}" if kind in (SLICE, "merged ranges") else "-"
        print(f"{kind}\t{len(messages)}\t{raw / 1e6:.1f}\t{small / 1e6:.1f}\t{own}\t{small / distinct:.2f}")


def compressed_size(message: Message) -> int:
    """The bytes of a message on its way."""
    return len(compressed(message.payload))


def digest(counts: lmkit.NgramCounts) -> str:
    """The digest of the file of counts."""
    stream = io.BytesIO()
    lmkit.save(counts, stream)
    return hashlib.sha256(stream.getbuffer()).hexdigest()


def timed(work: Callable[[], lmkit.NgramCounts]) -> tuple[float, lmkit.NgramCounts]:
    """The seconds of processors that some work takes, with those of processes that it starts, and what it gives."""
    start = sum(os.times()[:4])
    found = work()
    return sum(os.times()[:4]) - start, found


def in_steps(text: Path, order: int, splits: int, ranges: int) -> tuple[Weighed, lmkit.NgramCounts]:
    """The counts in steps of this process, and what it noted."""
    size = text.stat().st_size
    with Weighed() as runner:
        return runner, count_on(
            runner, text, order, split_bytes=-(-size // splits), ranges=ranges, resources=lmkit.Resources(workers=1)
        )


def main() -> None:
    """Count, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    for name, default in (("order", 5), ("splits", 6), ("ranges", 6), ("workers", 4), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    runner, found = in_steps(asked.text, asked.order, asked.splits, asked.ranges)
    exchanges(runner.sent, asked.order, sum(found.ngrams().values()))
    for name, seconds in runner.seconds.items():
        print(f"{name}: {seconds:.2f} CPU s")
    ways: dict[str, Callable[[], lmkit.NgramCounts]] = {
        "one thread": lambda: lmkit.count_ngrams(asked.text, asked.order, resources=lmkit.Resources(workers=1)),
        "threads": lambda: lmkit.count_ngrams(asked.text, asked.order),
        f"{asked.workers} processes": lambda: lmkit.count_ngrams(
            asked.text, asked.order, resources=lmkit.Resources(workers=asked.workers, processes=True)
        ),
        "steps": lambda: in_steps(asked.text, asked.order, asked.splits, asked.ranges)[1],
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    digests = {digest(found)}
    for _ in range(asked.runs):
        for name, work in ways.items():
            seconds, counts = timed(work)
            taken[name].append(seconds)
            digests.add(digest(counts))
    if len(digests) != 1:
        raise SystemExit(f"the files differ: {digests}")
    for name, all_seconds in taken.items():
        ratios = [one / base for one, base in zip(all_seconds, taken["one thread"], strict=True)]
        print(f"{name}: {median(all_seconds):.2f} CPU s, {median(ratios):.2f} × one thread")
    print(f"the same file: sha256 {digests.pop()}")


if __name__ == "__main__":
    main()
