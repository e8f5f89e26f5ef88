"""Times the functions at the core of counting on the text they are given, without files or processes around them.

python benchmarks/counting_core.py TEXT [--order 5] [--runs 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lmkit.corpus.encoding import encode_blocks
from lmkit.corpus.reading import read_blocks
from lmkit.corpus.settings import TextSettings
from lmkit.corpus.vocabulary import WordNumbering
from lmkit.ngrams.runs import count_block, merge_runs
from lmkit.sparse import group_pairs


def median_seconds(call: Callable[[], Any], runs: int) -> float:
    """The median wall seconds of some calls."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Time each function on the first blocks of the text and print millions a second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    raw = [block for block, _ in zip(read_blocks(options.text), range(4), strict=False)]

    def encode() -> list[Any]:
        return list(encode_blocks(raw, TextSettings(), WordNumbering()))

    numbering = WordNumbering()
    encoded = [block.tokens for block in encode_blocks(raw, TextSettings(), numbering)]
    types, tokens = len(numbering), sum(map(len, encoded))
    runs = [count_block(block, options.order, types) for block in encoded]
    entries = sum(len(order) for run in runs for order in run.orders[1:])
    pairs = encoded[0][:-1], encoded[0][1:]
    _, _, sums, _ = group_pairs(*pairs, shape=(types, types))
    if int(np.sum(sums)) != len(pairs[0]):
        raise SystemExit("group_pairs lost pairs")
    figures = {
        "encode_blocks": (tokens, "tokens", encode),
        "group_pairs (adjacent words)": (len(pairs[0]), "pairs", lambda: group_pairs(*pairs, shape=(types, types))),
        f"count_block, order {options.order}": (
            tokens * options.order,
            "n-gram occurrences",
            lambda: [count_block(block, options.order, types) for block in encoded],
        ),
        f"merge_runs, order {options.order}": (entries, "run entries", lambda: merge_runs(runs, types)),
    }
    for name, (work, unit, call) in figures.items():
        seconds = median_seconds(call, options.runs)
        print(f"{name:32}{seconds:8.3f} s{work / seconds / 1e6:9.1f} million {unit} a second")


if __name__ == "__main__":
    main()
