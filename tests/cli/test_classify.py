"""`lmkit classify`: models and text on one line, rows, records written back, confusion tables (posteriors by hand: `tests.classes`)."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

import lmkit
from tests.classes import unigrams, write_models
from tests.conftest import Run, text_file
from tests.shell_lines import run_line

RECORDS = [("x", "a"), ("x z", "b"), ("w", "b"), (None, "a"), ("z", "c")]
CLASSES = ["a", "b", None, None, "b"]
POSTERIORS = [0.75, 0.8, 0.5, None, 12 / 13]  # z: 0.05 and 0.6


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    """The two models."""
    return write_models(tmp_path)


def jsonl(folder: Path) -> Path:
    """The records as JSON lines."""
    lines = [json.dumps({"text": text, "is": label}) + "\n" for text, label in RECORDS]
    return text_file(folder, "".join(lines), "r.jsonl")


def test_a_row_for_each_record(lmkit_run: Run, tmp_path: Path, models: list[Path]) -> None:
    result = lmkit_run("classify", *models, text_file(tmp_path, "x\n\nx z\nw\n"))
    header, *rows = (line.split("\t") for line in result.out.splitlines())
    assert header == ["line", "class", "posterior", "log10_prob.a", "log10_prob.b"]
    assert [row[:2] for row in rows] == [["1", "a"], ["3", "b"], ["4", ""]]
    assert [float(row[2]) for row in rows] == pytest.approx([3 / 4, 4 / 5, 1 / 2])
    assert [float(cell) for cell in rows[0][3:]] == pytest.approx([-1.2218487, -1.69897])  # 0.06, 0.02
    assert result.err == "lmkit: 3 records: a 1, b 1; without a class: 1\n"


def test_rows_as_json_with_names_of_records(lmkit_run: Run, tmp_path: Path, models: list[Path]) -> None:
    out = lmkit_run("classify", *models, jsonl(tmp_path), "--json", "--id", "is", "-q").out
    rows = [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]
    assert [row["id"] for row in rows] == [label for _, label in RECORDS]
    assert [row["class"] for row in rows] == CLASSES
    assert [row["posterior"] for row in rows] == [pytest.approx(each) for each in POSTERIORS]
    assert rows[3] == {"id": "a", "class": None, "posterior": None, "log10_prob.a": None, "log10_prob.b": None}


def test_records_are_written_back_with_their_class_at_the_end(
    lmkit_run: Run, tmp_path: Path, models: list[Path]
) -> None:
    records = '{"text": "x",  "n": 1.50}\n\n{"text": null}\r\n{ "n": {}, "text": "z" }\n'
    result = lmkit_run("classify", *models, text_file(tmp_path, records, "r.jsonl"), "--append")
    lines = result.out.split("\n")
    assert [json.loads(line).get("class") for line in lines if line.strip()] == ["a", None, "b"]
    assert lines[0].startswith('{"text": "x",  "n": 1.50, "class": "a", "posterior": 0.7')
    assert lines[1:3] == ["", '{"text": null, "class": null, "posterior": null}\r']
    assert lines[3].startswith('{ "n": {}, "text": "z" , "class": "b", "posterior": 0.9')
    assert result.err == "lmkit: 3 records: a 1, b 1; without a class: 1\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("r.txt", "x\n\nw\n", ["x\ta\t0.75", "", "w\t\t0.5"]),
        ("r.csv", "text,n\nx,1\nw,2\n", ["text,n,of.class,of.posterior", "x,1,a,0.75", "w,2,,0.5"]),
        ("r.tsv", "n\ttext\n1\tx\n", ["n\ttext\tof.class\tof.posterior", "1\tx\ta\t0.75"]),
    ],
)
def test_lines_and_cells_get_cells_more(
    lmkit_run: Run, tmp_path: Path, models: list[Path], name: str, text: str, expected: list[str]
) -> None:
    exact = [f"a={tmp_path / 'a.safetensors'}", f"b={tmp_path / 'b.safetensors'}"]
    for path in models:  # 0.75 to the last digit
        lmkit.save(lmkit.load_model(path, precision="double"), path.with_suffix(".safetensors"))
    out = lmkit_run("classify", *exact, text_file(tmp_path, text, name), "--append", "--prefix", "of.", "-q").out
    separator = "," if name.endswith("csv") else "\t"
    found, wanted = ([line.split(separator) for line in lines] for lines in (out.splitlines(), expected))
    assert [cells[:-1] for cells in found] == [cells[:-1] for cells in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one[-1] == other[-1] or float(one[-1]) == pytest.approx(float(other[-1]))


def test_tables_get_columns_with_nulls(lmkit_run: Run, tmp_path: Path, models: list[Path]) -> None:
    texts = [text for text, _ in RECORDS]
    parquet.write_table(pa.table({"text": texts}), tmp_path / "r.parquet")
    lmkit_run("classify", *models, tmp_path / "r.parquet", "--append", "-o", tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["text", "class", "posterior"]
    assert table["text"].to_pylist() == texts
    assert table["class"].to_pylist() == CLASSES
    assert table["posterior"].to_pylist() == [pytest.approx(each) for each in POSTERIORS]


def test_a_confusion_table_in_place_of_rows(lmkit_run: Run, tmp_path: Path, models: list[Path]) -> None:
    result = lmkit_run("classify", *models, jsonl(tmp_path), "--label", "is")
    assert [line.split("\t") for line in result.out.splitlines()] == [
        ["label", "a", "b", "(none)", "recall"],
        ["a", "1", "0", "1", "0.5"],
        ["b", "0", "1", "1", "0.5"],
        ["c", "0", "1", "0", "0"],
        ["precision", "1", "0.5", "", ""],
        ["accuracy", "0.4", "", "", ""],
    ]
    assert result.err == (
        "lmkit: 5 records: a 1, b 2; without a class: 2\nlmkit: 1 records are labelled c, which is no class.\n"
    )
    figures = json.loads(lmkit_run("classify", *models, jsonl(tmp_path), "--label", "is", "--json").out)
    assert figures["labels"]["accuracy"] == 0.4
    assert (figures["records"], figures["classes"], figures["without_class"]) == (5, {"a": 1, "b": 2}, 2)
    assert figures["priors"] == {"a": 0.5, "b": 0.5}
    assert set(figures["signatures"]) == {"a", "b"}


def test_the_table_goes_to_stderr_where_records_go_to_stdout(
    lmkit_run: Run, tmp_path: Path, models: list[Path]
) -> None:
    how = ("classify", *models, jsonl(tmp_path), "--label", "is", "--append", "-q")
    on_stdout, on_stderr = lmkit_run(*how, "-o", tmp_path / "out.jsonl"), lmkit_run(*how)
    assert on_stderr.err == on_stdout.out
    assert on_stderr.raw == (tmp_path / "out.jsonl").read_bytes()


def test_priors_are_given_by_name(lmkit_run: Run, tmp_path: Path, models: list[Path]) -> None:
    """0.06 · 0.2 = 0.012 and 0.02 · 0.8 = 0.016."""
    out = lmkit_run("classify", *models, text_file(tmp_path, "x\n"), "--prior", "b=0.8, a=0.2", "-q").out
    assert out.splitlines()[1].split("\t")[1:3] == ["b", "0.5714286"]


def test_models_are_known_by_what_they_hold_and_may_be_named(
    lmkit_run: Run, tmp_path: Path, models: list[Path]
) -> None:
    text = text_file(tmp_path, "x\n")
    lmkit_run("ngram", "convert", models[0], "-o", tmp_path / "own.safetensors")
    shutil.move(tmp_path / "own.safetensors", tmp_path / "own")
    shutil.copy(models[1], tmp_path / "other")
    run_line("gzip -c b.arpa > b.v2.arpa.gz", tmp_path)
    for given, names in (
        (["own", "other"], ["own", "other"]),
        (["own", "b.v2.arpa.gz"], ["own", "b.v2"]),
        (["ours=own", "b.arpa"], ["ours", "b"]),
        (["ours=own", "theirs=b.arpa"], ["ours", "theirs"]),
    ):
        paths = [str(tmp_path / each) if "=" not in each else each.replace("=", f"={tmp_path}/") for each in given]
        header = lmkit_run("classify", *paths, text, "-q").out.splitlines()[0].split("\t")
        assert header[3:] == [f"log10_prob.{name}" for name in names]


def test_without_a_file_text_comes_from_standard_input(tmp_path: Path, models: list[Path]) -> None:
    for files in ("", " -"):
        result = run_line(f"echo x | lmkit classify {models[0]} {models[1]}{files} -q", tmp_path)
        assert result.stdout.decode().splitlines()[1].startswith("1\ta\t0.75")


def test_several_files_are_named_in_rows(lmkit_run: Run, tmp_path: Path, models: list[Path]) -> None:
    paths = [text_file(tmp_path, "x\n", name) for name in ("one.txt", "two.txt")]
    out = lmkit_run("classify", *models, *paths, "-q").out
    assert [line.split("\t")[0] for line in out.splitlines()] == ["file", *map(str, paths)]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["a.arpa", "r.jsonl"], 2, "two models or more are needed, and r.jsonl is none."),
        (["a.arpa"], 2, "two models or more are needed, and no more were given."),
        (["a.arpa", "b.arpa", "r.jsonl", "b.arpa"], 2, "b.arpa is a model, and r.jsonl before it is none."),
        (["a.arpa", "x/a.arpa", "r.jsonl"], 2, "two models are called a: a.arpa and x/a.arpa."),
        (["=a.arpa", "b.arpa", "r.jsonl"], 2, "'=a.arpa': there is no name of a class before =, or no model after it."),
        (["a.arpa", "b.arpa", "r.jsonl", "--prior", "a=0.5"], 2, "there are priors for a, and the classes are a, b."),
        (["a.arpa", "b.arpa", "r.jsonl", "--prior", "a:0.5"], 2, "--prior: 'a:0.5' is no prior."),
        (["a.arpa", "b.arpa", "r.jsonl", "-o", "x.tsv"], 2, "-o is where --append writes the records."),
        (["a.arpa", "b.arpa", "r.jsonl", "--prefix", "x"], 2, "--prefix is for what --append adds."),
        (["a.arpa", "b.arpa", "r.jsonl", "--label", "is", "--id", "is"], 2, "--id names the rows, and with --append or --label there are none."),
        (["a.arpa", "b.arpa", "r.jsonl", "--append", "-o", "r.jsonl"], 2, "r.jsonl is read and would be written over."),
        (["a.arpa", "b.arpa", "r.jsonl", "--label", "iss"], 1, "r.jsonl: there is no field iss."),
        (["a.arpa", "b.arpa", "r.jsonl", "--append", "--prefix", "the_"], 1, "r.jsonl:1: the record has a field the_class, which is to be added."),
        (["a.arpa", "missing.arpa", "r.jsonl"], 1, "cannot read missing.arpa: No such file or directory."),
        (["a.arpa", "closed.arpa", "r.jsonl"], 1, "models of an open and of a closed vocabulary cannot be compared: only one of them expects unknown words."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("models")
def test_what_is_no_comparison_is_refused(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    record = '{"text": "x", "is": "a", "the_class": 1}\n'
    text_file(tmp_path, record, "r.jsonl")
    (tmp_path / "x").mkdir()
    shutil.copy("a.arpa", "x/a.arpa")
    text_file(tmp_path, unigrams({"x": 0.8}, closed=True), "closed.arpa")
    result = lmkit_run("classify", *arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"lmkit: {message}\n")
    assert (tmp_path / "r.jsonl").read_text(encoding="utf-8") == record
