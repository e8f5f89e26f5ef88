"""`lmkit perplexity --by record`: a row for each record.

Under base.arpa "le chat" has -0.3 - 0.4 - 0.2 = -0.9 in 3 tokens, "le chien" -0.3 (<unk> after le: -0.2 - 1.0) -0.5 = -2.0 in 3, "dort"
-0.3 - 1.0 - 0.5 = -1.8 in 2, of which one is OOV each.
"""

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

import lmkit
from lmkit.scoring.records import score_records
from tests.conftest import CASES, Run, held_out_text, text_file
from tests.scoring.test_families import Cache
from tests.shell_lines import run_line

MODEL = CASES / "base.arpa"
HEADER = "line\tlog10_prob\ttokens\toov\tperplexity\tbits_per_byte\tunspelled"
RECORDS: tuple[dict[str, Any], ...] = (
    {"text": "le chat\nle chien", "id": "x"},
    {"text": None, "id": 7},
    {"text": "", "id": None},
    {"text": "dort", "id": "a\tb"},
)
TOTALS = {"log10_prob": -4.7, "tokens": 8, "oov": 2}  # -0.9 - 2.0 - 1.8


def in_format(folder: Path, name: str) -> Path:
    """The records as a file of this name."""
    if name.endswith(".parquet"):
        parquet.write_table(pa.table({"text": [each["text"] for each in RECORDS]}), folder / name)
        return folder / name
    if name.endswith(".csv"):
        return text_file(folder, 'text\n"le chat\nle chien"\n""\n""\ndort\n', name)
    return text_file(folder, "".join(json.dumps(record) + "\n" for record in RECORDS), name)


def rows_of(result: str) -> list[dict[str, Any]]:
    """The rows of JSON lines, in which there is no NaN."""
    return [json.loads(line, parse_constant=pytest.fail) for line in result.splitlines()]


def test_a_record_has_the_figures_of_all_its_lines(lmkit_run: Run, tmp_path: Path) -> None:
    out = lmkit_run("perplexity", "-q", MODEL, in_format(tmp_path, "a.jsonl"), "--by", "record").out
    header, *rows = (line.split("\t") for line in out.splitlines())
    assert "\t".join(header) == HEADER
    bits = [math.log2(10) * 2.9 / len("le chat\nle chien\n"), math.log2(10) * 1.8 / len("dort\n")]
    expected = [[1, -2.9, 6, 1, 10 ** (2.9 / 6), bits[0], 1], [4, -1.8, 2, 1, 10 ** (1.8 / 2), bits[1], 1]]
    for row, figures in zip(rows[::3], expected, strict=True):
        assert [float(cell) for cell in row] == pytest.approx(figures, rel=1e-6)
    assert rows[1:3] == [["2", "nan", "0", "0", "nan", "nan", "0"], ["3", "nan", "0", "0", "nan", "nan", "0"]]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv", "a.parquet"])
def test_records_of_every_format_add_up_to_the_corpus(lmkit_run: Run, tmp_path: Path, name: str) -> None:
    path = in_format(tmp_path, name.removesuffix(".gz"))
    if name.endswith(".gz"):
        run_line(f"gzip {path}", tmp_path)
        path = tmp_path / name
    rows = rows_of(lmkit_run("perplexity", "-q", MODEL, path, "--by", "record", "--json").out)
    corpus = json.loads(lmkit_run("perplexity", "-q", MODEL, path, "--json").out)
    assert len(rows) == len(RECORDS)
    for figure, total in TOTALS.items():
        assert sum(row[figure] or 0 for row in rows) == pytest.approx(total)
        assert corpus[figure] == pytest.approx(total)
    assert [row["perplexity"] is None for row in rows] == [False, True, True, False]


def test_the_records_of_plain_text_are_its_lines(lmkit_run: Run, french_model: Path) -> None:
    text = held_out_text("fr")
    rows = rows_of(lmkit_run("perplexity", "-q", french_model, text, "--by", "record", "--json").out)
    sentences = rows_of(lmkit_run("perplexity", "-q", french_model, text, "--by", "sentence", "--json").out)
    assert [{name: row[name] for name in ("line", "tokens", "oov")} for row in rows] == [
        {name: sentence[name] for name in ("line", "tokens", "oov")} for sentence in sentences
    ]
    assert [row["log10_prob"] for row in rows] == pytest.approx([sentence["log10_prob"] for sentence in sentences])


def test_blank_lines_of_plain_text_are_no_records_unless_they_are_sentences(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "le chat\n\n dort\n")
    out = lmkit_run("perplexity", "-q", MODEL, path, "--by", "record").out
    assert [line.split("\t")[0] for line in out.splitlines()] == ["line", "1", "3"]
    out = lmkit_run("perplexity", "-q", MODEL, path, "--by", "record", "--blank-lines", "sentence").out
    assert [line.split("\t")[:3] for line in out.splitlines()[1:]] == [
        ["1", "-0.9", "3"],
        ["2", "-0.8", "1"],
        ["3", "-1.8", "2"],
    ]


def test_a_field_may_name_the_records(lmkit_run: Run, tmp_path: Path) -> None:
    path = in_format(tmp_path, "a.jsonl")
    out = lmkit_run("perplexity", "-q", MODEL, path, "--by", "record", "--id", "id").out
    assert [line.split("\t")[0] for line in out.splitlines()] == ["id", "x", "7", "", "a\\tb"]
    rows = rows_of(lmkit_run("perplexity", "-q", MODEL, path, "--by", "record", "--id", "id", "--json").out)
    assert [row["id"] for row in rows] == [record["id"] for record in RECORDS]


def test_several_files_are_named(lmkit_run: Run, tmp_path: Path) -> None:
    paths = [text_file(tmp_path, "le chat\n", "a.txt"), in_format(tmp_path, "b.parquet")]
    rows = rows_of(lmkit_run("perplexity", "-q", MODEL, *paths, "--by", "record", "--json").out)
    assert [(row["file"], row["line"]) for row in rows] == [
        (str(paths[0]), 1), *((str(paths[1]), number) for number in range(1, 5)),
    ]  # fmt: skip


def test_bad_lines_are_no_records_where_they_are_skipped(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, '{"text": "dort"}\n{"no": 1}\n{"text": "dort"}\n', "a.jsonl")
    result = lmkit_run("perplexity", "-q", MODEL, path, "--by", "record", "--skip-bad-lines")
    assert [line.split("\t")[0] for line in result.out.splitlines()] == ["line", "1", "3"]
    assert result.err.startswith("lmkit: 1 bad line was skipped; ")


def test_records_that_all_lack_a_text_have_rows_and_no_records_are_an_error(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("perplexity", "-q", MODEL, text_file(tmp_path, '{"text": null}\n', "a.jsonl"), "--by", "record")
    assert (result.code, result.out) == (0, f"{HEADER}\n1\tnan\t0\t0\tnan\tnan\t0\n")
    result = lmkit_run("perplexity", "-q", MODEL, text_file(tmp_path, "", "a.jsonl"), "--by", "record")
    assert (result.code, result.out) == (1, "")


def test_the_gate_is_that_of_the_corpus(lmkit_run: Run, tmp_path: Path) -> None:
    path = in_format(tmp_path, "a.jsonl")
    corpus = 10 ** (4.7 / 8)
    for limit, code in ((corpus + 0.01, 0), (corpus - 0.01, 3)):
        result = lmkit_run("perplexity", "-q", MODEL, path, "--by", "record", "--fail-above", limit)
        assert (result.code, len(result.out.splitlines())) == (code, 1 + len(RECORDS))


def test_mixtures_have_figures_by_record(lmkit_run: Run, tmp_path: Path) -> None:
    path = in_format(tmp_path, "a.jsonl")
    mix = ("--mix", MODEL, "--by", "record", "--json")  # with itself
    mixed, alone = (rows_of(lmkit_run("perplexity", "-q", MODEL, path, *how).out) for how in (mix, mix[2:]))
    assert [row["log10_prob"] for row in mixed] == pytest.approx([row["log10_prob"] for row in alone])


def test_what_depends_on_the_text_before_is_scored_in_order(tmp_path: Path) -> None:
    """From an empty cache "a a b" has 1/5 · 3/5 · 1/10 · 1/10, and "a" after it 7/20 · 1/5 (see `Cache`)."""
    path = text_file(tmp_path, '{"text": "a a b"}\n{"text": "a"}\n', "a.jsonl")
    cache = Cache(lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", b"a", b"b", b"c"]))
    (scored,) = score_records(cache, path)
    expected = [math.log10(1 / 5 * 3 / 5 / 10 / 10), math.log10(7 / 20 / 5)]
    assert scored.figures().log10_probs.tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.txt", ("--by", "record", "--id", "id"), "the field id was asked for, but {path} is plain text, which has no fields."),
        ("a.jsonl", ("--id", "id"), "--id names the records of --by record."),
    ],
)  # fmt: skip
def test_an_id_needs_records_with_fields(
    lmkit_run: Run, tmp_path: Path, name: str, options: tuple[str, ...], message: str
) -> None:
    path = text_file(tmp_path, "dort\n", name)
    result = lmkit_run("perplexity", "-q", MODEL, path, *options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"lmkit: {message.format(path=path)}\n")


@pytest.mark.parametrize("levels", [1200, 5000])
def test_a_field_that_is_nested_too_deeply_is_an_error(
    lmkit_run: Run, tmp_path: Path, english_model: Path, levels: int
) -> None:
    path = text_file(tmp_path, '{"text": "the", "id": ' + "[" * levels + "]" * levels + "}\n", "deep.jsonl")
    ran = lmkit_run("perplexity", english_model, path, "--by", "record", "--id", "id")
    assert (ran.code, "hundred levels deep" in ran.err) == (1, True), ran.err[-400:]
    kept = lmkit_run("filter", english_model, path)
    assert kept.raw == path.read_bytes()
