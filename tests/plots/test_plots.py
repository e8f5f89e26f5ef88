"""Curves as text, as pictures and as data; the commands that plot them."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import lmkit
from lmkit.plots.curves.picture import FONT, letters_without_glyph
from lmkit.plots.curves.text import COLORS
from lmkit.plots.plot import common_signature, ticks_between
from lmkit.smoothing.choosing import ALL
from tests.conftest import CORPORA, ROOT, TOY, Run, held_out_text, shell, text_file, train_text
from tests.shell_lines import run_line

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = ("svg", "png", "pdf")
READING = "tokenizer:whitespace|lowercase:no|normalize:nfc|reserved:error|blank-lines:skip"
WORDS_SIGNATURE = f"cutoff:1|sentences:line|unit:word|{READING}|lmkit:{lmkit.__version__}"


def line_plot(*lines: tuple[list[float], list[float]]) -> lmkit.Plot:
    """A plot of lines through points, on linear axes."""
    names = ("up", "down", "third")
    curves = [lmkit.Curve(name, {}, {"x": x, "y": y}) for name, (x, y) in zip(names, lines, strict=False)]
    return lmkit.Plot("line", "A line", lmkit.Axis("x", "metres"), lmkit.Axis("y", "seconds"), tuple(curves))


@pytest.fixture
def counts_file(tmp_path: Path) -> Path:
    """Counts of orders 1 to 3 of the French training text."""
    path = tmp_path / "counts.safetensors"
    lmkit.save(lmkit.count_ngrams(train_text("fr"), 3), path)
    return path


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a TSV text with a header."""
    return list(csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_a_straight_line_as_ascii() -> None:
    """Ten columns, ten rows, the line through (0, 0) and (9, 9): a star in each row, one column further."""
    assert lmkit.text_plot(line_plot(([0, 9], [0, 9])), 13, 10, ascii_only=True).splitlines() == [
        "A line",
        "  seconds",
        "  |         *",
        "8 +        *",
        "  |       *",
        "6 +      *",
        "  |     *",
        "4 +    *",
        "  |   *",
        "2 +  *",
        "  | *",
        "0 +*",
        "  ++----+----",
        "   0    5",
        "       metres",
        "** up",
    ]


def test_a_straight_line_in_braille() -> None:
    """20 dots across and 20 up: dot (i, i) of each. A character has two columns of dots and four rows, so that a row of
    characters holds dots 0 and 1 (⡠: the left one at the bottom, the right one above it), then 2 and 3 (⠊).
    """
    assert lmkit.text_plot(line_plot(([0, 9], [0, 9])), 13, 5).splitlines()[2:10] == [
        "  │        ⡠⠊",
        "  │      ⡠⠊",
        "5 ┤    ⡠⠊",
        "  │  ⡠⠊",
        "0 ┤⡠⠊",
        "  └┬────┬────",
        "   0    5",
        "       metres",
    ]


def test_curves_are_told_apart_by_letters_without_colour_and_the_first_is_on_top() -> None:
    crossing = line_plot(([0, 9], [0, 9]), ([0, 9], [9, 0]))
    assert lmkit.text_plot(crossing, 13, 5).splitlines()[2:] == [
        "  │b⢄      ⡠a",
        "  │  ⠑⢄  ⡠⠊",
        "5 ┤    ⡱⢎",
        "  │  ⡠⠊  ⠑⢄",
        "0 ┤a⠊      ⠑b",
        "  └┬────┬────",
        "   0    5",
        "       metres",
        "a up",
        "b down",
    ]
    assert "6 +   b  a" in lmkit.text_plot(crossing, 13, 10, ascii_only=True)
    on_top = lmkit.text_plot(line_plot(([0, 9], [0, 9]), ([0, 9], [0, 9])), 13, 5, ascii_only=True)
    assert "b" not in on_top.split("metres")[0]


def test_colour_adds_escape_sequences_and_changes_no_character() -> None:
    crossing = line_plot(([0, 9], [0, 9]), ([0, 9], [9, 0]))
    plain, colored = lmkit.text_plot(crossing, 40, 8), lmkit.text_plot(crossing, 40, 8, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert set(re.findall(r"\x1b\[([0-9;]*)m", colored)) == {"0", f"38;5;{COLORS[0]}", f"38;5;{COLORS[1]}"}
    assert all(line.endswith("\x1b[0m") or "\x1b" not in line.rstrip()[-4:] for line in colored.splitlines())


def test_ascii_is_ascii_even_in_names(tmp_path: Path) -> None:
    text = text_file(tmp_path, "ɖe é ɖe", "ɖevi.txt")
    shown = lmkit.text_plot(lmkit.zipf_plot(text, title="x"), ascii_only=True)
    assert shown.isascii()
    assert "\\u0256evi.txt" in shown


def test_one_point_and_none_are_plots_too() -> None:
    """A single point lies in the middle: 13 columns are 26 dots, and 12 (of 0 to 25) is the left one of column 6."""
    assert lmkit.text_plot(line_plot(([1], [1])), 16, 5).splitlines()[4] == "1 ┤      ⠂"
    empty = lmkit.text_plot(line_plot(([1, 2], [np.inf, np.nan])), 40, 8, ascii_only=True)
    assert "*" not in empty.split("metres")[0]


@pytest.mark.parametrize(
    ("low", "high", "logarithmic", "ticks"),
    [
        (1, 1000, True, [1, 10, 100, 1000]),
        (0.9, 1200, True, [1, 10, 100, 1000]),
        (20, 190, True, [20, 50, 100]),
        (131, 157, True, [135, 140, 145, 150, 155]),
        (1, 10**9, True, [1, 100, 10**4, 10**6, 10**8]),
        (0, 9, False, [0, 2, 4, 6, 8]),
        (1, 5, False, [1, 2, 3, 4, 5]),
        (-0.5, 0.5, False, [-0.4, -0.2, 0, 0.2, 0.4]),
        (0, 12.5, False, [0, 2, 4, 6, 8, 10, 12]),
    ],
)
def test_ticks_are_round_numbers_within_the_range(
    low: float, high: float, logarithmic: bool, ticks: list[float]
) -> None:
    assert ticks_between(low, high, logarithmic=logarithmic) == pytest.approx(ticks)


def test_the_signature_of_a_plot_is_what_all_its_curves_share() -> None:
    assert common_signature(["order:1|cutoff:1|x:y", "order:2|cutoff:1|x:y"]) == "cutoff:1|x:y"
    assert common_signature(["a:b|c:d"]) == "a:b|c:d"
    assert common_signature([]) == ""


@pytest.mark.parametrize("extension", PICTURES)
def test_the_same_data_give_the_same_picture(tmp_path: Path, extension: str) -> None:
    for name in ("a", "b"):
        lmkit.save_plot(lmkit.zipf_plot([train_text("fr"), train_text("en")]), tmp_path / f"{name}.{extension}")
    first = (tmp_path / f"a.{extension}").read_bytes()
    assert first == (tmp_path / f"b.{extension}").read_bytes()
    assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[extension])


def test_a_picture_is_the_same_from_another_process_whatever_the_users_settings(tmp_path: Path) -> None:
    lmkit.save_plot(lmkit.heaps_plot(TOY), tmp_path / "here.svg")
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nsvg.fonttype: path\n", encoding="utf-8")
    arguments = [sys.executable, "-m", "lmkit", "plot", "heaps", str(TOY), "-o", str(tmp_path / "there.svg")]
    environment = os.environ | {"MATPLOTLIBRC": str(tmp_path / "matplotlibrc"), "PYTHONHASHSEED": "7"}
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "here.svg").read_bytes() == (tmp_path / "there.svg").read_bytes()


def test_an_svg_has_its_words_as_text_its_signature_and_no_date(tmp_path: Path) -> None:
    strange = text_file(tmp_path, "ɖe ƒe ɖe " * 10, "_$x$ <ɖƒɣŋɔʋ> & co.txt")
    lmkit.save_plot(lmkit.zipf_plot([strange, TOY]), tmp_path / "x.svg")
    raw = (tmp_path / "x.svg").read_text(encoding="utf-8")
    texts = [element.text for element in ET.fromstring(raw).iter(f"{SVG}text")]  # noqa: S314 (our own file)
    for shown in (
        "Word counts by rank: 2 texts",
        "occurrences",
        "rank of the word",
        "_$x$ <ɖƒɣŋɔʋ> & co.txt, exponent 1.000 (ranks 1 to 2)",  # counts 20 and 10: s = log2 2
        "Zipf’s law, fitted",
    ):
        assert shown in texts
    assert WORDS_SIGNATURE in raw
    assert "date" not in raw.lower().replace("metadata", "")
    assert "matplotlib" not in raw.split("</metadata>")[0].lower()


def test_the_font_has_the_letters_of_french_and_ewe() -> None:
    letters = "àâæçéèêëîïôœùûüÿÀÉŒ«»’ɖƒɣŋɔʋɛƉƑƔŊƆƲƐ∞−α␣"
    assert letters_without_glyph([letters, FONT]) == ""
    assert letters_without_glyph(["日x本", "本"]) == "日本"


def test_letters_that_a_picture_lacks_are_told(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("plot", "zipf", TOY, "--title", "日", "-o", tmp_path / "x.png")
    assert (result.code, result.err) == (0, "lmkit: the font of pictures, DejaVu Sans, lacks 日; .svg shows them\n")
    assert lmkit_run("plot", "zipf", TOY, "--title", "日", "-o", tmp_path / "x.svg").err == ""
    assert lmkit_run("plot", "zipf", TOY, "--title", "日", "-o", tmp_path / "x.png", "--quiet").err == ""


def test_without_matplotlib_a_picture_is_an_error_and_the_terminal_is_not(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = lmkit_run("plot", "zipf", "/missing", "-o", tmp_path / "x.svg")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "lmkit: pictures are drawn by matplotlib, which is not installed.\n"
        "Install it with: pip install 'lmkit[plot]'. Without it there are plots in the terminal, pages (.html) and --data.\n"
    )
    assert lmkit_run("plot", "zipf", TOY, "--data", tmp_path / "x.tsv").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["x.tsv"]


def test_zipf_prints_a_plot_as_wide_as_the_terminal_and_its_signature(
    lmkit_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("LINES", "24")
    result = lmkit_run("plot", "zipf", train_text("fr"))
    lines = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert lines[:2] == ["Word counts by rank: fr.train.tok", "    occurrences"]
    assert lines[-4:] == [
        "rank of the word".rjust(60),
        "⠒⠒ fr.train.tok, exponent 0.866 (ranks 1 to 65)",
        "⠂⠂ Zipf’s law, fitted",
        f"signature zipf:maximum-likelihood|ranks:1-65|min-count:10|{WORDS_SIGNATURE}",
    ]
    assert max(map(len, lines[:-1])) == 60
    assert "\x1b" not in result.out


def test_an_output_that_cannot_show_braille_gets_ascii() -> None:
    result = shell("PYTHONIOENCODING=latin-1 lmkit plot heaps corpora/toy.tok")
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert b"+" in result.stdout
    assert not run_line("lmkit plot heaps corpora/toy.tok").stdout.isascii()
    assert run_line("lmkit plot heaps --ascii corpora/toy.tok").stdout == result.stdout


def test_the_data_of_zipf_as_a_table(lmkit_run: Run, tmp_path: Path) -> None:
    """A 30, b 10, c 10: ranks 1, 2 and 3."""
    text = text_file(tmp_path, "a a b\na c\n" * 10)
    result = lmkit_run("plot", "zipf", text, "--data", "-")
    rows = rows_of(result.out)
    assert list(rows[0]) == ["text", "tokens", "types", "exponent", "rank", "count", "fitted", "signature"]
    assert [(row["rank"], row["count"]) for row in rows] == [("1", "30"), ("2", "10"), ("3", "10")]
    assert {(row["text"], row["tokens"], row["types"], row["signature"]) for row in rows} == {
        ("text.txt", "50", "3", f"zipf:maximum-likelihood|ranks:1-3|min-count:10|{WORDS_SIGNATURE}")
    }
    exponent, first = float(rows[0]["exponent"]), float(rows[0]["fitted"])
    assert [float(row["fitted"]) for row in rows] == pytest.approx([first * rank**-exponent for rank in (1, 2, 3)])
    assert sum(float(row["fitted"]) for row in rows) == pytest.approx(50)


def test_data_go_to_a_file_while_the_plot_goes_to_the_terminal(lmkit_run: Run, tmp_path: Path) -> None:
    shown = lmkit_run("plot", "heaps", TOY, "--data", tmp_path / "heaps.json").out
    assert shown == lmkit_run("plot", "heaps", TOY).out
    written = (tmp_path / "heaps.json").read_text(encoding="utf-8")
    assert written == lmkit_run("plot", "heaps", TOY, "--json").out
    values = json.loads(written)
    assert (values["plot"], values["title"]) == ("heaps", "Growth of the vocabulary: toy.tok")
    (curve,) = values["curves"]
    assert list(curve) == ["text", "exponent", "signature", "points"]
    assert curve["points"][-1]["tokens"] == 17
    assert [point["types"] for point in curve["points"]] == [1, 2, 3, 4, 5, 6, 6, 6, 8, 10, 11]
    lmkit_run("plot", "heaps", TOY, "--data", tmp_path / "heaps.tsv", "-o", tmp_path / "heaps.svg")
    assert (tmp_path / "heaps.tsv").read_text(encoding="utf-8") == lmkit_run("plot", "heaps", TOY, "--data", "-").out


def test_a_picture_and_its_data_in_one_go(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("plot", "zipf", TOY, "-o", tmp_path / "x.svg", "--data", "-")
    assert result.out.startswith("text\ttokens\t")
    assert (tmp_path / "x.svg").is_file()
    assert lmkit_run("plot", "zipf", TOY, "-o", tmp_path / "x.svg").out == ""


def test_what_has_no_figure_is_null_in_json_and_nothing_in_the_plot(lmkit_run: Run, tmp_path: Path) -> None:
    one = text_file(tmp_path, "word")
    values = json.loads(lmkit_run("plot", "zipf", one, "--json").out, parse_constant=pytest.fail)
    assert values["curves"][0]["exponent"] is None
    assert values["curves"][0]["points"] == [{"rank": 1, "count": 1, "fitted": None}]
    assert rows_of(lmkit_run("plot", "zipf", one, "--data", "-").out)[0]["exponent"] == ""
    assert "exponent" not in lmkit_run("plot", "zipf", one).out
    for extension in PICTURES:
        assert lmkit_run("plot", "zipf", one, "-o", tmp_path / f"one.{extension}").code == 0


def test_plots_read_standard_input_and_compressed_text() -> None:
    result = run_line("gzip -c corpora/toy.tok | lmkit plot zipf --data - | cut -f 1-3,5,6")
    assert result.stdout.decode().splitlines() == [
        "text\ttokens\ttypes\trank\tcount",
        "<stdin>\t17\t11\t1\t3",
        "<stdin>\t17\t11\t2\t2",
        "<stdin>\t17\t11\t5\t2",
        "<stdin>\t17\t11\t6\t1",
        "<stdin>\t17\t11\t11\t1",
    ]


def test_perplexity_by_order_is_what_the_models_give(lmkit_run: Run, counts_file: Path) -> None:
    arguments = ("plot", "perplexity", counts_file, held_out_text("fr"), "--smoothing", "kneser-ney,witten-bell")
    rows = rows_of(lmkit_run(*arguments, "--data", "-").out)
    assert list(rows[0])[:4] == ["smoothing", "order", "perplexity", "perplexity_excluding_oov"]
    assert [(row["smoothing"], row["order"]) for row in rows] == [
        (name, order) for name in ("modified-kneser-ney", "witten-bell") for order in "123"
    ]
    smoothings = {"modified-kneser-ney": lmkit.kneser_ney, "witten-bell": lmkit.witten_bell}
    for row in rows:
        counts = lmkit.count_ngrams(train_text("fr"), int(row["order"]))
        model = smoothings[row["smoothing"]](counts)
        result = lmkit.perplexity(model, held_out_text("fr"))
        assert float(row["perplexity"]) == pytest.approx(result.perplexity, rel=1e-9)
        assert float(row["perplexity_excluding_oov"]) == pytest.approx(result.perplexity_excluding_oov, rel=1e-9)
        assert (row["signature"], row["oov"]) == (result.signature, "38")


def test_perplexity_plots_known_words_unless_told_otherwise(lmkit_run: Run, counts_file: Path) -> None:
    """29.245 with unknown words, 22.145 without, at order 3: figures that the tests hold to KenLM's and exact ones."""
    arguments = ("plot", "perplexity", counts_file, held_out_text("fr"), "--smoothing", "kneser-ney", "--ascii")
    known = lmkit_run(*arguments).out
    assert "perplexity of known words\n" in known
    assert "** modified-kneser-ney: 22.14 at order 3\n" in known
    every = lmkit_run(*arguments, "--with-oov").out
    assert "perplexity, unknown words included\n" in every
    assert "** modified-kneser-ney: 29.25 at order 3\n" in every
    assert "signature order:" not in every  # the orders differ
    assert "\nsignature smoothing:modified-kneser-ney|vocabulary:open|" in every


def test_perplexity_takes_orders_and_all_smoothings_at_once(lmkit_run: Run, counts_file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "all.svg"
    arguments = ("plot", "perplexity", counts_file, held_out_text("fr"), "--smoothing", "all", "--order", "3,2,3")
    rows = rows_of(lmkit_run(*arguments, "--data", "-", "-o", picture).out)
    names = list(dict.fromkeys(row["smoothing"] for row in rows))
    assert len(names) == len(ALL)
    assert "jelinek-mercer, tuned on this text" in names
    assert "stupid-backoff (scores, no probabilities)" in names
    assert {row["order"] for row in rows} == {"2", "3"}
    table = lmkit_run("smooth", "--all", "--held-out", held_out_text("fr"), "-n", 2, "-n", 3, counts_file).out
    theirs = sorted(row["perplexity_excluding_oov"] for row in rows_of(table))
    assert sorted(row["perplexity_excluding_oov"] for row in rows) == theirs
    ET.parse(picture)  # noqa: S314 (our own file)


def test_weights_of_jelinek_mercer_may_come_from_another_text(
    lmkit_run: Run, counts_file: Path, tmp_path: Path
) -> None:
    lines = held_out_text("fr").read_text(encoding="utf-8").splitlines(keepends=True)
    dev, test = text_file(tmp_path, "".join(lines[:30]), "dev"), text_file(tmp_path, "".join(lines[30:]), "test")
    arguments = ("plot", "perplexity", counts_file, test, "--smoothing", "jelinek-mercer", "--order", "3")
    (row,) = rows_of(lmkit_run(*arguments, "--held-out", dev, "--data", "-").out)
    model = lmkit.jelinek_mercer(lmkit.load_counts(counts_file), held_out=dev)
    assert float(row["perplexity"]) == pytest.approx(lmkit.perplexity(model, test).perplexity)
    assert row["smoothing"] == "jelinek-mercer, weight held-out"
    (fixed,) = rows_of(lmkit_run(*arguments, "--data", "-").out)
    assert fixed["smoothing"] == "jelinek-mercer, weight 0.6"
    assert float(fixed["perplexity"]) != pytest.approx(float(row["perplexity"]), rel=1e-3)


def test_infinite_perplexities_are_left_out_of_the_curves(lmkit_run: Run, counts_file: Path, tmp_path: Path) -> None:
    """With --closed, unknown words have no probability; the text has 38."""
    arguments = ("plot", "perplexity", counts_file, held_out_text("fr"), "--closed", "--with-oov")
    values = json.loads(lmkit_run(*arguments, "--json").out, parse_constant=pytest.fail)
    assert {point["perplexity"] for curve in values["curves"] for point in curve["points"]} == {None}
    assert all(point["perplexity_excluding_oov"] > 1 for curve in values["curves"] for point in curve["points"])
    assert lmkit_run(*arguments, "-o", tmp_path / "x.svg").code == 0
    assert "modified-kneser-ney: inf at order 1" in lmkit_run(*arguments).out


def test_a_text_that_was_trained_on_is_a_warning(lmkit_run: Run, counts_file: Path) -> None:
    result = lmkit_run("plot", "perplexity", counts_file, train_text("fr"), "--smoothing", "witten-bell")
    assert result.code == 0
    assert f"warning: nearly all n-grams of {train_text('fr')} were seen in training" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("zipf", TOY, "-o", "x.foo"),
            2,
            "-o x.foo: cannot write a picture as .foo.\nEnd the name in .svg, .png or .pdf.",
        ),
        (
            ("surprisal", "m", "a", "-o", "x"),
            2,
            "-o x: the name does not say as what a page or a picture is to be written.\nEnd the name in .html, .svg, .png or .pdf.",
        ),
        (("heaps", TOY, "-o", ""), 2, "the name after -o is empty."),
        (("heaps", TOY, "--data", ""), 2, "the name after --data is empty."),
        (("zipf", TOY, "-o", "/no/x.svg"), 1, "cannot write /no/x.svg: there is no folder /no.\nMake it first."),
        (("zipf", TOY, "--data", "/no/x"), 1, "cannot write /no/x: there is no folder /no.\nMake it first."),
        (
            ("zipf", TOY, "--data", "x", "--json"),
            2,
            "--data and --json both ask for the figures.\nLeave one out; --data x.json is JSON, too.",
        ),
        (
            ("zipf", TOY, "--data", "./x.svg", "-o", "x.svg"),
            2,
            "--data ./x.svg: cannot write the figures of a plot as .svg.\nEnd the name in .tsv or .json.",
        ),
        (
            ("perplexity", "COUNTS", TOY, "--smoothing", "good"),
            2,
            (
                "'good' is no smoothing.\n"
                "Choose among: kneser-ney, natural, absolute, witten-bell, katz, jelinek-mercer, laplace, stupid-backoff, all."
            ),
        ),
        (
            ("perplexity", "COUNTS", TOY, "--order", "2,4"),
            2,
            "order 4 was asked for; the counts have orders 1 to 3.",
        ),
        (
            ("perplexity", "COUNTS", TOY, "--order", "two"),
            2,
            "--order two is no whole number.\nWrite it as 3.",
        ),
        (("perplexity", "COUNTS", "-"), 2, "TEXT - is read several times, and a pipe only once.\nGive a file."),
        (("perplexity", "-", "-"), 2, "the counts come from standard input, so the text needs a FILE of its own."),
    ],
)
def test_errors_of_plots(
    lmkit_run: Run, counts_file: Path, arguments: tuple[object, ...], code: int, message: str
) -> None:
    before = set(Path.cwd().iterdir())
    result = lmkit_run("plot", *(counts_file if argument == "COUNTS" else argument for argument in arguments))
    assert (result.code, result.out, result.err) == (code, "", f"lmkit: {message}\n")
    assert set(Path.cwd().iterdir()) == before


@pytest.mark.parametrize("command", ["zipf", "heaps"])
def test_an_empty_text_leaves_no_file(lmkit_run: Run, tmp_path: Path, command: str) -> None:
    empty = text_file(tmp_path, "")
    for arguments in ((), ("-o", tmp_path / "x.svg"), ("--data", tmp_path / "x.tsv"), ("--json",)):
        result = lmkit_run("plot", command, empty, *arguments)
        assert (result.code, result.out) == (1, "")
        missing = {"zipf": "sentence", "heaps": "word"}[command]
        assert f"lmkit: {empty}: there is no {missing} in the text." in result.err
    assert list(tmp_path.iterdir()) == [empty]


def test_a_picture_that_cannot_be_written_leaves_the_old_one(lmkit_run: Run, tmp_path: Path) -> None:
    old = text_file(tmp_path, "old", "x.svg")
    assert lmkit_run("plot", "zipf", CORPORA / "missing", "-o", old).code == 1
    assert old.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("command", ["zipf", "heaps", "perplexity", "surprisal"])
def test_help_of_plots_shows_an_example_and_the_cost_in_memory(lmkit_run: Run, command: str) -> None:
    out = lmkit_run("plot", command, "--help").out
    assert f"\n  lmkit plot {command}" in out
    assert "Memory: " in out
