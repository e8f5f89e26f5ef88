"""What records hold besides their text, and what may be added to them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from lmkit.errors import DataError, UsageError
from lmkit.text.records.outputs import RecordFile, RecordOutput, Rendered
from lmkit.text.records.reading import read_records
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import TextFile
from lmkit.text.sources.opening import open_source
from tests.conftest import text_file


def values_in(path: Path | TextFile, field: str) -> list[Any]:
    """What a field of the records of a file holds."""
    return [value for block in read_records(path, TextSettings()) for value in block.records.values(field)]


def with_classes(path: Path, output: str, classes: Sequence[str], name: str = "class") -> Rendered:
    """The records of a small file, with a field of these texts added, as they are written to a file of this name."""
    block = next(read_records(path, TextSettings()))
    return RecordFile.named(output).render(block, np.ones(len(block), bool), {name: classes})


def bytes_of(rendered: Rendered) -> bytes:
    """What is written of records that are lines."""
    assert isinstance(rendered.content, bytes | memoryview)
    return bytes(rendered.content)


def test_values_of_json_are_as_they_stand_and_null_where_a_record_lacks_the_field(tmp_path: Path) -> None:
    records = '{"text": "a", "id": 7}\n{"text": "b", "id": "x"}\n\n{"text": "c"}\n{"text": "d", "id": null}\n'
    assert values_in(text_file(tmp_path, records, "a.jsonl"), "id") == [7, "x", None, None, None]


def test_a_name_with_dots_leads_into_nested_objects_unless_a_field_is_called_so(tmp_path: Path) -> None:
    records = '{"text": "a", "of": {"id": 1}}\n{"text": "b", "of.id": 2, "of": {"id": 3}}\n'
    assert values_in(text_file(tmp_path, records, "a.jsonl"), "of.id") == [1, 2]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.jsonl", '{"text": "a", "idn": 7}\n', "field"),
        ("a.csv", "text,idn\na,7\n", "column"),
        ("a.tsv", "text\tidn\na\t7\n", "column"),
    ],
)
def test_a_field_that_is_not_there_is_refused_with_those_that_are(
    tmp_path: Path, name: str, text: str, kind: str
) -> None:
    path = text_file(tmp_path, text, name)
    with pytest.raises(DataError) as error:
        values_in(path, "id")
    assert str(error.value) == (f"{path}: there is no {kind} id.\nDid you mean idn? The {kind}s are: text, idn.")


def test_columns_without_names_have_numbers(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,7\nb,8\n", "a.csv")
    headerless = TextFile(path, field="1", header=False)
    assert values_in(headerless, "2") == ["7", "8"]
    with pytest.raises(DataError, match="there is no column 3"):
        values_in(headerless, "3")


def test_columns_of_a_table_have_their_values(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": ["a", None], "of": [{"id": 1}, None]}), path)
    assert values_in(path, "of.id") == [1, None]
    with pytest.raises(DataError, match="there is no column id"):
        values_in(path, "id")


def test_plain_text_has_no_fields(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is plain text, which has no fields"):
        values_in(text_file(tmp_path, "a\n"), "id")


def test_texts_that_are_added_to_cells_stand_in_quotes_where_they_need_them(tmp_path: Path) -> None:
    path = text_file(tmp_path, "text\na\nb\nc\n", "a.csv")
    rendered = with_classes(path, "b.csv", ["x", "y,z", 'q"'], 'of "all"')
    assert (rendered.header, bytes_of(rendered)) == (b'text,"of ""all"""\n', b'a,x\nb,"y,z"\nc,"q"""\n')


def test_a_tab_is_in_no_cell_of_tsv(tmp_path: Path) -> None:
    path = text_file(tmp_path, "text\na\n", "a.tsv")
    with pytest.raises(DataError, match="'x\\\\ty' is to be added, which no cell of TSV can hold"):
        with_classes(path, "-", ["x\ty"])
    assert bytes_of(with_classes(path, "-", ['x"y'])) == b'a\tx"y\n'


@pytest.mark.parametrize("output", ["-", "b.jsonl", "b.csv", "b.parquet"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"text": "a", "class": 7}\n'),
        ("a.csv", "text,class\na,7\n"),
    ],
)
def test_nothing_is_written_over_a_field_that_is_there(tmp_path: Path, name: str, text: str, output: str) -> None:
    with pytest.raises(DataError, match=r"class(?: already)?, which is to be added"):
        with_classes(text_file(tmp_path, text, name), output, ["x"])


@pytest.mark.parametrize("output", ["b.parquet", "b.jsonl.gz", "b.csv.xz"])
def test_a_file_without_records_can_be_read(tmp_path: Path, output: str) -> None:
    with (tmp_path / output).open("wb") as stream:
        RecordOutput(RecordFile.named(output), stream).finish()
    if output.endswith("parquet"):
        assert parquet.read_table(tmp_path / output).num_rows == 0
    else:
        with open_source(str(tmp_path / output)) as content:
            assert content.read() == b""


@pytest.mark.parametrize("escaped", [True, False])
def test_a_field_is_there_however_its_name_is_written(tmp_path: Path, *, escaped: bool) -> None:
    path = text_file(tmp_path, json.dumps({"text": "a", "é": 1}, ensure_ascii=escaped) + "\n", "a.jsonl")
    with pytest.raises(DataError, match="a field é, which is to be added"):
        with_classes(path, "-", ["x"], "é")
