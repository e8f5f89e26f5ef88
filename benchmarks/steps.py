"""What counting and smoothing in steps cost beside a single machine: bytes of each exchange, and processor time.

    python -m benchmarks.steps TEXT [--order 5] [--splits 6] [--ranges 6] [--workers 4] [--runs 3]

The text (tokenised, one sentence a line) is counted in turn by threads, by worker processes, and in steps by one thread of this process, splits and ranges
being as many as asked for; then its Kneser-Ney model is made in these ways. All must give the same file. Bytes are those of payloads as they are, and after zstd, as engines send them over a network.
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
from lmkit.engine.runners.processes import Processes
from lmkit.engine.runners.protocol import Message
from lmkit.ngrams.counting.supersteps.counting import SLICE
from lmkit.ngrams.counting.supersteps.driver import count_on
from lmkit.ngrams.counting.supersteps.merging import merged_kind
from lmkit.smoothing.counted_evidence import CountedEvidence
from lmkit.smoothing.supersteps.driver import tallies_on
from lmkit.smoothing.supersteps.suffixes import SUFFIXES
from lmkit.smoothing.supersteps.tallies import tally_kind

TALLIES = "tallies"


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
    orders = range(2, order + 1)
    together = dict.fromkeys(map(merged_kind, orders), "merged ranges") | dict.fromkeys(
        map(tally_kind, orders), TALLIES
    )
    by_kind: dict[str, list[Message]] = defaultdict(list)
    for message in sent:
        by_kind[together.get(message.kind, message.kind)].append(message)
    print("messages\tnumber\tMB\tMB, zstd\tbytes an n-gram in them, zstd\tbytes a distinct n-gram, zstd")
    for kind, messages in by_kind.items():
        raw, small = (sum(map(size, messages)) for size in (lambda each: len(each.payload), compressed_size))
        own = f"{small / ngrams_in(messages):.2f}" if kind in (SLICE, "merged ranges", SUFFIXES) else "-"
        print(f"{kind}\t{len(messages)}\t{raw / 1e6:.1f}\t{small / 1e6:.1f}\t{own}\t{small / distinct:.2f}")


def compressed_size(message: Message) -> int:
    """The bytes of a message on its way."""
    return len(compressed(message.payload))


def digest(found: Any) -> str:
    """The digest of the file of counts, or of a model."""
    stream = io.BytesIO()
    lmkit.save(found, stream)
    return hashlib.sha256(stream.getbuffer()).hexdigest()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
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


def smoothed(counts: lmkit.NgramCounts, runner: Any) -> lmkit.NgramModel:
    """The model of the counts by what carries steps out."""
    with runner as opened:
        return lmkit.kneser_ney(counts, discount_fallback="generalised", runner=opened)


def smoothing_exchanges(counts: lmkit.NgramCounts, ranges: int) -> None:
    """Print what smoothing sends."""
    evidence = CountedEvidence.of(counts, closed=False)
    with Weighed() as runner:
        tallies_on(runner, evidence, "adjusted", lmkit.Resources(workers=1), ranges)
    exchanges(runner.sent, counts.order, sum(counts.ngrams().values()))
    for name, seconds in runner.seconds.items():
        print(f"{name}: {seconds:.2f} CPU s")


def compare(ways: dict[str, Callable[[], Any]], runs: int) -> None:
    """Print the processor time of each way, those of a run in turn. SystemExit where their files differ."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    digests = set()
    for _ in range(runs):
        for name, work in ways.items():
            seconds, found = timed(work)
            taken[name].append(seconds)
            digests.add(digest(found))
    if len(digests) != 1:
        raise SystemExit(f"the files differ: {digests}")
    for name, all_seconds in taken.items():
        ratios = [one / base for one, base in zip(all_seconds, taken["one thread"], strict=True)]
        print(f"{name}: {median(all_seconds):.2f} CPU s, {median(ratios):.2f} × one thread")
    print(f"the same file: sha256 {digests.pop()}")


def main() -> None:
    """Count, compare, print; smooth, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    for name, default in (("order", 5), ("splits", 6), ("ranges", 6), ("workers", 4), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    runner, found = in_steps(asked.text, asked.order, asked.splits, asked.ranges)
    exchanges(runner.sent, asked.order, sum(found.ngrams().values()))
    for name, seconds in runner.seconds.items():
        print(f"{name}: {seconds:.2f} CPU s")
    ways: dict[str, Callable[[], Any]] = {
        "one thread": lambda: lmkit.count_ngrams(asked.text, asked.order, resources=lmkit.Resources(workers=1)),
        "threads": lambda: lmkit.count_ngrams(asked.text, asked.order),
        f"{asked.workers} processes": lambda: lmkit.count_ngrams(
            asked.text, asked.order, resources=lmkit.Resources(workers=asked.workers, processes=True)
        ),
        "steps": lambda: in_steps(asked.text, asked.order, asked.splits, asked.ranges)[1],
    }
    compare(ways, asked.runs)
    smoothing_exchanges(found, asked.ranges)
    one, many = lmkit.Resources(workers=1), lmkit.Resources(workers=asked.workers)
    smoothing_ways: dict[str, Callable[[], Any]] = {
        "one thread": lambda: lmkit.kneser_ney(found, discount_fallback="generalised", resources=one),
        "threads": lambda: lmkit.kneser_ney(found, discount_fallback="generalised"),
        f"{asked.workers} processes": lambda: smoothed(found, Processes(many)),
        "steps": lambda: smoothed(found, Local(one)),
    }
    compare(smoothing_ways, asked.runs)


if __name__ == "__main__":
    main()
