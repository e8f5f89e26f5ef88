"""What the tests of formats share: texts in all formats, and what is read from them."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lmkit
from lmkit.text.sources.names import Format, TextFile
from lmkit.text.sources.reading import read_blocks
from lmkit.text.vocabulary import EOS

SKIPPING = " --skip-bad-lines skips such lines, and tells how many they were."


def lines_of(text: Any, **options: Any) -> list[tuple[int, str]]:
    """The lines of a text with the numbers of their records."""
    found = []
    for block in read_blocks(text, **options):
        lines = block.data.decode().split("\n")[:-1]
        found += list(zip(block.lines(len(lines)).tolist(), lines, strict=True))
    return found


def in_format(data: bytes | str, format: Format, **options: Any) -> TextFile:  # noqa: A002 (the name that users know)
    """A stream of this data in a format."""
    return TextFile(io.BytesIO(data.encode() if isinstance(data, str) else data), format, **options)


def error_of(text: Any, kind: type[Exception] = lmkit.DataError, **options: Any) -> str:
    """The message of the error that reading a text ends with."""
    with pytest.raises(kind) as caught:
        lines_of(text, **options)
    return str(caught.value)


def table(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    """A Parquet file."""
    pq.write_table(pa.table(columns), path, **options)
    return path


def json_lines(values: list[Any], name: str = "text") -> bytes:
    """JSON lines with these values in one field."""
    return b"".join(json.dumps({"id": n, name: value}).encode() + b"\n" for n, value in enumerate(values))


def listed_counts(counts: lmkit.NgramCounts) -> dict[str, int]:
    """The n-grams of all orders with their counts, those of <s> and </s> alone among them."""
    found = {"<s>": counts.sentences, "</s>": int(counts.counts[0][EOS])}
    for order in range(1, counts.order + 1):
        found |= dict(lmkit.list_ngrams(counts.up_to(order)))
    return {ngram: count for ngram, count in found.items() if count}


def lines_of_counts(counts: dict[str, int]) -> str:
    """A list of n-grams with their counts."""
    return "".join(f"{ngram}\t{count}\n" for ngram, count in counts.items())
