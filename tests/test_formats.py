"""The text in fields of JSON lines and Parquet; which format a file is in; what is no text."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.corpus.reading import read_blocks
from lmkit.corpus.sources import Format, TextFile
from tests.conftest import CORPORA, Run, shell, text_file, train_text

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


def test_json_lines_give_the_text_of_a_field_with_the_lines_of_the_records() -> None:
    data = '{"text": "le chat", "id": 1}\n\n  \t\r\n{"id": 2, "text": "dort \\u00e9"}\r\n{"text":""}'
    assert lines_of(in_format(data, "jsonl")) == [(1, "le chat"), (4, "dort é"), (5, "")]


def test_a_value_of_several_lines_is_several_lines_of_one_record() -> None:
    data = json_lines(["a\nb", "c\n", "\n", "d\r\ne\u2028f", "\n\ng\n\n"])
    expected = [(1, "a"), (1, "b"), (2, "c"), (3, ""), (4, "d\r"), (4, "e\u2028f"), (5, ""), (5, ""), (5, "g"), (5, "")]
    assert lines_of(in_format(data, "jsonl")) == expected


def test_null_is_no_text() -> None:
    data = '{"text":null}\n{"text":"a"}\n{"text":null}\n'
    assert lines_of(in_format(data, "jsonl")) == [(2, "a")]
    assert lines_of(in_format('{"a":{"b":"x"}}\n{"a":null}\n{"a":{"b":null}}\n', "jsonl", field="a.b")) == [(1, "x")]


def test_nested_fields_are_named_with_dots_unless_a_field_has_that_very_name() -> None:
    nested = '{"doc": {"body": {"text": "x", "lang": "fr"}}, "text": "y"}\n'
    assert lines_of(in_format(nested, "jsonl", field="doc.body.text")) == [(1, "x")]
    assert lines_of(in_format('{"a.b": "x", "a": {"b": "y"}}\n', "jsonl", field="a.b")) == [(1, "x")]


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ('{"text": "c"', "not valid JSON (Expecting ',' delimiter at column 13)"),
        ('{"text": "c"} x', "not valid JSON (Extra data at column 15)"),
        ('{"text": "c"}{"text": "d"}', "not valid JSON (Extra data at column 14)"),
        ('{"text": 12}', "the field text is a number, not text"),
        ('{"text": true}', "the field text is true or false, not text"),
        ('{"text": ["c"]}', "the field text is a list, not text"),
        ('{"text": {"a": "c"}}', "the field text is an object, not text"),
        ('{"text": "a", "x": ' + 100_000 * "[" + 100_000 * "]" + "x", "not valid JSON (it is nested too deeply)"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 20, 4 << 20])
def test_a_bad_line_is_an_error_with_its_number_or_skipped_with_a_warning(
    bad: str, what: str, block_bytes: int
) -> None:
    data = f'{{"text": "a"}}\n{bad}\n{{"text": "b"}}\n'
    message = error_of(in_format(data, "jsonl"), block_bytes=block_bytes)
    assert message == f"<stream>:2: {what}.\n{SKIPPING.strip()}"
    with pytest.warns(lmkit.SkippedLinesWarning) as told:
        assert lines_of(in_format(data, "jsonl", skip_bad_lines=True), block_bytes=block_bytes) == [(1, "a"), (3, "b")]
    assert [str(warning.message) for warning in told] == [f"1 bad line was skipped; <stream>:2: {what}."]


@pytest.mark.parametrize("data", ['[\n{"text":"a"}\n]\n', '[{"text":"a"}]\n', '{\n"text":"a"\n}\n', '"a"\n'])
def test_one_json_value_is_no_json_lines_and_the_error_says_how_to_make_some(data: str) -> None:
    assert error_of(in_format(data, "jsonl")).endswith(
        "\nIf the file is one JSON value, make it JSON lines with jq -c '.[]' (of a list) or jq -c . (of one object)."
        + SKIPPING
    )


def test_an_object_over_two_lines_is_an_error_though_arrow_takes_it() -> None:
    assert "<stream>:1: not valid JSON" in error_of(in_format('{"text":"a"}{"text":\n"b"}\n', "jsonl"))


def test_a_missing_field_is_an_error_that_names_what_is_there() -> None:
    data = '{"text": null}\n{"id": 1, "texte": "a", "meta": {"url": "u", "tags": []}}\n'
    assert error_of(in_format(data, "jsonl")) == (
        "<stream>:2: there is no field text.\n"
        "Where --field names none, text is taken. Did you mean texte? The fields are: id, texte, meta.url, meta.tags."
        + SKIPPING
    )
    assert error_of(in_format(data, "jsonl", field="meta.uri")).startswith(
        "<stream>:1: there is no field meta.uri.\nThe fields are: text."
    )


def test_what_python_writes_and_json_forbids_is_read() -> None:
    data = (
        f'{{"text": "a", "x": NaN}}\n{{"text": "b", "n": {10_000 * "9"}, "e": 1e999}}\n{{"text": "c", "text": "d"}}\n'
    )
    assert [line for _, line in lines_of(in_format(data, "jsonl"))] == ["a", "b", "d"]


def test_control_characters_and_half_pairs_in_values_are_errors_or_replaced() -> None:
    control = '{"text": "a"}\n{"text": "x\\u0007y"}\n'
    advice = "Or use --encoding-errors replace to put U+FFFD in the place of bad bytes."
    assert error_of(in_format(control, "jsonl")) == (
        "<stream>:2: control byte 0x07 in the text of the record.\n"
        f"The program that wrote the file let it pass. {advice}"
    )
    assert lines_of(in_format(control, "jsonl"), encoding_errors="replace") == [(1, "a"), (2, "x\ufffdy")]
    half = '{"text": "a"}\n{"text": "x\\ud83dy"}\n{"text": "\\ud83d\\ude00"}\n'
    assert error_of(in_format(half, "jsonl")) == (
        "<stream>:2: half a surrogate pair (\\ud83d) in the text of the record.\n"
        "The text was probably cut there. Use --encoding-errors replace to put U+FFFD in its place."
    )
    replaced = [(1, "a"), (2, "x\ufffdy"), (3, "😀")]
    assert lines_of(in_format(half, "jsonl"), encoding_errors="replace") == replaced


def test_invalid_utf8_in_json_is_an_error_with_byte_offset_or_replaced() -> None:
    data = b'{"text": "a"}\n{"text": "caf\xe9"}\n'
    assert "<stream>:2: invalid UTF-8 (byte 0xe9) at byte offset 27." in error_of(in_format(data, "jsonl"))
    assert lines_of(in_format(data, "jsonl"), encoding_errors="replace") == [(1, "a"), (2, "caf\ufffd")]


JSON_LINES = (
    '{"text": "a b"}', '{"text": "c", "id": 1}', '{"id": 2, "text": "d\\ne"}', '{"text": null}', '{"text": ""}', "", " \t",
    '{"text": "f"} ', '{"text": NaN}', '{"id": 3}', '{"text": 4}', '{"text": "g"', '"h"}', '{"text": "i"}{"text": "j"}',
    '{"text":', '"k"}', "[", "]", '{"x": {}}', '{"x": NaN, "text": "l"}', '{"text": "m", "text": "n"}', '{"text": "}"}', '{"text": "{"}',
)  # fmt: skip


@given(
    st.lists(st.sampled_from(JSON_LINES), max_size=12), st.sampled_from([1, 30, 1 << 20]), st.sampled_from("\n \r\n")
)
def test_blocks_of_any_size_give_what_python_reads_line_by_line(lines: list[str], block_bytes: int, end: str) -> None:
    expected, bad = [], 0
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)["text"] if line.strip() else None
            assert value is None or isinstance(value, str)
        except (ValueError, TypeError, KeyError, AssertionError):
            bad += 1
        else:
            expected += [] if value is None else [(number, part) for part in value.split("\n")]
    ends = "\r\n" if end == "\r" else "\n"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        text = in_format(ends.join(lines), "jsonl", skip_bad_lines=True)
        assert lines_of(text, block_bytes=block_bytes) == expected
    numbers = [str(warning.message).split()[0] for warning in told]
    assert numbers == ([str(bad)] if bad else [])


def test_parquet_gives_a_column_whose_rows_are_lines(tmp_path: Path) -> None:
    values = ["le chat", None, "dort\ndu", "", "é"]
    expected = [(1, "le chat"), (3, "dort"), (3, "du"), (4, ""), (5, "é")]
    for row_group_size in (1, 2, 5):
        path = table(tmp_path / "x.parquet", {"id": [1, 2, 3, 4, 5], "text": values}, row_group_size=row_group_size)
        for block_bytes in (1, 10, 4 << 20):
            assert lines_of(path, block_bytes=block_bytes) == expected


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


def test_columns_that_are_not_there_or_hold_no_text(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"id": [1], "meta": [{"url": "u"}], "tags": [["t"]]})
    assert error_of(path) == (
        f"{path}: there is no column text.\nWhere --field names none, text is taken. The columns are: id, meta.url, tags."
    )
    assert error_of(TextFile(path, field="meta.link")) == (
        f"{path}: there is no column meta.link.\nDid you mean meta.url? The columns are: id, meta.url, tags."
    )
    for field, type_ in (("id", "int64"), ("meta", "struct<url: string>"), ("tags", "list<element: string>")):
        assert error_of(TextFile(path, field=field)) == (
            f"{path}: the column {field} is of type {type_}, not text.\nName one that holds text with --field."
        )


def test_parquet_is_recognised_by_content_also_compressed_and_through_pipes(tmp_path: Path) -> None:
    path = table(tmp_path / "plainly", {"text": ["a b"]})
    data = path.read_bytes()
    packed = text_file(tmp_path, gzip.compress(data), "y.gz")
    assert lines_of(path) == lines_of(packed) == lines_of(io.BytesIO(data)) == [(1, "a b")]
    assert shell(f"cat {path} | lmkit count").stdout == b"a\t1\nb\t1\n"


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
    assert lines_of(path, encoding_errors="replace") == [(1, "\ufffd")]


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


def numpy_bytes() -> bytes:
    """A NumPy file."""
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
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
        (numpy_bytes(), "a NumPy array (.npy)"),
        ("texte é".encode("utf-16"), "UTF-16 text"),
        (gzip.compress(gzip.compress(b"text")), "a file compressed twice"),
        (257 * b"\0" + b"ustar", "a tar archive"),
    ],
)
@pytest.mark.parametrize("name", ["x.txt", "x.jsonl", "x.csv"])
def test_what_is_no_text_is_told_by_its_kind(tmp_path: Path, data: bytes, what: str, name: str) -> None:
    path = text_file(tmp_path, data, name)
    for encoding_errors in ("strict", "replace"):
        message = error_of(path, encoding_errors=encoding_errors)
        assert message.startswith(f"{path} is not text: it looks like {what}.\n")


def test_a_model_among_the_texts_is_told(tmp_path: Path, lmkit_run: Run) -> None:
    lmkit_run("ngram", "train", "-q", CORPORA / "toy.tok", "-o", tmp_path / "m.safetensors")
    result = lmkit_run("count", tmp_path / "m.safetensors")
    assert result.code == 1
    assert result.err == (
        f"lmkit: {tmp_path}/m.safetensors is not text: it looks like a safetensors file.\n"
        "It is a model, perhaps: commands take it as MODEL, before the text.\n"
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
        assert [line for _, line in lines_of(path, block_bytes=1 << 20)] == [words]


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
        assert lmkit_run("ngram", "train", "-q", path, "-o", tmp_path / f"{number}.model").code == 0
        models.append((tmp_path / f"{number}.model").read_bytes())
    assert models == [models[0]] * len(files)
