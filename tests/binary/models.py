"""KenLM's binary files that the tests read, and what KenLM finds in them."""

import gzip
from pathlib import Path

from tests.conftest import read_table

FOLDER = Path(__file__).parent / "kenlm"
TEXT = FOLDER / "test.tok"
SCORES = read_table(FOLDER / "scores.tsv.gz")
SCORED = tuple(name.removesuffix(":order") for name in SCORES[0] if name.endswith(":order"))
ENDLESS = ("endless.probing", "endless.trie.nowords")


def binary(name: str) -> bytes:
    """The bytes of a file."""
    return gzip.decompress((FOLDER / f"{name}.bin.gz").read_bytes())


def arpa_ngrams() -> list[dict[str, tuple[float, float]]]:
    """Of each order, the n-grams of the ARPA file that most were made from, with log10 probability and backoff."""
    orders: list[dict[str, tuple[float, float]]] = []
    for line in gzip.decompress((FOLDER / "fr.arpa.gz").read_bytes()).decode().splitlines():
        columns = line.split("\t")
        if line.endswith("-grams:"):
            orders.append({})
        elif len(columns) > 1:
            orders[-1][columns[1]] = float(columns[0]), float(columns[2]) if len(columns) > 2 else 0.0
    return orders
