"""Records of one format as records of another."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from lmkit.errors import DataError
from lmkit.text.reading import Reading
from lmkit.text.records.outputs import RecordFile, RecordOutput
from lmkit.text.records.reading import read_records
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Format, TextFile


def convert(
    data: bytes, found: Format, output: Path, keep: Callable[[int], bool] = lambda _: True, block_bytes: int = 1
) -> None:
    """Write the records for which keep(number) holds to a file in the format of its name."""
    file, text = RecordFile.named(str(output)), TextFile(io.BytesIO(data), found)
    with output.open("wb") as stream, RecordOutput(file, stream) as target:
        for block in read_records(text, TextSettings(), Reading("replace", block_bytes)):
            target.write(file.render(block, np.array([keep(number) for number in block.numbers.tolist()], bool), None))


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file."""
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    text = path.read_bytes().decode()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n")[:-1]]
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if path.suffix == ".tsv" else ","))


ALL = pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.parquet"])
WITH_COLUMNS = pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet"])


@WITH_COLUMNS
def test_blocks_of_objects_of_which_none_is_kept_leave_nothing_behind(tmp_path: Path, name: str) -> None:
    data = b'{"text": "a"}\n{"text": "b"}\n{"text": "c"}\n'
    convert(data, "jsonl", tmp_path / name, lambda number: number == 2)
    assert read(tmp_path / name) == [{"text": "b"}]
    convert(data, "jsonl", tmp_path / name, lambda _: False)
    assert read(tmp_path / name) == []


@WITH_COLUMNS
def test_later_objects_may_lack_fields_and_have_them_in_another_order(tmp_path: Path, name: str) -> None:
    data = b'{"text": "a", "id": "x"}\n{"text": "b"}\n{"id": "z", "text": "c"}\n'
    convert(data, "jsonl", tmp_path / name)
    nothing = None if name == "a.parquet" else ""
    rows = [("a", "x"), ("b", nothing), ("c", "z")]
    assert [tuple(record.items()) for record in read(tmp_path / name)] == [
        (("text", text), ("id", number)) for text, number in rows
    ]


@WITH_COLUMNS
def test_a_field_that_the_first_objects_have_not_is_an_error(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", forgotten.append)  # what is thrown where an object is forgotten
    with pytest.raises(DataError, match="has a field late, which the first records"):
        convert(b'{"text": "a"}\n{"text": "b", "late": 1}\n', "jsonl", tmp_path / name)
    assert forgotten == []


@ALL
@pytest.mark.parametrize(
    ("found", "data"),
    [
        ("text", b"a \xff b\nc\n"),
        ("jsonl", b'{"text": "a \xff b"}\n{"text": "c"}\n'),
        ("csv", b"text\na \xff b\nc\n"),
    ],
)
def test_bytes_that_are_no_text_are_replaced_in_another_format(
    tmp_path: Path, name: str, found: Format, data: bytes
) -> None:
    convert(data, found, tmp_path / name, block_bytes=1 << 20)
    if name == f"a.{found}":
        assert (tmp_path / name).read_bytes() == data
    else:
        assert read(tmp_path / name) == [{"text": "a \ufffd b"}, {"text": "c"}]


@ALL
def test_blank_lines_of_plain_text_are_rows_without_text(tmp_path: Path, name: str) -> None:
    convert(b"a\n\n  \nb\n", "text", tmp_path / name)
    texts = ["a", "  ", "b"] if name == "a.tsv" else ["a", "", "  ", "b"]  # in TSV, a line of nothing is no record
    assert [record["text"] for record in read(tmp_path / name)] == texts


@pytest.mark.parametrize("data", [b"a\nb\n", b""])
def test_a_compressed_file_of_one_block_is_one_member(tmp_path: Path, data: bytes) -> None:
    convert(data, "text", tmp_path / "a.txt.gz", block_bytes=1 << 20)
    assert (tmp_path / "a.txt.gz").read_bytes() == gzip.compress(data, 6, mtime=0)
