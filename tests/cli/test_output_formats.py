"""The suffix of an output says its format: one table for all commands, looked at before any work is done."""

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import lmkit
from lmkit.engine.files.output_formats import FORMATS, IN_WORDS, Kind, checked_output, formats_by_suffix, named
from tests.conftest import CASES, TOY, Run, text_file

TEXT = "le chat dort\nle chien dort\n"
MODELS = "End the name in .safetensors, .arpa, .arpa.gz, .binary, .bin, .mmap, .klm or .lmkit."
MATRICES = "End the name in .npz, .tsv, .csv or .parquet."
TABLES = "End the name in .tsv, .csv or .parquet."


def rows_of(path: Path) -> list[tuple[str, ...]]:
    """The header and the rows of a table, whatever its format."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return [tuple(table.column_names), *(tuple(map(str, row.values())) for row in table.to_pylist())]
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file, delimiter="," if path.suffix == ".csv" else "\t")]


@pytest.mark.parametrize(
    ("command", "name", "remedy"),
    [
        (("ngram", "train"), "x.gguf", MODELS),
        (("ngram", "train"), "x.arpa.bz2", MODELS),
        (("ngram", "merge"), "x.counts", MODELS),
        (("ngram", "mix", "also-missing"), "x.lm", MODELS.replace(" or .lmkit", ", .lmkit or .recipe.json")),
        (("ngram", "prune"), "x.lm", MODELS),
        (("ngram", "restrict", "--vocabulary", "missing"), "x.lm", MODELS),
        (("ngram", "convert"), "x.lm", MODELS),
        (("ngram", "check", "--repair"), "x.lm", MODELS),
        (("smooth", "--laplace"), "x.txt", MODELS),
        (
            ("count",),
            "x.npz",
            "End the name in .safetensors, .arpa, .arpa.gz, .binary, .bin, .mmap, .klm, .lmkit, .tsv, .csv or .parquet.",
        ),
        (("onehot",), "x.txt", MATRICES),
        (("cooc",), "x.xlsx", MATRICES),
        (("vocabulary", "list"), "x.json", "End the name in .txt, .tsv, .csv or .parquet."),
        (("vocabulary", "compare", "also-missing"), "x.json", "End the name in .txt, .tsv, .csv or .parquet."),
        (("tokenizer", "train"), "x.model", "End the name in .json."),
        (("plot", "heaps"), "x.jpg", "End the name in .svg, .png or .pdf."),
    ],
)
def test_an_unknown_suffix_is_wrong_usage_found_before_any_file_is_read(
    lmkit_run: Run, tmp_path: Path, command: tuple[str, ...], name: str, remedy: str
) -> None:
    result = lmkit_run(*command, tmp_path / "missing", "-o", tmp_path / name)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"lmkit: -o {tmp_path / name}: cannot write ")
    assert result.err.endswith(f"\n{remedy}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "option", "remedy"),
    [
        (("vocabulary", "frequencies"), "--data", TABLES),
        (("vocabulary", "growth"), "--data", TABLES),
        (("plot", "zipf"), "--data", "End the name in .tsv or .json."),
        (("evaluate",), "--junit", "End the name in .xml."),
    ],
)
def test_options_that_write_beside_the_result_obey_the_same_table(
    lmkit_run: Run, tmp_path: Path, command: tuple[str, ...], option: str, remedy: str
) -> None:
    result = lmkit_run(*command, tmp_path / "missing", option, tmp_path / "x.doc")
    assert (result.code, result.err.splitlines()[-1]) == (2, remedy)
    assert result.err.startswith(f"lmkit: {option} {tmp_path / 'x.doc'}: cannot write ")


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_tables_are_real_ones_of_their_format(lmkit_run: Run, tmp_path: Path, suffix: str) -> None:
    text, path = text_file(tmp_path, TEXT), tmp_path / f"x{suffix}"
    expected: list[tuple[tuple[Any, ...], list[tuple[str, ...]]]] = [
        (("count", "--sort", "ngram"), [("ngram", "count"), ("chat", "1"), ("chien", "1"), ("dort", "2"), ("le", "2")]),
        (("count", "--top", 1), [("ngram", "count"), ("dort", "2")]),
        (("onehot", "--cutoff", 2), [("token", "index"), ("le", "3"), ("chat", "2"), ("dort", "4")]),
        (("cooc", "--top", 1, "--window", 1), [("word", "context", "value"), ("chat", "dort", "1")]),
        (("vocabulary", "list", "--min-count", 2), [("word", "count"), ("dort", "2"), ("le", "2")]),
    ]
    for arguments, rows in expected:
        assert lmkit_run(*arguments, "-q", text, "-o", path).code == 0
        if arguments[0] == "vocabulary" and suffix == ".tsv":
            rows = rows[1:]  # noqa: PLW2901 (a list of words, which --vocabulary reads, has no header)
        listed = [(*row[:-1], row[-1].removesuffix(".0")) for row in rows_of(path)]  # as Arrow's floats are shown
        assert listed[: len(rows)] == rows
    assert lmkit_run("vocabulary", "frequencies", text, "--data", path).code == 0
    assert rows_of(path) == [("rank", "count"), ("1", "2"), ("2", "2"), ("3", "1"), ("4", "1")]
    assert lmkit_run("vocabulary", "growth", text, "--data", path).code == 0
    assert rows_of(path)[0] == ("tokens", "types", "oov_rate_of_next_decade")


def test_words_with_commas_and_quotes_survive_csv(lmkit_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert lmkit_run("count", text_file(tmp_path, 'a,b "c" "c"\n'), "-o", path).code == 0
    assert rows_of(path) == [("ngram", "count"), ('"c"', "2"), ("a,b", "1")]


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_a_table_without_rows_has_its_names(lmkit_run: Run, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    assert lmkit_run("count", TOY, "--min-count", 1000, "-o", path).code == 0
    assert rows_of(path) == [("ngram", "count")]


def test_options_of_a_list_are_for_tables_and_not_for_models(lmkit_run: Run, tmp_path: Path) -> None:
    refused = lmkit_run("count", "--top", 1, TOY, "-o", tmp_path / "x.safetensors")
    assert (refused.code, refused.err.splitlines()[0]) == (
        2,
        "lmkit: --top: -o writes everything to a file, and no list.",
    )
    assert lmkit_run("count", "--json", TOY, "-o", tmp_path / "x.csv").code == 2


def test_names_without_a_suffix_and_devices_have_the_default_format(tmp_path: Path) -> None:
    assert checked_output(tmp_path / "x", "model").suffix == ".safetensors"
    assert checked_output("/dev/null", "matrix", "table").suffix == ".npz"
    assert checked_output("-", "table").suffix == ".tsv"
    assert checked_output(tmp_path / "X.ARPA.GZ", "model").suffix == ".arpa.gz"
    with pytest.raises(lmkit.UsageError, match="the name does not say as what a picture is to be written"):
        checked_output(tmp_path / "x", "plot picture")


def test_from_python_the_same_suffixes_are_refused(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    with pytest.raises(lmkit.UsageError, match="cannot write a model or counts as "):
        lmkit.save(counts, tmp_path / "x.gguf")
    with pytest.raises(lmkit.UsageError, match="cannot write a matrix as "):
        lmkit.save_matrix(tmp_path / "x.csv", lmkit.WordMatrix(None, counts.vocabulary))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", IN_WORDS)
def test_every_kind_has_formats_and_every_format_a_writer(kind: Kind) -> None:
    assert formats_by_suffix(kind)
    for known in formats_by_suffix(kind).values():
        assert callable(named(known.writers[kind]))
    assert len({known.suffix for known in FORMATS}) == len(FORMATS)


def test_a_folder_in_the_place_of_the_output_is_found_before_the_work(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("ngram", "train", tmp_path / "missing", "-o", tmp_path)
    assert (result.code, result.err) == (1, f"lmkit: cannot write {tmp_path}: it is a folder.\nName a file in it.\n")


@pytest.mark.parametrize(
    "command",
    [
        ("ngram", "convert", CASES / "base.arpa"),
        ("ngram", "mix", CASES / "base.arpa", CASES / "base.arpa"),
        ("ngram", "prune", "--keep", 3, CASES / "base.arpa"),
        ("ngram", "check", "--repair", CASES / "base.arpa"),
        ("ngram", "train", TOY),
        ("count", "-n", 2, TOY),
    ],
)
def test_arpa_goes_to_a_pipe(lmkit_run: Run, tmp_path: Path, command: tuple[Any, ...]) -> None:
    to_pipe = lmkit_run(*command, "-o", "-", "--to", "arpa")
    lmkit_run(*command, "-o", tmp_path / "x.arpa")
    assert to_pipe.out == (tmp_path / "x.arpa").read_text(encoding="utf-8")
    assert to_pipe.out.endswith("\\end\\\n")


def test_counts_and_models_of_them_go_to_a_pipe_as_arpa(lmkit_run: Run, tmp_path: Path, toy_counts: Path) -> None:
    words = text_file(tmp_path, "le\nchat\n")
    for command in (
        ("ngram", "restrict", "--vocabulary", words, CASES / "base.arpa"),
        ("smooth", "-q", "--witten-bell", toy_counts),
        ("smooth", "-q", "--all", "--held-out", CASES / "t.txt", toy_counts),
        ("ngram", "merge", toy_counts, toy_counts),
    ):
        to_pipe = lmkit_run(*command, "--to", "arpa")
        lmkit_run(*command, "-o", tmp_path / "x.arpa")
        assert to_pipe.out == (tmp_path / "x.arpa").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [("ngram", "check", "--repair"), ("smooth", "--all", "--held-out", TOY)])
def test_a_table_makes_room_for_the_model_on_standard_output(
    lmkit_run: Run, toy_counts: Path, command: tuple[str, ...]
) -> None:
    model = CASES / "base.arpa" if command[0] == "ngram" else toy_counts
    result = lmkit_run(*command, model, "-o", "-", "--to", "arpa")
    assert "\n\\data\\\n" in f"\n{result.out}"
    header = {"ngram": "level\tline\tkind\tmessage\n", "smooth": "order\tsmoothing\toptions\tperplexity\t"}[command[0]]
    assert header in result.err
    assert header not in result.out


def test_a_format_that_is_said_counts_where_the_name_says_none(tmp_path: Path) -> None:
    assert checked_output(tmp_path / "x", "model", to="arpa").suffix == ".arpa"
    assert checked_output(tmp_path / "x.lm", "model", to="arpa.gz").suffix == ".arpa.gz"
    assert checked_output(tmp_path / "x.arpa", "model", to="arpa").suffix == ".arpa"
    assert checked_output("-", "model", "table", to="csv").kind == "table"
    for name, to, remedy in (
        ("x.arpa", "safetensors", "End the name in .safetensors"),
        ("x.arpa.gz", "arpa", "End the name in .arpa,"),
        ("x.csv", "arpa", "End the name in .arpa,"),
    ):
        with pytest.raises(lmkit.UsageError, match=f"{name} and --to {to} say two formats.\n{remedy}"):
            checked_output(tmp_path / name, "model", to=to)
    with pytest.raises(lmkit.UsageError, match="--to is 'lm'; it must be one of: safetensors, arpa, "):
        checked_output("-", "model", to="lm")


def test_a_list_goes_to_a_pipe_in_its_format(lmkit_run: Run) -> None:
    assert lmkit_run("count", "--top", 1, "--to", "csv", TOY).out == '"ngram","count"\n"le",3\n'


def test_a_terminal_shows_text_and_no_binary_files(lmkit_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert lmkit_run("ngram", "train", TOY, "--to", "arpa").out.endswith("\\end\\\n")
    for to in ((), ("--to", "arpa.gz")):
        refused = lmkit_run("ngram", "train", TOY, *to)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith("lmkit: the result is binary and standard output is a terminal.\n")
