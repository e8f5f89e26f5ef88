"""Two models of one word each that differ by powers of 2, so that cross-entropies can be worked out by hand, and texts in all formats."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.conftest import text_file

# -log2 of the probabilities. Line: bits in the domain, bits in general, for each of its tokens with </s>.
DOMAIN = {"a": 1, "b": 2, "</s>": 3, "<unk>": 3}
GENERAL = {"a": 3, "b": 1, "</s>": 2, "<unk>": 3}
DIFFERENCES = {
    "a": (1 + 3) / 2 - (3 + 2) / 2,  # -0.5
    "b": (2 + 3) / 2 - (1 + 2) / 2,  # 1
    "a a": (1 + 1 + 3) / 3 - (3 + 3 + 2) / 3,  # -1
    "c": (3 + 3) / 2 - (3 + 2) / 2,  # 0.5, with an unknown word
}


def unigrams(folder: Path, name: str, bits: Mapping[str, float]) -> Path:
    """An ARPA file of order 1 with these -log2 p."""
    rows = "".join(f"{-value * math.log10(2):.9f}\t{word}\n" for word, value in bits.items())
    return text_file(folder, f"\\data\\\nngram 1={len(bits) + 1}\n\n\\1-grams:\n-99\t<s>\n{rows}\n\\end\\\n", name)


def both_models(folder: Path) -> tuple[Path, Path]:
    """The model of the domain, and the one of text in general."""
    return unigrams(folder, "domain.arpa", DOMAIN), unigrams(folder, "general.arpa", GENERAL)


def written(folder: Path, name: str, columns: Mapping[str, Sequence[str | None]]) -> Path:
    """Records with these fields, in the format that the name says; plain text has one field."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    path = folder / name
    if name.endswith(".parquet"):
        pq.write_table(pa.table(dict(columns)), path, row_group_size=2)
    elif name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif name.endswith((".csv", ".tsv")):
        text = io.StringIO()
        writer = csv.writer(text, delimiter="," if name.endswith(".csv") else "\t", lineterminator="\n")
        writer.writerows([list(columns), *(list(row.values()) for row in rows)])
        path.write_text(text.getvalue(), "utf-8")
    else:
        path.write_text("".join(f"{value}\n" for row in rows for value in row.values()), "utf-8")
    return path


def values_in(path: Path, field: str) -> list[str | None]:
    """What a field of all records holds."""
    if path.suffix == ".parquet":
        found: list[str | None] = pq.read_table(path).column(field).to_pylist()
        return found
    if path.suffix == ".jsonl":
        return [json.loads(line)[field] for line in path.read_text("utf-8").splitlines()]
    if path.suffix in (".csv", ".tsv"):
        with path.open(encoding="utf-8", newline="") as file:
            delimiter = "," if path.suffix == ".csv" else "\t"
            return [row[field] for row in csv.DictReader(file, delimiter=delimiter)]
    return list(path.read_text("utf-8").splitlines())
