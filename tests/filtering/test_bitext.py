"""lmkit filter --bitext: both sides of a parallel text (Axelrod, He & Gao 2011)."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.text.records.pairs import aligned
from lmkit.text.records.reading import read_records
from tests.conftest import Run, text_file
from tests.filtering.two_models import DIFFERENCES, both_models, unigrams, values_in, written
from tests.shell_lines import run_line

# The models of the other side are those of the first in each other's place, so that its differences are the opposite.
FIRST = ["a", "b", "a a", "c", "a"]
OTHER = ["b", "b", "b", "c", "a a"]
SUMS = [DIFFERENCES[one] - DIFFERENCES[other] for one, other in zip(FIRST, OTHER, strict=True)]  # -1.5 0 -2 0 0.5


def models(folder: Path) -> list[Any]:
    """The model of the first side, and the options that name the others."""
    domain, general = both_models(folder)
    return [domain, "--against", general, "--bitext", general, "--bitext-against", domain]


def pairs(folder: Path, name: str) -> Path:
    """Records with both sides."""
    return written(folder, name, {"de": FIRST, "en": OTHER})


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.csv", "pairs.tsv", "pairs.parquet"])
def test_two_fields_of_a_record_are_two_sides(name: str, lmkit_run: Run, tmp_path: Path) -> None:
    text, kept = pairs(tmp_path, name), tmp_path / f"kept.{name.rpartition('.')[2]}"
    fields = ["--field", "de", "--bitext-field", "en"]
    for options in (["--max-difference", "-0.1"], ["--keep", "40%"]):
        ran = lmkit_run("filter", *models(tmp_path), text, *fields, *options, "-o", kept)
        assert ran.code == 0, ran.err
        assert (values_in(kept, "de"), values_in(kept, "en")) == (["a", "a a"], ["b", "b"])


def test_the_differences_of_both_sides_are_added(lmkit_run: Run, tmp_path: Path) -> None:
    text = pairs(tmp_path, "pairs.jsonl")
    ran = lmkit_run("filter", *models(tmp_path), text, "--field", "de", "--bitext-field", "en", "--append")
    records = list(map(json.loads, ran.out.splitlines()))
    assert [record["difference"] for record in records] == pytest.approx(SUMS, abs=1e-6)
    # The other side of the first pair: b, which is 1 bit under the general model, and its end 2.
    assert records[0]["bitext_perplexity"] == pytest.approx(2 ** ((1 + 2) / 2), rel=1e-6)
    figures = ["perplexity", "log10_prob", "tokens", "oov", "bits_per_byte"]
    assert list(records[0]) == ["de", "en", *figures, *(f"bitext_{name}" for name in figures), "difference"]


def test_columns_without_a_header_are_two_sides(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "".join(f"{one}\t{other}\n" for one, other in zip(FIRST, OTHER, strict=True)), "p.tsv")
    columns = ["--no-header", "--field", "1", "--bitext-field", "2"]
    ran = lmkit_run("filter", *models(tmp_path), text, *columns, "--max-difference", "-0.1")
    assert (ran.code, ran.out) == (0, "a\tb\na a\tb\n")


def test_fields_of_a_pipe_are_filtered_in_one_pass(tmp_path: Path) -> None:
    text, (model, *others) = pairs(tmp_path, "pairs.jsonl"), models(tmp_path)
    options = " ".join(map(str, others))
    line = f"lmkit filter {model} - {options} --format jsonl --field de --bitext-field en --max-difference -0.1"
    ran = run_line(f"cat {text} | {line}")
    assert [json.loads(row)["en"] for row in ran.stdout.splitlines()] == ["b", "b"]


@pytest.mark.parametrize("options", [["--max-difference", "-0.1"], ["--keep", "2"]])
def test_two_files_are_kept_and_rejected_together(options: list[str], lmkit_run: Run, tmp_path: Path) -> None:
    one, other = (text_file(tmp_path, "\n".join(lines), name) for lines, name in ((FIRST, "de"), (OTHER, "en")))
    names = {"-o": "kept.de", "--bitext-output": "kept.en", "--rejected": "no.de", "--bitext-rejected": "no.en"}
    places = [item for option, name in names.items() for item in (option, tmp_path / name)]
    ran = lmkit_run("filter", *models(tmp_path), one, "--bitext-file", other, *options, *places)
    assert ran.code == 0, ran.err
    found = {name: (tmp_path / name).read_text("utf-8").split("\n") for name in names.values()}
    # The last lines have no line end, as in the files that were read.
    assert found == {
        "kept.de": ["a", "a a", ""], "kept.en": ["b", "b", ""], "no.de": ["b", "c", "a"], "no.en": ["b", "c", "a a"],
    }  # fmt: skip


def test_two_files_each_have_figures_of_their_own(lmkit_run: Run, tmp_path: Path) -> None:
    one = written(tmp_path, "de.jsonl", {"text": FIRST})
    other = written(tmp_path, "en.parquet", {"line": OTHER})
    places = ["-o", tmp_path / "kept.jsonl", "--bitext-output", tmp_path / "kept.parquet", "--bitext-field", "line"]
    ran = lmkit_run("filter", *models(tmp_path), one, "--bitext-file", other, "--append", "--keep", "1", *places)
    assert ran.code == 0, ran.err
    (first,) = map(json.loads, (tmp_path / "kept.jsonl").read_text("utf-8").splitlines())
    (second,) = pq.read_table(tmp_path / "kept.parquet").to_pylist()
    assert (first["text"], second["line"]) == ("a a", "b")
    assert first["difference"] == second["difference"] == pytest.approx(-2, abs=1e-6)
    assert first["perplexity"] == pytest.approx(2 ** ((1 + 1 + 3) / 3), rel=1e-6)
    assert second["perplexity"] == pytest.approx(2 ** ((1 + 2) / 2), rel=1e-6)


def test_buckets_have_two_files_each(lmkit_run: Run, tmp_path: Path) -> None:
    one, other = (text_file(tmp_path, "\n".join(lines) + "\n", name) for lines, name in ((FIRST, "de"), (OTHER, "en")))
    places = ["-o", tmp_path / "{bucket}.de", "--bitext-output", tmp_path / "{bucket}.en"]
    ran = lmkit_run("filter", *models(tmp_path), one, "--bitext-file", other, "--quantiles", "0.4", *places)
    assert ran.code == 0, ran.err
    found = [(tmp_path / name).read_text("utf-8") for name in ("head.de", "head.en", "tail.de", "tail.en")]
    assert found == ["a\na a\n", "b\nb\n", "b\nc\na\n", "b\nc\na a\n"]


@pytest.mark.parametrize("more", ["first", "other"])
def test_files_of_different_length_are_no_two_sides(more: str, lmkit_run: Run, tmp_path: Path) -> None:
    short, long = text_file(tmp_path, "a\n\nb\n", "short"), text_file(tmp_path, "a\n\nb\nc\n", "long")
    one, other = (long, short) if more == "first" else (short, long)
    places = ["-o", tmp_path / "kept", "--bitext-output", tmp_path / "other"]
    ran = lmkit_run("filter", *models(tmp_path), one, "--bitext-file", other, "--max-difference", "9", *places)
    numbers = {short: 3, long: 4}
    assert (ran.code, ran.err) == (1, (
        f"lmkit: {one} has {numbers[one]} records and {other} has {numbers[other]}: they are not the two sides of a parallel text.\n"
        "Each record, be it a blank line, stands beside the one at the same place.\n"
    ))  # fmt: skip
    assert not (tmp_path / "kept").exists()
    assert not (tmp_path / "other").exists()


def test_a_pair_without_text_on_one_side_is_rejected_on_both(lmkit_run: Run, tmp_path: Path) -> None:
    one, other = text_file(tmp_path, "a\n\na\na\n", "de"), text_file(tmp_path, "b\nb\n\nb\n", "en")
    kept = tmp_path / "kept.de", tmp_path / "kept.en"
    common = [*models(tmp_path), one, "--bitext-file", other, "-o", kept[0], "--bitext-output", kept[1]]
    ran = lmkit_run("filter", *common, "--max-difference", "9")
    assert [path.read_text("utf-8") for path in kept] == ["a\na\n", "b\nb\n"]
    assert ran.err == ("lmkit: 3 records: kept 2, rejected 1; without text: 1; blank lines: 1, of which 0 kept\n")
    lmkit_run("filter", *common, "--max-difference", "9", "--without-text", "keep")
    assert [path.read_text("utf-8") for path in kept] == ["a\n\na\na\n", "b\nb\n\nb\n"]


def test_a_bad_line_on_one_side_takes_the_other_with_it(lmkit_run: Run, tmp_path: Path) -> None:
    one = text_file(tmp_path, '{"text": "a"}\n{"text": "a"}\n{"text": "a a"}\n', "de.jsonl")
    other = text_file(tmp_path, '{"text": "b"}\n{"text": 1}\n{"text": "b"}\n', "en.jsonl")
    kept = tmp_path / "kept.de.jsonl", tmp_path / "kept.en.jsonl"
    rules = ["--skip-bad-lines", "--without-text", "keep", "-o", kept[0], "--bitext-output", kept[1]]
    ran = lmkit_run("filter", *models(tmp_path), one, "--bitext-file", other, *rules)
    assert ran.code == 0, ran.err
    assert values_in(kept[0], "text") == ["a", "a a"]
    assert values_in(kept[1], "text") == ["b", "b"]


def test_a_record_without_the_other_field_is_named(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, '{"de": "a", "en": null}\n{"de": "a", "eng": "b"}\n', "pairs.jsonl")
    ran = lmkit_run("filter", *models(tmp_path), text, "--field", "de", "--bitext-field", "en", "--max-difference", "9")
    told = "there is no field en.\nDid you mean eng? The fields are: de, eng.\n"
    assert (ran.code, ran.err) == (1, f"lmkit: {text}:2: {told}")


def test_an_other_field_that_is_no_text_is_named(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, '{"de": "a", "en": ["b"]}\n', "pairs.jsonl")
    ran = lmkit_run("filter", *models(tmp_path), text, "--field", "de", "--bitext-field", "en", "--max-difference", "9")
    told = "the field en holds no text, but ['b'].\nName the field of the other side of the text with --bitext-field.\n"
    assert (ran.code, ran.err) == (1, f"lmkit: {text}:1: {told}")


WRONG = {
    "four models": (["--bitext", "{m}", "--against", "{m}", "--bitext-field", "en"], "--bitext needs four models"),
    "no side": (["--bitext", "{m}", "--against", "{m}", "--bitext-against", "{m}"], "--bitext does not say where"),
    "no bitext": (["--bitext-field", "en"], "--bitext-field is for --bitext, and there is none."),
    "no output": (
        ["--bitext", "{m}", "--against", "{m}", "--bitext-against", "{m}", "--bitext-file", "{m}"],
        "the other side of what is kept has no file.",
    ),
    "output of fields": (
        ["--bitext", "{m}", "--against", "{m}", "--bitext-against", "{m}", "--bitext-field", "en", "--bitext-output", "x"],
        "--bitext-output is for --bitext-file.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_make_two_sides_is_wrong_usage(case: str, lmkit_run: Run, tmp_path: Path) -> None:
    options, told = WRONG[case]
    domain, _ = both_models(tmp_path)
    ran = lmkit_run("filter", domain, text_file(tmp_path, "a\n"), *(each.format(m=domain) for each in options))
    assert ran.code == 2
    assert ran.err.startswith(f"lmkit: {told}")


def test_both_sides_in_one_output_is_wrong_usage(lmkit_run: Run, tmp_path: Path) -> None:
    text, out = text_file(tmp_path, "a\n"), tmp_path / "out"
    places = ["-o", out, "--bitext-output", out]
    ran = lmkit_run("filter", *models(tmp_path), text, "--bitext-file", text, "--keep", "1", *places)
    assert (ran.code, ran.err) == (2, f"lmkit: two outputs are {out}.\nGive each a name of its own.\n")


def test_each_side_is_read_as_its_own_models_read(lmkit_run: Run, tmp_path: Path) -> None:
    general = unigrams(tmp_path, "general.arpa", {"a": 3, "b": 1, "</s>": 2, "<unk>": 3})
    settings = lmkit.TextSettings(lowercase=True)
    trained = text_file(tmp_path, "x y\nx\n")
    counts = lmkit.count_ngrams(trained, 1, settings=settings)
    lower = tmp_path / "lower.safetensors"
    lmkit.save(lmkit.laplace(counts), lower)
    text = written(tmp_path, "pairs.jsonl", {"de": ["A"], "en": ["X"]})
    fields = ["--field", "de", "--bitext-field", "en", "--append"]
    sides = ["--against", general, "--bitext", lower, "--bitext-against", lower]
    (record,) = map(json.loads, lmkit_run("filter", general, text, *sides, *fields).out.splitlines())
    assert (record["oov"], record["bitext_oov"]) == (1, 0)  # only the other side is lower-cased


blocks_of = st.integers(1, 40)
texts = st.lists(st.text("ab \r", max_size=6), min_size=0, max_size=12)


@given(texts, blocks_of, blocks_of)
def test_blocks_of_any_size_are_aligned_record_by_record(lines: list[str], size: int, other_size: int) -> None:
    data = [("".join(f"{number}{mark}{line}\n" for number, line in enumerate(lines))).encode() for mark in "xy"]
    settings = lmkit.TextSettings()
    first, other = (
        read_records(io.BytesIO(each), settings, lmkit.Reading(block_bytes=wanted))
        for each, wanted in zip(data, (size, other_size), strict=True)
    )
    found = list(aligned(first, other, ("x", "y")))
    written_back = [b"", b""]
    for block in found:
        assert block.other is not None
        for side, each in enumerate((block, block.other)):
            assert len(each) == len(block)
            written_back[side] += bytes(each.records.piece(each.kinds >= 0, None).data)
        numbers = [
            line.partition(mark)[0] for line, mark in zip((block.data, block.other.data), (b"x", b"y"), strict=True)
        ]
        assert numbers[0] == numbers[1]
        assert block.numbers.tolist() == block.other.numbers.tolist()
    assert written_back == data


@pytest.mark.parametrize("name", ["side.jsonl", "side.csv", "side.tsv", "side.parquet"])
def test_blocks_of_every_format_are_cut_where_those_beside_end(name: str, tmp_path: Path) -> None:
    lines: list[str | None] = [f"{number} {'word ' * (number % 5)}".strip() for number in range(40)]
    one, other = written(tmp_path, "side.txt", {"text": lines}), written(tmp_path, name, {"text": lines})
    settings, small = lmkit.TextSettings(), lmkit.Reading(block_bytes=50)
    found = list(aligned(read_records(one, settings, small), read_records(other, settings), ("one", "other")))
    assert len(found) > 4
    beside = [block.other for block in found if block.other is not None]
    assert [block.data for block in beside] == [block.data for block in found]
    pieces: list[Any] = [block.records.piece(block.kinds >= 0, None) for block in beside]
    if name.endswith(".parquet"):
        assert [row for piece in pieces for row in piece.column("text").to_pylist()] == lines
    else:
        assert pieces[0].header + b"".join(bytes(piece.data) for piece in pieces) == other.read_bytes()
