"""lmkit filter and classify: files that are read are not written over, and what became of the records is told."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run, held_out_text, text_file


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("filter", ("text.json", "-o", "a.safetensors")),
        ("filter", ("text.json", "--rejected", "a.safetensors")),
        ("filter", ("text.json", "--against", "b.safetensors", "-o", "b.safetensors")),
        ("filter", ("text.json", "--quantiles", "0.5", "--thresholds-only", "-o", "text.json")),
        ("filter", ("text.json", "--thresholds", "head", "-o", "{bucket}")),
        ("classify", ("b.safetensors", "text.json", "--append", "-o", "a.safetensors")),
    ],
)
def test_no_file_that_is_read_is_written_over(
    lmkit_run: Run,
    tmp_path: Path,
    english_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = ("--format", "text", held_out_text("en"))
    made = lmkit_run("filter", english_model, *text, "--quantiles", "0.5", "--thresholds-only", "-o", "t.json")
    assert made.code == 0, made.err
    Path("t.json").rename("head")
    for name, source in (("a.safetensors", english_model), ("b.safetensors", english_model), ("text.json", text[2])):
        Path(name).write_bytes(Path(source).read_bytes())
    before = {path: path.read_bytes() for path in Path().iterdir()}
    ran = lmkit_run(command, "a.safetensors", *arguments, "--format", "text")
    assert (ran.code, "is read and would be written over" in ran.err) == (2, True), ran.err
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize(
    ("limit", "told"), [("0", "the limits keep no record"), ("1e9", "the limits reject no record")]
)
def test_a_limit_that_keeps_nothing_or_all_is_told(
    lmkit_run: Run, tmp_path: Path, english_model: Path, limit: str, told: str
) -> None:
    docs = text_file(tmp_path, "the children\nthe bell\n")
    ran = lmkit_run("filter", english_model, docs, "--max-perplexity", limit)
    assert ran.err.endswith(f"; {told}\n")
    some = lmkit_run("filter", english_model, docs, "--keep", "1")
    assert "the limits" not in some.err
    assert "the limits" not in lmkit_run("filter", english_model, docs).err


def test_a_text_without_records_has_none_in_any_bucket(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    empty = text_file(tmp_path, "", "a.jsonl")
    assert lmkit_run("filter", english_model, empty).err == "lmkit: 0 records: kept 0, rejected 0\n"
    found = lmkit_run("filter", english_model, empty, "-o", tmp_path / "b.jsonl", "--json").out
    assert json.loads(found)["kept"] == {"kept": 0}


def test_the_encoding_of_plain_text_is_told_as_everywhere(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes("the\n\ncafé\n".encode("latin-1"))
    for arguments in (("filter",), ("perplexity", "--by", "record")):
        ran = lmkit_run(arguments[0], english_model, latin, *arguments[1:])
        assert ran.code == 1
        assert (
            "latin.txt:3: invalid UTF-8 (byte 0xe9).\nThe text may be in another encoding, such as Latin-1" in ran.err
        )


def test_what_is_wrong_in_a_sample_is_told_with_its_file_and_line(
    lmkit_run: Run, tmp_path: Path, english_model: Path
) -> None:
    texts = [
        text_file(tmp_path, "the bell\n\nthe river\n", "a.txt"),
        text_file(tmp_path, "\nthe bell\na <s> b\n", "b.txt"),
    ]
    ran = lmkit_run("filter", english_model, *texts, "--keep", "50%", "--sample", "9")
    assert (ran.code, "b.txt:3: the text contains the reserved word <s>" in ran.err) == (1, True), ran.err
