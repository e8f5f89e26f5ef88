"""The text in a column of Parquet; which format a file is in; what is no text."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lmkit.engine import machine
from lmkit.engine.machine import Limit
from lmkit.text.reading import BLOCK_BYTES, Reading
from lmkit.text.sources.names import TextFile
from lmkit.text.sources.reading import read_blocks
from tests.conftest import CASES, CORPORA, Run, text_file, train_text
from tests.shell_lines import run_line
from tests.texts import error_of, json_lines, lines_of, table


def test_parquet_gives_a_column_whose_rows_are_lines(tmp_path: Path) -> None:
    values = ["le chat", None, "dort\ndu", "", "é"]
    expected = [(1, "le chat"), (3, "dort"), (3, "du"), (4, ""), (5, "é")]
    for row_group_size in (1, 2, 5):
        path = table(tmp_path / "x.parquet", {"id": [1, 2, 3, 4, 5], "text": values}, row_group_size=row_group_size)
        for block_bytes in (1, 10, 4 << 20):
            assert lines_of(path, reading=Reading(block_bytes=block_bytes)) == expected


@pytest.mark.parametrize(
    "type_", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()), pa.binary()], ids=str
)
def test_any_type_of_text_is_read_from_parquet(tmp_path: Path, type_: Any) -> None:
    values = pa.array(["a", None, "b", "a"]).cast(type_)
    assert lines_of(table(tmp_path / "x.parquet", {"text": values})) == [(1, "a"), (3, "b"), (4, "a")]


def test_nested_and_dotted_columns_of_parquet(tmp_path: Path) -> None:
    columns = {"a": [{"b": {"c": "x"}}, {"b": None}, None, {"b": {"c": None}}, {"b": {"c": "y"}}], "d.e": list("pqrst")}
    path = table(tmp_path / "x.parquet", columns)
    assert lines_of(TextFile(path, field="a.b.c")) == [(1, "x"), (5, "y")]
    assert [line for _, line in lines_of(TextFile(path, field="d.e"))] == list("pqrst")


@pytest.mark.parametrize("field", ["text", "doc.body", "doc.meta.body"])
def test_a_column_of_nulls_is_no_text(tmp_path: Path, field: str) -> None:
    documents = [None, {"body": None, "meta": None}]
    nulls = table(tmp_path / "0.parquet", {"text": pa.nulls(2), "doc": documents})
    assert lines_of(TextFile(nulls, field=field)) == []
    assert (
        lines_of(TextFile(table(tmp_path / "1.parquet", {"text": pa.nulls(2), "doc": pa.nulls(2)}), field=field)) == []
    )
    assert error_of(TextFile(nulls, field="id")).startswith(f"{nulls}: there is no column id.")


def test_a_shard_of_nulls_among_others_is_passed_over(lmkit_run: Run) -> None:
    """The first shard holds `a b` and `c`, the second a column of type null."""
    assert pq.read_schema(CASES / "shards" / "1.parquet").field("text").type == pa.null()
    assert lmkit_run("count", CASES / "shards").out == "a\t1\nb\t1\nc\t1\n"


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [("tok.jsonl", "tokens", "chat\t1\nle\t1\n"), ("list.parquet", "text", "a\t1\nb\t1\nc\t1\nd\t1\n")],
)
def test_a_list_of_words_is_a_line_of_them(lmkit_run: Run, name: str, field: str, expected: str) -> None:
    assert lmkit_run("count", CASES / name, "--field", field).out == expected


def test_columns_that_are_not_there_or_hold_no_text(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"id": [1], "meta": [{"url": "u"}], "tags": [[1.5]]})
    assert error_of(path) == (
        f"{path}: there is no column text.\nWhere --field names none, text is taken. The columns are: id, meta.url, tags."
    )
    assert error_of(TextFile(path, field="meta.link")) == (
        f"{path}: there is no column meta.link.\nDid you mean meta.url? The columns are: id, meta.url, tags."
    )
    for field, type_ in (("id", "int64"), ("meta", "struct<url: string>"), ("tags", "list<element: double>")):
        assert error_of(TextFile(path, field=field)) == (
            f"{path}: the column {field} is of type {type_}, not text.\nName one that holds text with --field."
        )


def test_columns_of_the_same_name_are_an_error(tmp_path: Path) -> None:

    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), tmp_path / "x")
    assert error_of(tmp_path / "x") == (f"{tmp_path}/x: several columns are called text.\nGive them different names.")


def test_parquet_is_recognised_by_content_also_compressed_and_through_pipes(tmp_path: Path) -> None:
    path = table(tmp_path / "plainly", {"text": ["a b"]})
    data = path.read_bytes()
    packed = text_file(tmp_path, gzip.compress(data), "y.gz")
    assert lines_of(path) == lines_of(packed) == lines_of(io.BytesIO(data)) == [(1, "a b")]
    assert run_line(f"cat {path} | lmkit count").stdout == b"a\t1\nb\t1\n"


def test_parquet_that_is_damaged_is_an_error(tmp_path: Path) -> None:
    data = table(tmp_path / "x.parquet", {"text": ["a b"] * 1000}).read_bytes()
    cut = text_file(tmp_path, data[:-100], "cut.parquet")
    assert error_of(cut).startswith(f"{cut}: the Parquet file is damaged or cut short (")
    other = text_file(tmp_path, "just text\n", "other.parquet")
    assert error_of(other) == f"{other} is not a Parquet file.\nName its format with --format."
    empty = text_file(tmp_path, "", "none.parquet")
    assert error_of(empty).startswith(f"{empty}: the Parquet file is damaged or cut short (")


def test_control_characters_in_parquet_name_the_row(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"text": ["a", None, "b\x07"]})
    assert error_of(path).startswith(f"{path}:3: control byte 0x07 in the text of the record.\n")
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xe9")])
    path = table(tmp_path / "x.parquet", {"text": bad})
    assert error_of(path).startswith(f"{path}:1: invalid UTF-8 (byte 0xe9) in the text of the record.\n")
    assert lines_of(path, reading=Reading(encoding_errors="replace")) == [(1, "\ufffd")]


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.jsonl", '{"text": "a b"}\n'),
        ("x.NDJSON", '{"text": "a b"}\n'),
        ("x.json", '{"text": "a b"}\n'),
        ("x.csv", "id,text\n1,a b\n"),
        ("x.tsv", "id\ttext\n1\ta b\n"),
        ("x.txt", "a b\n"),
        ("x", "a b\n"),
    ],
)
def test_the_name_tells_the_format_under_any_compression(
    tmp_path: Path, compress: Callable[[bytes], bytes], name: str, data: str
) -> None:
    ends = {bytes: "", gzip.compress: ".gz", bz2.compress: ".bz2", lzma.compress: ".xz"}
    path = text_file(tmp_path, compress(data.encode()), name + ends[compress])
    assert [line for _, line in lines_of(path)] == ["a b"]


def test_text_that_looks_like_json_stays_text_and_formats_can_be_told(tmp_path: Path) -> None:
    data = '{"text": "a"}\n'
    assert lines_of(text_file(tmp_path, data)) == [(1, data.strip())]
    assert lines_of(TextFile(text_file(tmp_path, data), "jsonl")) == [(1, "a")]
    assert lines_of(TextFile(text_file(tmp_path, data, "x.jsonl"), "text")) == [(1, data.strip())]


def zipped(name: str) -> bytes:
    """A zip archive with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "text")
    return buffer.getvalue()


def numpy_bytes(save: Callable[..., None]) -> bytes:
    """A NumPy file."""
    buffer = io.BytesIO()
    save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"%PDF-1.7\n%\xb5\xb5\xb5\xb5\n", "a PDF document"),
        (pickle.dumps(["text"]), "a Python pickle"),
        (zipped("x.txt"), "a zip archive"),
        (zipped("[Content_Types].xml"), "an Office document (.docx, .xlsx, .pptx)"),
        (zipped("archive/data.pkl"), "a PyTorch file"),
        (numpy_bytes(np.save), "a NumPy array (.npy)"),
        (numpy_bytes(np.savez), "a file of NumPy arrays (.npz)"),
        ((CASES / "data-00000-of-00001.arrow").read_bytes(), "an Arrow stream"),
        ((CASES / "w2v.bin").read_bytes(), "vectors in the binary format of word2vec"),
        ((CASES / "fst").read_bytes(), "a transducer of OpenFst"),
        (b"SRILM_BINARY_NGRAM_002\n" + bytes(4), "a binary model of SRILM"),
        (bytes.fromhex("ba164f2f0c000000"), "a model of fastText"),
        ("texte é".encode("utf-16"), "UTF-16 text"),
        (gzip.compress(gzip.compress(b"text", mtime=0), mtime=0), "a file compressed twice"),
        (257 * b"\0" + b"ustar", "a tar archive"),
    ],
)
@pytest.mark.parametrize("name", ["x.txt", "x.jsonl", "x.csv"])
def test_what_is_no_text_is_told_by_its_kind(tmp_path: Path, data: bytes, what: str, name: str) -> None:
    path = text_file(tmp_path, data, name)
    for encoding_errors in ("strict", "replace"):
        message = error_of(path, reading=Reading(encoding_errors=encoding_errors))
        assert message.startswith(f"{path} is not text: it looks like {what}.\n")


@pytest.mark.parametrize("data", [(CASES / "cooccurrence.bin").read_bytes(), "texte".encode("utf-16-le"), b"a\0\xe9\n"])
def test_data_with_nul_bytes_is_not_taken_for_latin_1(data: bytes) -> None:
    message = error_of(io.BytesIO(data), reading=Reading(encoding_errors=None))
    assert message.partition("\n")[2] == (
        "It holds NUL bytes: it is binary data, or text in UTF-16, which iconv -f UTF-16LE -t UTF-8 converts."
    )


def test_latin_1_after_two_numbers_is_not_taken_for_vectors() -> None:
    for text in ("2 3\nle été est là\n", "1 1\nÀ côté\n", "12 5\né où ça où ça où çà\n"):
        assert "iconv -f LATIN1" in error_of(io.BytesIO(text.encode("latin-1")))


def test_a_model_among_the_texts_is_told(tmp_path: Path, lmkit_run: Run) -> None:
    lmkit_run("ngram", "train", "-q", CORPORA / "toy.tok", "-o", tmp_path / "m.safetensors")
    result = lmkit_run("count", tmp_path / "m.safetensors")
    assert result.code == 1
    assert result.err == (
        f"lmkit: {tmp_path}/m.safetensors is not text: it looks like a safetensors file.\n"
        "It holds a model or word vectors, perhaps: commands take it as MODEL, before the text, or as VECTORS; "
        "`lmkit vocabulary list` lists the words of a model.\n"
    )


def test_text_may_begin_like_other_kinds_of_files() -> None:
    for start in ("GIF89 is a format\n", "PAR1 2 3\n", "ID3 tags\n", "LZIP é\n", "ORC orc\n", "%PDF-1.4 is\n"):
        assert lines_of(io.BytesIO(start.encode())) == [(1, start.strip())]


def test_a_huge_line_is_read_in_every_format(tmp_path: Path) -> None:
    words = "mot " * 1_500_000
    files = [
        text_file(tmp_path, json.dumps({"text": words}) + "\n", "x.jsonl"),
        text_file(tmp_path, f'text\n"{words}"\n', "x.csv"),
        text_file(tmp_path, f"text\n{words}\n", "x.tsv"),
        table(tmp_path / "x.parquet", {"text": [words]}),
        text_file(tmp_path, words),
    ]
    for path in files:
        assert [line for _, line in lines_of(path, reading=Reading(block_bytes=1 << 20))] == [words]


def test_models_are_the_same_to_the_last_byte_from_every_format(tmp_path: Path, lmkit_run: Run) -> None:
    sentences = train_text("fr").read_text(encoding="utf-8").split("\n")[:-1]
    folder = tmp_path / "folder"
    for place in range(5):
        part = "\n".join(sentences[place * 80 : (place + 1) * 80]) + "\n"
        target = folder / f"part {place}" / "text.gz"
        target.parent.mkdir(parents=True)
        target.write_bytes(gzip.compress(part.encode()))
    cells = ['"' + sentence.replace('"', '""') + '"' for sentence in sentences]
    files = [
        train_text("fr"),
        text_file(tmp_path, json_lines(sentences), "x.jsonl"),
        text_file(tmp_path, gzip.compress(json_lines(sentences)), "y.jsonl.gz"),
        text_file(tmp_path, "text\n" + "\n".join(cells) + "\n", "x.csv"),
        text_file(tmp_path, "n\ttext\n" + "".join(f"{n}\t{text}\n" for n, text in enumerate(sentences)), "x.tsv"),
        table(tmp_path / "x.parquet", {"text": sentences}, row_group_size=100),
        folder,
        f"{folder}/**/*.gz",
    ]
    models = []
    for number, path in enumerate(files):
        assert lmkit_run("ngram", "train", "-q", path, "-o", tmp_path / f"{number}.safetensors").code == 0
        models.append((tmp_path / f"{number}.safetensors").read_bytes())
    assert models == [models[0]] * len(files)


@pytest.mark.parametrize(
    ("type_", "held"),
    [
        (pa.dictionary(pa.int32(), pa.string()), lambda text: text),
        (pa.string(), lambda text: text),
        (pa.large_string(), lambda text: text),
        (pa.string_view(), lambda text: text),
        (pa.large_binary(), lambda text: text and text.encode()),
    ],
    ids=lambda value: str(value) if isinstance(value, pa.DataType) else "held",
)
def test_a_text_that_many_rows_name_is_not_held_as_often(tmp_path: Path, type_: Any, held: Any) -> None:
    long = "ab-" * 7000
    column = pa.array([held(text) for text in (long, "c", None)] * 100, type=type_)
    path = tmp_path / "named.parquet"
    pq.write_table(pa.table({"text": column}), path, row_group_size=120)
    blocks = list(read_blocks(path, Reading(block_bytes=50_000)))
    assert path.stat().st_size < 50_000
    assert max(len(block.data) for block in blocks) <= 50_000 + 300
    assert b"".join(block.data for block in blocks) == f"{long}\nc\n".encode() * 100
    assert [line for block in blocks for line in block.lines(block.data.count(b"\n")).tolist()] == [
        row for row in range(1, 301) if row % 3
    ]


def test_texts_that_parquet_keeps_once_in_lists_and_tables_come_a_block_at_a_time(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    nested = {"listed": [[long, "a"]] * 40, "in_table": [{"text": long}] * 40}
    path = table(tmp_path / "x.parquet", nested, row_group_size=15)
    for field in ("listed", "in_table.text"):
        sizes = [len(block.data) for block in read_blocks(TextFile(path, field=field))]
        assert sum(sizes) >= 40 * len(long)
        assert max(sizes) <= 2 * BLOCK_BYTES


def test_the_memory_of_the_machine_is_asked_for_once_for_all_groups_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in several files, and a group may be of a row."""
    path = table(tmp_path / "x.parquet", {"text": [["le", "chat"]] * 50}, row_group_size=1)
    asked = []

    def memory() -> Limit:
        asked.append(1)
        return Limit(1 << 40, "the machine")

    monkeypatch.setattr(machine, "memory", memory)
    assert sum(len(block.data) for block in read_blocks(path, Reading("strict"))) == 50 * len("le chat\n")
    assert len(asked) == 1


def test_a_text_of_line_ends_comes_in_blocks_of_no_more_lines_than_text_has(tmp_path: Path) -> None:
    path = text_file(tmp_path, b"\n" * (BLOCK_BYTES + 3))
    blocks = list(read_blocks(path))
    assert max(len(block.data) for block in blocks) <= BLOCK_BYTES // 4
    assert [block.first_line for block in blocks] == [1 + block.offset for block in blocks]
