"""lmkit filter: records in, the same records out."""

import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lmkit
from tests.conftest import Run, held_out_text, text_file
from tests.shell_lines import run_line

LINES = held_out_text("en").read_text("utf-8").split("\n")[:60]
GROUPS = ["\n".join(LINES[start : start + 3]) for start in range(0, 60, 3)]  # 20 documents of three lines


def documents(folder: Path, name: str = "docs.jsonl") -> Path:
    """The documents, with a record whose text is null, and one whose text is empty, in the middle."""
    records: list[dict[str, Any]] = [
        {"id": number, "text": text, "kept": {"as": [1, 2.50]}} for number, text in enumerate(GROUPS)
    ]
    records[10:10] = [{"id": "null", "text": None}, {"id": "empty", "text": ""}]
    return text_file(folder, "".join(json.dumps(record) + "\n" for record in records), name)


def read(path: Path) -> list[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


def perplexities(model: Path, folder: Path) -> dict[int, float]:
    """The perplexity of each document, by its number, from a file of its lines."""
    loaded = lmkit.load(model)
    files = [text_file(folder, text + "\n", f"{number}.txt") for number, text in enumerate(GROUPS)]
    return {number: lmkit.perplexity(loaded, file).perplexity for number, file in enumerate(files)}


def test_the_figures_of_a_record_are_those_of_a_file_of_its_lines(
    lmkit_run: Run, tmp_path: Path, english_model: Path
) -> None:
    ran = lmkit_run("filter", english_model, documents(tmp_path), "--append")
    found = {record["id"]: record for record in map(json.loads, ran.out.splitlines())}
    loaded = lmkit.load(english_model)
    for number, text in enumerate(GROUPS):
        figures = lmkit.perplexity(loaded, text_file(tmp_path, text + "\n"))
        record = found[number]
        assert record["perplexity"] == pytest.approx(figures.perplexity, rel=1e-11)
        assert record["log10_prob"] == pytest.approx(figures.log10_prob, rel=1e-11)
        assert record["bits_per_byte"] == pytest.approx(figures.bits_per_byte, rel=1e-11)
        assert (record["tokens"], record["oov"]) == (figures.tokens, figures.oov)
    for name in ("null", "empty"):
        assert (
            found[name] | {"perplexity": None, "log10_prob": None, "bits_per_byte": None, "tokens": 0, "oov": 0}
            == found[name]
        )
    note, *told = ran.err.splitlines()
    assert note.startswith("lmkit: 19 OOV words cost p(<unk>), and nothing for their letters: ")
    assert told == ["lmkit: 22 records: kept 22, rejected 0; without text: 2"]


@pytest.mark.parametrize(
    "limits",
    [
        ("--max-perplexity", "22"),
        ("--min-perplexity", "18", "--max-perplexity", "25"),
        ("--min-tokens", "36"),
        ("--max-oov-rate", "0.01"),
        ("--max-bits-per-byte", "1"),
        ("--keep", "7"),
        ("--keep", "30%", "--min-tokens", "38"),
    ],
)
def test_what_is_kept_what_is_rejected_and_what_is_inverted_are_all_records(
    lmkit_run: Run, tmp_path: Path, english_model: Path, limits: tuple[str, ...]
) -> None:
    docs, kept, rejected, inverted = (
        documents(tmp_path),
        tmp_path / "k.jsonl",
        tmp_path / "r.jsonl",
        tmp_path / "i.jsonl",
    )
    assert lmkit_run("filter", english_model, docs, *limits, "-o", kept, "--rejected", rejected).code == 0
    assert lmkit_run("filter", english_model, docs, *limits, "--invert", "-o", inverted).code == 0
    assert 0 < len(read(kept)) < 20
    assert inverted.read_bytes() == rejected.read_bytes()
    lines = docs.read_bytes().splitlines(keepends=True)
    assert sorted(
        kept.read_bytes().splitlines(keepends=True) + rejected.read_bytes().splitlines(keepends=True)
    ) == sorted(lines)
    assert {"null", "empty"} <= {record["id"] for record in read(rejected)}


def test_limits_are_met_by_records_at_them(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs = documents(tmp_path)
    measured = [json.loads(line) for line in lmkit_run("filter", english_model, docs, "--append").out.splitlines()]
    limit = sorted(record["perplexity"] for record in measured if record["tokens"])[6]
    ran = lmkit_run(
        "filter", english_model, docs, "--max-perplexity", repr(limit), "--json", "-o", tmp_path / "k.jsonl"
    )
    summary = json.loads(ran.out)
    assert summary["kept"] == {"kept": 7}
    assert summary["failed"] == {"max-perplexity": 13}
    assert (summary["records"], summary["rejected"], summary["without_text"]) == (22, 15, 2)
    at_least = lmkit_run(
        "filter", english_model, docs, "--min-perplexity", repr(limit), "-o", tmp_path / "k.jsonl", "--json"
    )
    assert json.loads(at_least.out)["kept"] == {"kept": 14}


def test_the_best_share_is_kept(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs, expected = documents(tmp_path), perplexities(english_model, tmp_path)
    best = sorted(expected, key=expected.__getitem__)
    for share, number in (("10%", 2), ("11%", 3), ("5", 5), ("100%", 20), ("50", 20)):
        ran = lmkit_run("filter", english_model, docs, "--keep", share, "-o", tmp_path / "k.jsonl")
        assert {record["id"] for record in read(tmp_path / "k.jsonl")} == set(best[:number]), share
        assert "(exact, of 20 records)" in ran.err


def test_records_are_sorted_into_buckets_between_quantiles(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs, expected = documents(tmp_path), perplexities(english_model, tmp_path)
    ran = lmkit_run(
        "filter", english_model, docs, "--quantiles", "0.3,0.75", "-o", tmp_path / "{bucket}.jsonl.gz", "--json"
    )
    best = sorted(expected, key=expected.__getitem__)
    buckets = {"head": best[:6], "middle": best[6:15], "tail": best[15:]}
    for name, numbers in buckets.items():
        assert {record["id"] for record in read(tmp_path / f"{name}.jsonl.gz")} == set(numbers)
    summary = json.loads(ran.out)
    assert summary["kept"] == {"head": 6, "middle": 9, "tail": 5}
    assert summary["thresholds"] == {"0.3": pytest.approx(expected[best[5]]), "0.75": pytest.approx(expected[best[14]])}


def test_thresholds_of_a_file_sort_as_quantiles_do_in_one_pass(
    lmkit_run: Run, tmp_path: Path, english_model: Path, french_model: Path
) -> None:
    docs, file = documents(tmp_path), tmp_path / "t.json"
    assert (
        lmkit_run("filter", english_model, docs, "--quantiles", "1/4,1/2,3/4", "--thresholds-only", "-o", file).code
        == 0
    )
    lmkit_run("filter", english_model, docs, "--quantiles", "0.25,0.5,0.75", "-o", tmp_path / "a{bucket}.jsonl")
    ran = run_line(
        f"lmkit filter {english_model} - --format jsonl --thresholds {file} -o '{tmp_path}/b{{bucket}}.jsonl' < {docs}"
    )
    assert ran.returncode == 0, ran.stderr
    for bucket in "1234":
        assert len(read(tmp_path / f"a{bucket}.jsonl")) == 5
        assert (tmp_path / f"a{bucket}.jsonl").read_bytes() == (tmp_path / f"b{bucket}.jsonl").read_bytes()
    other = lmkit_run("filter", french_model, docs, "--thresholds", file, "-o", tmp_path / "{bucket}.jsonl")
    assert other.code == 2
    assert "found with another model" in other.err
    damaged = text_file(tmp_path, '{"values": []}', "damaged.json")
    assert (
        lmkit_run("filter", english_model, docs, "--thresholds", damaged, "-o", tmp_path / "{bucket}.jsonl").code == 1
    )


def test_a_sample_gives_thresholds_that_say_so(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs, expected = documents(tmp_path), perplexities(english_model, tmp_path)
    found = []
    for seed in (1, 1, 2):
        ran = lmkit_run(
            "filter", english_model, docs, "--quantiles", "0.5", "--sample", "7", "--seed", seed, "--thresholds-only"
        )
        found.append(json.loads(ran.out))
        assert "from a sample of 7 of 20 records" in ran.err
    assert found[0] == found[1] != found[2]
    assert all(any(value == pytest.approx(each["values"][0]) for value in expected.values()) for each in found)
    whole = lmkit_run("filter", english_model, docs, "--quantiles", "0.5", "--sample", "100", "--thresholds-only")
    exact = lmkit_run("filter", english_model, docs, "--quantiles", "0.5", "--thresholds-only")
    assert json.loads(whole.out)["values"] == pytest.approx(json.loads(exact.out)["values"])
    assert json.loads(whole.out)["exact"]


def test_records_without_text_and_blank_lines_are_kept_as_asked(
    lmkit_run: Run, tmp_path: Path, english_model: Path
) -> None:
    text = text_file(tmp_path, f"{LINES[0]}\n\n   \n{LINES[1]}")
    assert lmkit_run("filter", english_model, text).raw == text.read_bytes()
    ran = lmkit_run("filter", english_model, text, "--max-perplexity", "1e9")
    assert ran.out == f"{LINES[0]}\n{LINES[1]}"
    assert "2 records: kept 2, rejected 0; blank lines: 2, of which 0 kept" in ran.err
    kept = lmkit_run("filter", english_model, text, "--max-perplexity", "1e9", "--without-text", "keep")
    assert kept.raw == text.read_bytes()
    assert lmkit_run("filter", english_model, text, "--without-text", "reject").out == ran.out


def test_rows_of_parquet_keep_their_columns_types_and_metadata(
    lmkit_run: Run, tmp_path: Path, english_model: Path
) -> None:
    table = pa.table(
        {
            "id": pa.array(range(20), pa.int16()),
            "nested": pa.array([{"text": text, "tags": ["a", None]} for text in GROUPS]),
            "kind": pa.array(["x", "y"] * 10).dictionary_encode(),
            "when": pa.array([10**15] * 20, pa.timestamp("us", "UTC")),
        }
    ).replace_schema_metadata({"made": "by hand"})
    path, out = tmp_path / "a.parquet", tmp_path / "b.parquet"
    pq.write_table(table, path, row_group_size=6, compression="zstd")
    assert lmkit_run("filter", english_model, path, "--field", "nested.text", "-o", out).code == 0
    same = pq.read_table(out)
    assert same.equals(table)
    assert same.schema.metadata[b"made"] == b"by hand"
    lmkit_run(
        "filter", english_model, path, "--field", "nested.text", "--keep", "3", "--append", "--prefix", "lm_", "-o", out
    )
    found = pq.read_table(out)
    assert found.column_names == [
        *table.column_names,
        "lm_perplexity",
        "lm_log10_prob",
        "lm_tokens",
        "lm_oov",
        "lm_bits_per_byte",
    ]
    assert found.schema.field("lm_tokens").type == pa.int64()
    expected = perplexities(english_model, tmp_path)
    best = sorted(sorted(expected, key=expected.__getitem__)[:3])
    assert found.column("id").to_pylist() == best
    assert found.select(table.column_names).equals(table.take(best))
    assert found.column("lm_perplexity").to_pylist() == pytest.approx([expected[number] for number in best])
    again = lmkit_run(
        "filter",
        english_model,
        out,
        "--field",
        "nested.text",
        "--append",
        "--prefix",
        "lm_",
        "-o",
        tmp_path / "c.parquet",
    )
    assert again.code == 1
    assert "there is a column lm_perplexity already" in again.err


def test_formats_are_turned_into_each_other(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs = documents(tmp_path)
    wanted = [record for record in read(docs) if record["text"]]
    for suffix in ("parquet", "csv", "jsonl.zst"):
        ran = lmkit_run("filter", english_model, docs, "--min-tokens", "1", "-o", tmp_path / f"x.{suffix}")
        assert ran.code == 0, ran.err
        back = lmkit_run("filter", english_model, tmp_path / f"x.{suffix}", "-o", tmp_path / "back.jsonl")
        assert back.code == 0, back.err
        found = read(tmp_path / "back.jsonl")
        assert [record["text"] for record in found] == [record["text"] for record in wanted]
        assert [str(record["id"]) for record in found] == [str(record["id"]) for record in wanted]
    refused = lmkit_run("filter", english_model, docs, "-o", tmp_path / "x.txt")
    assert refused.code == 1
    assert "plain text would lose" in refused.err
    assert not (tmp_path / "x.txt").exists()


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_compressed_outputs_are_whole_files_even_if_empty(
    lmkit_run: Run, tmp_path: Path, english_model: Path, kind: str
) -> None:
    docs = documents(tmp_path)
    lmkit_run(
        "filter",
        english_model,
        docs,
        "--max-perplexity",
        "0",
        "-o",
        tmp_path / f"none.jsonl.{kind}",
        "--rejected",
        tmp_path / f"all.jsonl.{kind}",
    )
    assert lmkit_run("filter", english_model, tmp_path / f"all.jsonl.{kind}").raw == docs.read_bytes()
    empty = lmkit_run("filter", english_model, tmp_path / f"none.jsonl.{kind}")
    assert (empty.code, empty.out) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--quantiles", "0.7,0.3", "-o", "{bucket}"), "they do not ascend"),
        (("--quantiles", "0.3,1", "-o", "{bucket}"), "between 0 and 1"),
        (("--quantiles", "a", "-o", "{bucket}"), "no numbers"),
        (("--quantiles", "0.3", "-o", "x.jsonl"), "go to several files"),
        (("-o", "{bucket}.jsonl"), "there are no buckets"),
        (("--keep", "0%"), "a share or a number"),
        (("--keep", "10%", "--quantiles", "0.5", "-o", "{bucket}"), "each say what is to be kept"),
        (("--max-perplexity", "nan"), "not a number"),
        (("--prefix", "x"), "--append"),
        (("--sample", "9"), "--sample is for"),
        (("-o", "x.parquet.gz"), "compressed within"),
        (("-o", "same.jsonl", "--rejected", "same.jsonl"), "two outputs are"),
        (("-o", "docs.jsonl"), "is read and would be written over"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    lmkit_run: Run,
    tmp_path: Path,
    english_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    documents(tmp_path)
    monkeypatch.chdir(tmp_path)
    ran = lmkit_run("filter", english_model, "docs.jsonl", *arguments)
    assert (ran.code, message in ran.err) == (2, True), ran.err
    assert list(tmp_path.iterdir()) == [tmp_path / "docs.jsonl"]


def test_a_pipe_is_not_read_twice(tmp_path: Path, english_model: Path) -> None:
    ran = run_line(f"cat {documents(tmp_path)} | lmkit filter {english_model} - --format jsonl --keep 10%")
    assert (ran.returncode, b"a pipe can be read only once" in ran.stderr) == (2, True)


def test_bad_records_are_errors_or_go_to_the_rejected_as_they_are(
    lmkit_run: Run, tmp_path: Path, english_model: Path
) -> None:
    docs = text_file(tmp_path, f'{{"text": "{LINES[0]}"}}\n{{"txt": 1}}\nnot json\n', "bad.jsonl")
    out, rejected = tmp_path / "out.jsonl", tmp_path / "rejected.jsonl"
    ran = lmkit_run("filter", english_model, docs, "--append", "-o", out)
    assert ran.code == 1
    assert "bad.jsonl:2: there is no field text" in ran.err
    assert not out.exists()
    ran = lmkit_run("filter", english_model, docs, "--append", "-o", out, "--rejected", rejected, "--skip-bad-lines")
    assert ran.code == 0
    assert len(read(out)) == 1
    assert rejected.read_bytes() == b'{"txt": 1}\nnot json\n'
    assert "bad lines: 2, rejected" in ran.err


def test_sentences_of_a_record_are_lines_or_found_or_all_of_it(
    lmkit_run: Run, tmp_path: Path, english_model: Path
) -> None:
    text = "the king came .\nHe went . She stayed ."
    docs = text_file(tmp_path, json.dumps({"text": text}) + "\n", "s.jsonl")
    tokens = [
        json.loads(lmkit_run("filter", english_model, docs, "--append", "--sentences", how).out)["tokens"]
        for how in ("line", "split", "document")
    ]
    words = len(text.split())
    assert tokens == [words + 2, words + 3, words + 1]


def test_a_mean_over_no_token_is_no_perplexity_and_zero_probability_is_infinite(lmkit_run: Run, tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(text_file(tmp_path, "a b\n"), 2)
    lmkit.save(lmkit.maximum_likelihood(counts), tmp_path / "ml.safetensors")
    docs = text_file(tmp_path, '{"text": "a b"}\n{"text": "b a"}\n', "d.jsonl")
    ran = lmkit_run("filter", tmp_path / "ml.safetensors", docs, "--append")
    first, second = map(json.loads, ran.out.splitlines())
    assert (first["perplexity"], second["perplexity"], second["log10_prob"]) == (1.0, None, None)
    kept = lmkit_run("filter", tmp_path / "ml.safetensors", docs, "--max-perplexity", "1e300")
    assert kept.out == '{"text": "a b"}\n'
    assert math.isinf(
        float(
            lmkit_run("filter", tmp_path / "ml.safetensors", text_file(tmp_path, "b a\n"), "--append").out.split("\t")[
                1
            ]
        )
    )


def test_memory_of_figures_does_not_change_them(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs = documents(tmp_path)
    once = lmkit_run("filter", english_model, docs, "--append", "--min-tokens", "1")
    twice = lmkit_run("filter", english_model, docs, "--append", "--keep", "100%", "--tmp", tmp_path)
    assert once.out == twice.out
    assert np.array(json.loads(once.out.splitlines()[0])["perplexity"]) > 1
