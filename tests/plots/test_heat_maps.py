"""Blocks of matrices as colour: which cells, how much colour, the command that shows them."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from scipy.sparse import csr_array

import lmkit
from tests.conftest import TOY, Run

SVG = "{http://www.w3.org/2000/svg}"
BLOCK = [[0, 1, 10], [100, 1000, 0], [4, 0, 31]]


def matrix_of(values: Any, words: str = "roi été la", cells: str = "counts") -> lmkit.WordMatrix:
    """A matrix of these values."""
    vocabulary = lmkit.Vocabulary.from_words(word.encode() for word in words.split())
    return lmkit.WordMatrix(csr_array(np.array(values, np.float64)), vocabulary, cells)


@pytest.fixture
def block_file(tmp_path: Path) -> Path:
    """A file of the block."""
    path = tmp_path / "block.npz"
    lmkit.save_matrix(path, matrix_of(BLOCK))
    return path


def test_rows_are_the_words_named_then_the_most_frequent_and_columns_the_same_or_others() -> None:
    """Row sums: 11, 1100, 35."""
    assert lmkit.heat_map(matrix_of(BLOCK)).rows == ("été", "la", "roi")
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi"], top=1)
    assert (found.rows, found.columns) == (("roi", "été"), ("roi", "été"))
    assert found.values.tolist() == [[0, 1], [100, 1000]]
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "la"], ["la"])
    assert (found.rows, found.columns, found.values.tolist()) == (("roi", "la"), ("la",), [[10], [31]])


def test_of_weighted_cells_the_words_with_most_of_them_come_first() -> None:
    assert lmkit.heat_map(matrix_of([[0, 0, 9], [1, 1, 0], [1, 1, 1]], cells="ppmi")).rows == ("la", "été", "roi")


def test_shades_go_from_nothing_to_the_greatest_value() -> None:
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "été", "la"])
    assert found.shades == pytest.approx(np.array(BLOCK) / 1000)
    assert found.limits == (0, 1000)


def test_logarithmic_shades_go_from_the_least_value_and_cells_of_nothing_have_none() -> None:
    """Of 1 to 1000, 10 is a third of the way, 100 two thirds."""
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "été"], logarithmic=True)
    assert found.limits == (1, 1000)
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "été"], ["été", "roi", "la"], logarithmic=True)
    assert found.shades == pytest.approx(np.array([[0, np.nan, 1 / 3], [1, 2 / 3, np.nan]]), nan_ok=True)


def test_negative_values_have_less_colour_than_zero() -> None:
    found = lmkit.heat_map(matrix_of([[-1, 0], [1, 3]], "a b", "pmi"), ["a", "b"])
    assert found.shades.tolist() == [[0, 0.25], [0.5, 1]]


def test_a_block_as_text() -> None:
    """Signs are for the quarters of the scale from 1 to 1000: 1 in the first, 10 and 4 in the first two, 31 at a half."""
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "été", "la"], logarithmic=True, title="Block")
    assert lmkit.heat_map_text(found).splitlines() == [
        "Block",
        "     roi été  la",
        "roi    · ░ 1 ▒10",
        "été ▓100 █1k   ·",
        "la  ░  4   · ▒31",
        "",
        "rows: words; columns: contexts; ░▒▓█ counts, 1 to 1k on a logarithmic scale",
    ]
    assert lmkit.heat_map_text(found, ascii_only=True).isascii()


def test_a_block_wider_than_the_terminal_comes_in_parts() -> None:
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "été", "la"])
    narrow = lmkit.heat_map_text(found, 14).splitlines()
    assert [line for line in narrow if "roi" in line or "la" in line] == [
        "     roi été",
        "roi    · ░ 1",
        "la  ░  4   ·",
        "     la",
        "roi ░10",
        "la  ░31",
    ]


def test_colour_in_a_terminal_stands_in_the_place_of_shades() -> None:
    found = lmkit.heat_map(matrix_of(BLOCK), ["roi", "été", "la"])
    colored = lmkit.heat_map_text(found, colors="256").splitlines()
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in colored[1:5]] == [
        "    roi été la",
        "roi   ·   1 10",
        "été 100  1k  ·",
        "la    4   · 31",
    ]
    assert "48;5;202m 1k" in colored[3]


@pytest.mark.parametrize("extension", ["svg", "png", "pdf"])
def test_the_same_block_gives_the_same_picture(tmp_path: Path, extension: str) -> None:
    for name in ("a", "b"):
        lmkit.save_heat_map(lmkit.heat_map(matrix_of(BLOCK), logarithmic=True), tmp_path / f"{name}.{extension}")
    first = (tmp_path / f"a.{extension}").read_bytes()
    assert first == (tmp_path / f"b.{extension}").read_bytes()
    assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[extension])


def test_a_picture_has_words_and_numbers_as_text_and_no_bitmap(tmp_path: Path) -> None:
    lmkit.save_heat_map(lmkit.heat_map(matrix_of(BLOCK), logarithmic=True), tmp_path / "x.svg")
    raw = (tmp_path / "x.svg").read_text(encoding="utf-8")
    texts = [element.text for element in ET.fromstring(raw).iter(f"{SVG}text")]  # noqa: S314 (our own file)
    assert set(texts) >= {"roi", "été", "la", "31", "1k", "100", "1,000", "3 words × 3 contexts: counts", "counts"}
    assert "0" not in texts  # cells of nothing are empty
    assert "<image" not in raw


def test_the_command_counts_texts_or_takes_a_matrix(lmkit_run: Run, tmp_path: Path) -> None:
    assert lmkit_run("cooc", "--window", 2, TOY, "-o", tmp_path / "x.npz").code == 0
    counted = lmkit_run("plot", "cooc", "--window", 2, TOY, "--words", "le,chat")
    assert (counted.code, counted.err) == (0, "")
    assert counted.out == lmkit_run("plot", "cooc", tmp_path / "x.npz", "--words", "le,chat").out
    # le chat boit …, le chien voit le chat dans la cour: chat follows le twice at distance 1, chien stands between two le
    assert counted.out.splitlines()[:4] == [
        "2 words × 2 contexts: counts",
        "     le chat",
        "le    · █  2",
        "chat █2    ·",
    ]
    assert counted.out.splitlines()[-1].startswith("signature cells:counts|window:2|weighting:distance|")


def test_the_data_have_a_row_for_each_cell(lmkit_run: Run, block_file: Path) -> None:
    arguments = ("plot", "cooc", block_file, "--words", "roi", "--contexts", "été,la")
    rows = list(csv.DictReader(io.StringIO(lmkit_run(*arguments, "--data", "-").out), delimiter="\t"))
    assert [(row["word"], row["context"], row["value"]) for row in rows] == [("roi", "été", "1"), ("roi", "la", "10")]
    value = json.loads(lmkit_run(*arguments, "--json").out)
    assert [point["value"] for point in value["curves"][0]["points"]] == [1, 10]


def test_one_word_is_one_word_in_the_title(lmkit_run: Run, block_file: Path) -> None:
    shown = lmkit_run("plot", "cooc", block_file, "--words", "roi", "--contexts", "été,la").out
    assert shown.splitlines()[0] == "1 word × 2 contexts: counts"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--words", "roi,ete"), 1, "the word 'ete' is not among the 3 words.\nNearest spellings: été."),
        (
            ("--contexts", "x"),
            1,
            "the word 'x' is not among the 3 words.\nNo word is spelled nearly so.",
        ),
        (("-o", "x.html"), 2, "-o x.html: cannot write a picture as .html.\nEnd the name in .svg, .png or .pdf."),
    ],
)
def test_what_cannot_be_shown_is_told(
    lmkit_run: Run, block_file: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = lmkit_run("plot", "cooc", block_file, *arguments)
    assert (result.code, result.out, result.err) == (code, "", f"lmkit: {message}\n")


def test_options_of_text_beside_a_matrix_are_refused_and_those_of_the_picture_are_not(
    lmkit_run: Run, block_file: Path
) -> None:
    result = lmkit_run("plot", "cooc", block_file, "--window", 2, "--title", "x", "--log-scale")
    assert (result.code, result.err.splitlines()[0]) == (
        2,
        f"lmkit: --window: how text is read and counted, and {block_file} has been counted already.",
    )
    assert lmkit_run("plot", "cooc", block_file, "--title", "x", "--log-scale").out.startswith("x\n")


def test_matrices_that_have_no_such_block_are_told(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("onehot", TOY, "-o", tmp_path / "x.npz")
    result = lmkit_run("plot", "cooc", tmp_path / "x.npz")
    assert (result.code, result.err) == (
        1,
        "lmkit: the matrix has 17 rows and 14 words: its rows are no words.\nTake one that `lmkit cooc` wrote.\n",
    )
    with pytest.raises(lmkit.DataError, match="the matrix has no words"):
        lmkit.heat_map(matrix_of(np.zeros((0, 0)), ""))
    with pytest.raises(lmkit.DataError, match="cells that are no numbers"):
        lmkit.heat_map(matrix_of([[np.nan]], "a"))
    with pytest.raises(lmkit.UsageError, match="some values are negative"):
        lmkit.heat_map(matrix_of([[-1]], "a"), logarithmic=True)
    with pytest.raises(lmkit.UsageError, match=r"90,000 cells|300 × 300 cells are more than one can see"):
        lmkit.heat_map(matrix_of(np.eye(300), " ".join(map(str, range(300)))), top=300)
    assert "0 to 0" in lmkit.heat_map_text(lmkit.heat_map(matrix_of([[0]], "a")))
    lmkit.save_heat_map(lmkit.heat_map(matrix_of([[0]], "a"), logarithmic=True), tmp_path / "empty.svg")
