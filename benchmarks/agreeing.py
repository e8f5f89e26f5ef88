"""What the results of a job must agree on: SystemExit unless they do."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Measured

Agreement = Callable[[dict[str, Path], dict[str, list[Measured]]], None]  # of files and measurements, by program


def same_ngrams(files: dict[str, Path], _results: dict[str, list[Measured]]) -> None:
    """ARPA files announce the same numbers of n-grams."""
    found = {name: announced(path) for name, path in files.items()}
    if len(set(found.values())) > 1:
        sys.exit(f"the numbers of n-grams differ: {found}")


def announced(path: Path) -> tuple[str, ...]:
    """The numbers of n-grams in the head of an ARPA file."""
    with path.open(encoding="utf-8") as file:
        return tuple(re.findall(r"^ngram \d+=\d+$", file.read(5000), re.MULTILINE))


def same_perplexity(_files: dict[str, Path], results: dict[str, list[Measured]]) -> None:
    """Perplexities, as lmkit and KenLM print them, agree to five digits."""
    found = {}
    for name, runs in results.items():
        printed = runs[0].printed
        if name.startswith("lmkit"):
            found[name] = float(json.loads(printed[printed.index("{") : printed.rindex("}") + 1])["perplexity"])
        elif match := re.search(r"including OOVs:\s*([\d.]+)", printed):
            found[name] = float(match[1])
    if max(found.values()) / min(found.values()) > 1 + 1e-5:
        sys.exit(f"the perplexities differ: {found}")


def same_lines(files: dict[str, Path], _results: dict[str, list[Measured]]) -> None:
    """Files have the same lines in whatever order."""
    (first, path), *others = files.items()
    lines = sorted(path.read_bytes().splitlines())
    for name, other in others:
        if sorted(other.read_bytes().splitlines()) != lines:
            sys.exit(f"the lists of {first} and {name} differ")
