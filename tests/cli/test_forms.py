"""Tables and figures in any form: the same rows in all of them, which readers of that form take as they are."""

import csv
import io
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import lmkit
from lmkit.cli.command import _DECLARED as DECLARED
from lmkit.cli.command import COMMANDS, Commands, names, spread
from lmkit.cli.declared import taken_apart
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.documents import latex_of, markdown_of
from lmkit.cli.output.forms.registry import WRITERS, Form, form_of, forms
from lmkit.cli.output.forms.rounding import decimals_of, shown
from lmkit.cli.output.signatures import short
from lmkit.engine.arrow import texts_to_arrow
from lmkit.engine.files.table_files import Table
from tests.conftest import TOY, Run, held_out_text, text_file
from tests.shell_lines import on_terminal

NASTY = ['"', "NA", "null", "nan", "a,b", "''", "\\", "|", "&amp;", "[x", "1", "$x$", "<s", "é", "*", "_a_"]


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    """A text of words that mean something in one form or another."""
    return text_file(tmp_path, " ".join(NASTY) + "\n")


def options_of(name: str) -> set[str]:
    """The options of a command."""
    module = COMMANDS
    for word in name.split():
        module = Commands(module).module_of(word)
    _, parameters = spread(DECLARED[module].run)
    told = {each.name: taken_apart(each.annotation)[1].names for each in parameters}
    return {option for name, given in told.items() for option in given or [f"--{name}"]}


@pytest.mark.parametrize("name", names())
def test_json_is_short_for_as_json_wherever_it_is(name: str) -> None:
    """A plot is no table: it has a title, and its figures go to a file, with --data."""
    options = options_of(name)
    assert ("--as" in options) == ("--json" in options and not {"--data", "--title"} <= options)


def test_every_form_that_can_be_asked_for_has_a_writer() -> None:
    assert {*forms(), "plain"} == set(WRITERS)


def test_csv_gives_the_words_back(lmkit_run: Run, nasty: Path) -> None:
    result = lmkit_run("count", "-q", nasty, "--as", "csv")
    rows = list(csv.reader(io.StringIO(result.out, newline="")))
    assert rows[0] == ["ngram", "count"]
    assert sorted(rows[1:]) == sorted([word, "1"] for word in NASTY)


def test_tsv_gives_the_words_back_where_quotes_mean_nothing(lmkit_run: Run, nasty: Path) -> None:
    result = lmkit_run("count", "-q", nasty, "--as", "tsv")
    rows = list(csv.reader(io.StringIO(result.out, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["ngram", "count"]
    assert sorted(rows[1:]) == sorted([word, "1"] for word in NASTY)


def test_parquet_has_the_types_of_its_columns(lmkit_run: Run, french_model: Path) -> None:
    result = lmkit_run("perplexity", french_model, held_out_text("fr"), "--by", "token", "-q", "--as", "parquet")
    table = parquet.read_table(io.BytesIO(result.raw))
    types = [pa.int64(), pa.large_string(), pa.float64(), pa.int64(), pa.bool_()]
    assert [(field.name, field.type) for field in table.schema] == list(
        zip(["line", "token", "log10_prob", "order", "oov"], types, strict=True)
    )
    told = lmkit_run("perplexity", french_model, held_out_text("fr"), "--by", "token", "-q", "--json").out
    assert table.to_pylist() == [
        row | {"log10_prob": pytest.approx(row["log10_prob"], abs=1e-6)} for row in map(json.loads, told.splitlines())
    ]


def test_as_json_is_what_json_is(lmkit_run: Run, french_model: Path) -> None:
    for options in ([], ["--by", "sentence"], ["--by", "file"]):
        line = ["perplexity", french_model, held_out_text("fr"), "-q", *options]
        assert lmkit_run(*line, "--as", "json").raw == lmkit_run(*line, "--json").raw


def test_without_a_form_pipes_get_what_they_always_got(lmkit_run: Run) -> None:
    assert lmkit_run("count", "-q", TOY, "--top", 2).out.count("\n") == 2  # no header
    assert lmkit_run("onehot", "-q", TOY).out.startswith("token\tindex\n")


def test_what_is_undefined_is_empty_in_data_and_null_in_parquet(lmkit_run: Run, tmp_path: Path) -> None:
    """A maximum-likelihood model gives an unseen word the probability 0: its log is minus infinity, which data can have; a record without text has no perplexity."""
    counts = tmp_path / "counts.safetensors"
    lmkit.save(lmkit.count_ngrams(TOY, 2), counts)
    records = text_file(tmp_path, '{"text": ""}\n', "r.jsonl")
    line = ["perplexity", counts, records, "--by", "record", "-q"]
    (row,) = csv.DictReader(io.StringIO(lmkit_run(*line, "--as", "csv").out))
    assert row["perplexity"] == ""
    (found,) = parquet.read_table(io.BytesIO(lmkit_run(*line, "--as", "parquet").raw)).to_pylist()
    assert found["perplexity"] is None
    assert "nan" in lmkit_run(*line).out


def test_a_record_is_one_row_of_data_and_a_line_a_figure_for_people(lmkit_run: Run, french_model: Path) -> None:
    line = ["perplexity", french_model, held_out_text("fr"), "-q"]
    (row,) = csv.DictReader(io.StringIO(lmkit_run(*line, "--as", "csv").out))
    told = json.loads(lmkit_run(*line, "--json").out)
    assert float(row["perplexity"]) == told["perplexity"]
    assert row["matched_orders.1"] == str(told["matched_orders"]["1"])
    assert row["signature"] == told["signature"]
    first, second, third = lmkit_run(*line, "--as", "markdown").out.splitlines()[:3]
    assert (first, second) == ("| figure | value |", "| --- | --- |")
    assert third == f"| perplexity | {told['perplexity']:.5g} |"


def test_rows_of_texts_are_no_data(lmkit_run: Run, french_model: Path) -> None:
    line = ["compare", french_model, french_model, held_out_text("fr"), "-q"]
    table = parquet.read_table(io.BytesIO(lmkit_run(*line, "--as", "parquet").raw))
    assert {field.type for field in table.schema if field.name in ("a", "b", "difference", "low")} == {pa.float64()}
    assert "signature" not in table.column("figure").to_pylist()
    assert "signature" in lmkit_run(*line, "--as", "markdown").out


@pytest.mark.parametrize("word", [*NASTY, "a  b", " ", "``", "--", "~", "#", "{", "^", "%"])
def test_markdown_shows_a_cell_as_it_is(word: str) -> None:
    markdown_it = pytest.importorskip("markdown_it", reason="which reads Markdown")
    page = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).render(f"| w |\n| --- |\n| {markdown_of(word)} |\n")
    cell = page.partition("<td>")[2].partition("</td>")[0]
    assert "<" not in cell
    told = cell.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert told == word


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("50 % of $5 & #1_a{b}", r"50 \% of \$5 \& \#1\_a\{b\}"),
        ("\\~^", r"\textbackslash{}\textasciitilde{}\textasciicircum{}"),
        ("<s>|", r"\textless{}s\textgreater{}\textbar{}"),
        ("[a]", "{[}a]"),  # behind \\, it would be the space below the row
        ("*", "{*}"),
        ("--", "-{}-"),  # no dash
        (",,", ",{},"),  # no quote
        ("a  b", r"a \ b"),
        ('"', r"\char34{}"),
        ("''", r"\textquotesingle{}\textquotesingle{}"),
        ("Ɛʋe", "Ɛʋe"),
    ],
)
def test_latex_sets_a_cell_as_it_is(word: str, written: str) -> None:
    assert latex_of(word) == written


def test_latex_is_a_tabular(lmkit_run: Run, nasty: Path) -> None:
    lines = lmkit_run("count", "-q", nasty, "--as", "latex").out.splitlines()
    assert lines[:4] == [r"\begin{tabular}{lr}", r"\toprule", r"ngram & count \\", r"\midrule"]
    assert lines[-2:] == [r"\bottomrule", r"\end{tabular}"]
    assert all(line.endswith(r" & 1 \\") for line in lines[4:-2])


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "markdown", "latex", "table"])
def test_rows_are_printed_as_they_come(
    form: Form, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """However many there are: when a late block is asked for, the first ones are printed."""
    printed: list[bytes] = []
    monkeypatch.setattr(rendering, "write_text", lambda lines: printed.append(bytes(lines)))
    seen: list[int] = []

    def blocks() -> Iterator[list[Any]]:
        for number in range(200):
            seen.append(sum(map(len, printed)))
            yield [texts_to_arrow([f"w{number}"]), np.array([number])]

    outputs.write_listing(Table(("word", "count"), blocks()), None, form)
    assert seen[150] > 0
    assert b"w199" in b"".join(printed)
    assert capfdbinary.readouterr().out == b""


def test_a_terminal_gets_columns_rounded_and_the_short_signature(french_model: Path) -> None:
    shown = on_terminal("perplexity", french_model, held_out_text("fr"), "-q").replace("\r\n", "\n").splitlines()
    figure = lmkit.perplexity(lmkit.load(french_model), held_out_text("fr"))
    assert shown[0] == f"perplexity                {figure.perplexity:.5g}"
    assert shown[-1].split()[1] == short(figure.signature)
    assert "tokenizer:whitespace" in figure.signature
    assert "whitespace" not in shown[-1]


def test_what_differs_from_the_defaults_stays_in_a_short_signature() -> None:
    counts = lmkit.count_ngrams(TOY, 2, settings=lmkit.TextSettings(lowercase=True))
    assert short(counts.signature()).split("|")[:3] == ["order:2", "smoothing:none", "lowercase:yes"]


def test_a_terminal_too_narrow_for_the_rows_has_them_side_by_side(
    french_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt"):
        text_file(tmp_path, "le chat dort\n", name)
    shown = on_terminal("perplexity", french_model, "a.txt", "b.txt", "--by", "file", "-q").splitlines()
    assert shown[0].split()[0] == "signature"  # of both
    assert shown[2].split() == ["file", "a.txt", "b.txt"]
    assert shown[3].split()[0] == "perplexity"


def test_parquet_is_refused_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: True))
    with pytest.raises(lmkit.UsageError, match=r"^--as parquet is binary and standard output is a terminal"):
        form_of("parquet")


def test_two_forms_are_one_too_many(lmkit_run: Run) -> None:
    result = lmkit_run("count", TOY, "--json", "--as", "csv")
    assert (result.code, result.out) == (2, "")
    assert result.err == "lmkit: --json and --as csv both say what is printed.\nLeave one of them out.\n"


def test_a_form_is_for_standard_output(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("count", TOY, "--as", "csv", "-o", tmp_path / "x.tsv")
    assert result.code == 2
    assert result.err.startswith("lmkit: --as: -o writes everything to a file, and no list.")


def test_what_is_made_tells_its_figures(lmkit_run: Run, tmp_path: Path) -> None:
    counts, model, small = (tmp_path / f"{name}.safetensors" for name in ("counts", "model", "small"))
    trained = json.loads(lmkit_run("ngram", "train", "-q", "-n", 2, TOY, "-o", counts, "--json").out)
    assert trained == json.loads(lmkit_run("ngram", "info", counts, "--json").out)
    smoothed = json.loads(lmkit_run("smooth", "--witten-bell", "-q", counts, "-o", model, "--json").out)
    assert smoothed["smoothing"] == "witten-bell"
    line = ["ngram", "prune", model, "--keep", 3, "--held-out", TOY, "-q", "-o", small]
    pruned = json.loads(lmkit_run(*line, "--json").out)
    assert (pruned["ngrams_before"], pruned["ngrams"]["2"]) == (trained["ngrams"], 3)
    before, after = (lmkit.perplexity(lmkit.load(path), TOY).perplexity for path in (model, small))
    assert (pruned["perplexity_before"], pruned["perplexity"]) == (pytest.approx(before), pytest.approx(after))
    (row,) = csv.DictReader(io.StringIO(lmkit_run(*line, "--as", "csv").out))
    assert float(row["perplexity"]) == pytest.approx(after)


def test_figures_of_what_goes_to_a_pipe_are_on_stderr_as_json_only(lmkit_run: Run) -> None:
    result = lmkit_run("ngram", "train", "-q", TOY, "--to", "arpa", "--json")
    assert json.loads(result.err)["kind"] == "counts"
    assert result.out.startswith("\\data\\") or "\\data\\" in result.out
    refused = lmkit_run("ngram", "train", "-q", TOY, "--to", "arpa", "--as", "csv")
    assert (refused.code, refused.out) == (2, "")


def test_tuned_weights_are_a_table(lmkit_run: Run, tmp_path: Path) -> None:
    for name, order in (("a", 1), ("b", 2)):
        lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(TOY, order)), tmp_path / f"{name}.safetensors")
    parts = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    line = ["ngram", "mix", *parts, "--tune", TOY, "-q", "-o", tmp_path / "m.safetensors"]
    rows = list(csv.DictReader(io.StringIO(lmkit_run(*line, "--as", "csv").out)))
    assert [row["component"] for row in rows] == [*map(str, parts), "mixture"]
    assert math.isclose(sum(float(row["weight"]) for row in rows[:2]), 1, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("sizes", "decimals"),
    [
        ([28.5373], 3),
        ([123456.7], 0),
        ([0.5, 0.25], 5),
        ([1.0, 1e-9], None),
        ([0.0], 0),
        ([12.0, 0.03], 3),
        ([1e-30], None),
        ([4.65, 253744070.2], None),
    ],
)
def test_a_column_has_the_decimals_that_show_its_digits(sizes: list[float], decimals: int | None) -> None:
    assert decimals_of(sizes) == decimals


def test_numbers_are_rounded_to_five_digits() -> None:
    values = [28.53733228, 123456.7, 1e-9, math.inf, -0.0, 7, True, None, [0.5, 2]]
    assert list(map(shown, values)) == ["28.537", "123457", "1e-09", "inf", "0", "7", "yes", "", "0.5 2"]
