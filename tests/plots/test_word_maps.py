"""Words as points: projections, labels that keep apart, and the command that draws them."""

import csv
import io
import json
import re
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import lmkit
from lmkit.plots.vectors.layout import Layout
from lmkit.plots.vectors.page import page_layout
from lmkit.plots.vectors.picture import picture_layout
from lmkit.plots.vectors.placement import Room, place_labels
from lmkit.plots.vectors.projection import principal_components
from tests.conftest import Run, text_file

SVG = "{http://www.w3.org/2000/svg}"
CORNERS = {"roi": (2, 1), "reine": (-2, 1), "homme": (2, -1), "femme": (-2, -1)}
# Three directions at right angles to each other, of length 3: a rotation of space, times 3.
DIRECTIONS = np.array([(1, 2, 2), (2, 1, -2), (2, -2, 1)])


def vectors_of(points: dict[str, Any]) -> lmkit.WordVectors:
    """Vectors of these words."""
    words = lmkit.Vocabulary.from_words(word.encode() for word in points)
    return lmkit.WordVectors(words, np.array(list(points.values()), np.float32), "by-hand", {})


def turned_corners(middle: tuple[int, int, int] = (5, -7, 11)) -> lmkit.WordVectors:
    """The corners of a rectangle somewhere in space."""
    return vectors_of({word: np.array([x, y]) @ DIRECTIONS[:2] + middle for word, (x, y) in CORNERS.items()})


@pytest.fixture
def corners_file(tmp_path: Path) -> Path:
    """A file of the corners."""
    path = tmp_path / "corners.safetensors"
    lmkit.save(turned_corners(), path)
    return path


def crowd(number: int) -> lmkit.WordVectors:
    """So many words, all but two of them nearly in one place."""
    generator = np.random.default_rng(1)
    points = {f"mot{place}": generator.normal(size=3) * 0.01 for place in range(number - 2)}
    return vectors_of(points | {"loin": (9, 0, 0), "là-bas": (0, 9, 0)})


def test_principal_components_are_the_sides_of_a_rectangle_and_their_shares_of_the_variance() -> None:
    """Along the sides of 12 and 6 (4 and 2, times 3) the variances are 36 and 9: four fifths and one fifth."""
    found = lmkit.word_map(turned_corners(), top=4)
    assert found.words == tuple(CORNERS)
    assert found.points == pytest.approx(3 * np.array(list(CORNERS.values()), np.float64), abs=1e-5)
    assert found.labels == (
        "first principal component, 80.0% of the variance",
        "second principal component, 20.0% of the variance",
    )


tables = st.integers(3, 12).flatmap(
    lambda rows: st.lists(
        st.lists(st.integers(-9, 9), min_size=4, max_size=4), min_size=rows, max_size=rows, unique_by=tuple
    )
)


@given(tables)
def test_variances_along_the_axes_are_the_greatest_eigenvalues_of_the_covariance(table: list[list[int]]) -> None:
    rows = np.array(table, np.float64)
    found = principal_components(rows)
    eigenvalues = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    assert found.points.var(axis=0) == pytest.approx(eigenvalues[:2], abs=1e-9)
    share = float(re.findall(r"([\d.]+)%", found.labels[0])[0])
    assert share == pytest.approx(100 * eigenvalues[0] / eigenvalues.sum(), abs=0.051)


@given(tables)
def test_signs_are_fixed_so_that_turned_vectors_give_the_same_map(table: list[list[int]]) -> None:
    rows = np.array(table, np.float64)
    assert principal_components(-rows).points == pytest.approx(principal_components(rows).points, abs=1e-9)


def test_vectors_of_one_dimension_lie_on_a_line() -> None:
    found = lmkit.word_map(vectors_of({"a": (1,), "b": (2,), "c": (6,)}), top=3)
    assert found.points == pytest.approx(np.array([(-2, 0), (-1, 0), (3, 0)]))
    assert found.labels[1] == "second principal component, 0.0% of the variance"


places = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 60), st.floats(1, 30), st.floats(1, 8)), min_size=1, max_size=40
)


def overlapping(boxes: NDArray[np.float64]) -> list[tuple[list[float], list[float]]]:
    """The pairs of boxes that have an area in common."""
    return [
        (a, b)
        for a, b in combinations(boxes[~np.isnan(boxes[:, 0])].tolist(), 2)
        if min(a[2], b[2]) - max(a[0], b[0]) > 1e-6 and min(a[3], b[3]) - max(a[1], b[1]) > 1e-6
    ]


@given(places)
def test_no_two_labels_overlap_none_leaves_the_room_and_none_hides_its_point(
    given_places: list[tuple[float, float, float, float]],
) -> None:
    table = np.array(given_places)
    points, sizes = table[:, :2], table[:, 2:]
    boxes = place_labels(points, sizes, Room(100, 60, 1.5, reach=(1.0, 3.0)), np.zeros((0, 2)))
    assert overlapping(boxes) == []
    placed = ~np.isnan(boxes[:, 0])
    assert (boxes[placed] >= 0).all()
    assert (boxes[placed][:, 2:] <= (100, 60)).all()
    assert np.allclose(boxes[placed][:, 2:] - boxes[placed][:, :2], sizes[placed])
    beside = (points[placed] < boxes[placed][:, :2]) | (points[placed] > boxes[placed][:, 2:])
    assert beside.any(axis=1).all()


def test_a_label_alone_stands_at_the_right_of_its_point_and_at_the_edge_at_the_left() -> None:
    alone = place_labels(
        np.array([(50.0, 30.0), (99.0, 50.0)]), np.full((2, 2), (20.0, 4.0)), Room(100, 60, 1), np.zeros((0, 2))
    )
    assert alone.tolist() == [[51, 28, 71, 32], [78, 48, 98, 52]]


def test_a_label_keeps_off_a_line_where_it_can() -> None:
    line = np.column_stack([np.linspace(50, 90, 50), np.full(50, 30.0)])
    (box,) = place_labels(np.array([(50.0, 30.0)]), np.array([(20.0, 4.0)]), Room(100, 60, 1), line)
    assert box.tolist() == [29, 28, 49, 32]


@pytest.mark.parametrize("lay_out", [picture_layout, page_layout])
def test_labels_without_room_are_left_out_and_all_others_keep_apart(lay_out: Any) -> None:
    word_map = lmkit.word_map(crowd(120), top=120)
    layout: Layout = lay_out(word_map)
    assert overlapping(layout.boxes) == []
    left_out = layout.left_out()
    assert 0 < len(left_out) < 118
    assert not {word_map.words.index("loin"), word_map.words.index("là-bas")} & set(left_out)


def test_a_map_in_ascii() -> None:
    """20 columns and 5 rows, each twice as high as a column is wide, so 20 × 10. The words span 12 × 6, with the margins 13.44 ×
    6.72, which fill the room in width: 0.672 to a column. The corners are 6 to the right and left of the middle, 8.93 columns, and 3,
    4.46 columns or 2.23 rows, above and below it: in columns 18 and 1, rows 0 and 4 from the bottom. There is no room right of
    column 18, and the line is between the other two, whose labels stand below it and aside.
    """
    word_map = lmkit.word_map(turned_corners(), top=4, pairs=[("roi", "reine")], title="Four words")
    assert lmkit.word_map_text(word_map, 21, 5, ascii_only=True).splitlines() == [
        "Four words",
        "second principal component, 20.0% of the variance",
        "| *................*",
        "|  reine        roi",
        "|",
        "|",
        "| *femme      homme*",
        "+--------------------",
        "first principal component, 80.0% of the variance",
    ]


@pytest.mark.parametrize("rows", [10, 16, 24])
def test_no_label_in_a_terminal_hides_the_dot_of_a_word(rows: int) -> None:
    generator = np.random.default_rng(1)
    word_map = lmkit.word_map(vectors_of({f"mot{place}": generator.normal(size=3) for place in range(60)}), top=60)
    bare = replace(word_map, words=tuple(f"{place:080}" for place in range(60)))  # labels for which there is no room
    dots, labelled = (lmkit.word_map_text(shown, 70, rows).count("•") for shown in (bare, word_map))
    assert labelled == dots > 0


def test_letters_that_the_picture_of_a_map_lacks_are_told_once(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "日 1.5 2\nroi 1.0 4\n")
    result = lmkit_run("vectors", "plot", path, "-o", tmp_path / "x.png")
    assert (result.code, result.err) == (0, "lmkit: the font of pictures, DejaVu Sans, lacks 日; .svg shows them\n")


def test_words_in_a_terminal_stand_whole_or_are_told() -> None:
    word_map = lmkit.word_map(crowd(40), top=40)
    *shown, last = lmkit.word_map_text(word_map, 70, 16).splitlines()
    told = last.partition(" labels: ")
    assert told[0] == f"no room for {len(told[2].split(', '))} of 40"
    drawn = set(re.findall(r"[\w-]+", " ".join(shown[2:-2])))
    assert drawn | set(told[2].split(", ")) == set(word_map.words)
    assert drawn.isdisjoint(told[2].split(", "))


def test_colour_in_a_terminal_changes_no_character_and_wide_letters_take_two_columns() -> None:
    words = vectors_of({"日本": (0, 0), "ɖe\u0301": (1, 3), "été": (5, 1)})
    word_map = lmkit.word_map(words, pairs=[("日本", "été")], words=["ɖe\u0301"])
    plain, colored = lmkit.word_map_text(word_map, 40, 8), lmkit.word_map_text(word_map, 40, 8, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert colored != plain
    assert all(word in plain for word in word_map.words)


@pytest.mark.parametrize("extension", ["svg", "png", "pdf", "html"])
def test_the_same_map_gives_the_same_bytes(tmp_path: Path, extension: str) -> None:
    for name in ("a", "b"):
        word_map = lmkit.word_map(turned_corners(), pairs=[("roi", "reine"), ("homme", "femme")])
        lmkit.save_word_map(word_map, tmp_path / f"{name}.{extension}")
    first = (tmp_path / f"a.{extension}").read_bytes()
    assert first == (tmp_path / f"b.{extension}").read_bytes()
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!DOCTYPE html>"}[extension]
    assert first.startswith(start)


def test_an_svg_has_its_words_as_text_and_its_signature(tmp_path: Path) -> None:
    word_map = lmkit.word_map(vectors_of({"l'été": (0, 0), "$x$": (1, 2), "<ɖƒ>": (3, 1)}), top=3)
    lmkit.save_word_map(word_map, tmp_path / "x.svg")
    raw = (tmp_path / "x.svg").read_text(encoding="utf-8")
    texts = [element.text for element in ET.fromstring(raw).iter(f"{SVG}text")]  # noqa: S314 (our own file)
    assert set(texts) >= {"l'été", "$x$", "<ɖƒ>", "3 words in two of 2 dimensions", *word_map.labels}
    assert word_map.signature in raw


def test_a_page_has_no_scripts_asks_nothing_of_the_network_and_tells_each_word_when_pointed_at(tmp_path: Path) -> None:
    words = vectors_of({"l'été": (0, 0), "a&b": (1, 2), "<ɖƒ>": (3, 1)})
    word_map = lmkit.word_map(words, pairs=[("l'été", "a&b")], top=3)
    lmkit.save_word_map(word_map, tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|https?:|src=|@import|url\((?!#)", page)
    assert "prefers-color-scheme: dark" in page
    (picture,) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    root = ET.fromstring(picture)  # noqa: S314 (our own file)
    titles = [element.text for element in root.iter("title")]
    coordinates = [f"{word}: {x:.4g}, {y:.4g}" for word, (x, y) in zip(word_map.words, word_map.points, strict=True)]
    assert titles == ["l'été → a&b", *coordinates]
    assert [element.text for element in root.iter("text")] == [*word_map.labels, *word_map.words]
    assert word_map.signature in page.replace("<wbr>", "")


@pytest.mark.parametrize("extension", ["svg", "html"])
def test_control_characters_are_drawn_as_replacements_and_stay_in_the_data(tmp_path: Path, extension: str) -> None:
    word_map = lmkit.word_map(vectors_of({"a\x01": (0, 0), "b": (1, 2)}))
    for name in (f"x.{extension}", "x.json"):
        lmkit.save_word_map(word_map, tmp_path / name)
    picture = (tmp_path / f"x.{extension}").read_text(encoding="utf-8")
    assert "a\N{REPLACEMENT CHARACTER}" in picture
    assert "\x01" not in picture
    assert r"a\u0001" in (tmp_path / "x.json").read_text(encoding="utf-8")


def test_words_are_those_of_pairs_then_those_named_then_the_first_ones_each_once() -> None:
    words = vectors_of({word: (number, number**2) for number, word in enumerate("abcdef")})
    assert lmkit.word_map(words, ["f", "b"], pairs=[("e", "b")], top=2).words == ("e", "b", "f", "a")
    assert lmkit.word_map(words, ["f", "b"]).words == ("f", "b")
    assert lmkit.word_map(words).words == tuple("abcdef")


def test_the_command_draws_in_the_terminal_and_says_what_made_the_vectors(lmkit_run: Run, corners_file: Path) -> None:
    result = lmkit_run("vectors", "plot", corners_file, "--words", "roi, reine,femme", "--title", "Trois mots")
    lines = result.out.splitlines()
    assert (result.code, result.err, lines[0]) == (0, "", "Trois mots")
    assert all(word in result.out for word in ("•roi", "reine", "femme"))
    assert "homme" not in result.out
    assert lines[-1] == f"signature method:by-hand|dimensions:3|projection:pca|lmkit:{lmkit.__version__}"


def test_the_data_have_a_row_for_each_word_and_say_its_pair(lmkit_run: Run, corners_file: Path) -> None:
    arguments = ("vectors", "plot", corners_file, "--top", 3, "--arrows", "roi:reine")
    rows = list(csv.DictReader(io.StringIO(lmkit_run(*arguments, "--data", "-").out), delimiter="\t"))
    assert [(row["pair"], row["word"]) for row in rows] == [("roi:reine", "roi"), ("roi:reine", "reine"), ("", "homme")]
    value = json.loads(lmkit_run(*arguments, "--json").out)
    assert value["plot"] == "words"
    assert [(curve["pair"], [point["word"] for point in curve["points"]]) for curve in value["curves"]] == [
        ("roi:reine", ["roi", "reine"]),
        (None, ["homme"]),
    ]
    assert [point["x"] for curve in value["curves"] for point in curve["points"]] == pytest.approx(
        [float(row["x"]) for row in rows]
    )


def test_words_of_a_picture_without_room_are_told(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit.save(crowd(120), tmp_path / "v.safetensors")
    for extension in ("svg", "html"):
        result = lmkit_run(
            "vectors", "plot", tmp_path / "v.safetensors", "--top", 120, "-o", tmp_path / f"x.{extension}"
        )
        assert (result.code, result.out) == (0, "")
        assert re.fullmatch(r"lmkit: no room for \d+ of 120 labels: mot.*\n", result.err)
    assert "Without label: no room for " in (tmp_path / "x.html").read_text(encoding="utf-8")


def test_a_word_with_a_comma_stands_in_quotes(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit.save(vectors_of({",": (0, 1), "a": (1, 2), "b": (5, 1)}), tmp_path / "v.safetensors")
    result = lmkit_run("vectors", "plot", tmp_path / "v.safetensors", "--words", 'a, ","', "--data", "-")
    assert [line.split("\t")[0] for line in result.out.splitlines()] == ["word", "a", ","]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("--words", "roi,rein"),
            1,
            "the word 'rein' is not among the 4 words.\nNearest spellings: reine.",
        ),
        (
            ("--arrows", "roi:xyz"),
            1,
            "the word 'xyz' is not among the 4 words.\nNo word is spelled nearly so.",
        ),
        (("--words", "roi"), 2, "a map of 1 word shows nothing.\nName two words or more."),
        (
            ("--words", "roi,,reine"),
            2,
            "--words 'roi,,reine' is not a list of words.\nWrite it as roi,reine; a comma itself in quotes, as 'roi,\",\"'.",
        ),
        (("--arrows", "roi"), 2, "--arrows: 'roi' is no pair of two words.\nWrite pairs as roi:reine,homme:femme."),
        (
            ("--arrows", "roi:roi"),
            2,
            "--arrows: 'roi:roi' is no pair of two words.\nWrite pairs as roi:reine,homme:femme.",
        ),
        (
            ("-o", "x.jpg"),
            2,
            "-o x.jpg: cannot write a page or a picture as .jpg.\nEnd the name in .html, .svg, .png or .pdf.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told(
    lmkit_run: Run, corners_file: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = lmkit_run("vectors", "plot", corners_file, *arguments)
    assert (result.code, result.out, result.err) == (code, "", f"lmkit: {message}\n")


def test_vectors_that_are_all_the_same_or_no_numbers_are_told() -> None:
    with pytest.raises(lmkit.DataError, match="the vectors of these 2 words are all the same"):
        lmkit.word_map(vectors_of({"a": (1, 2), "b": (1, 2)}), top=2)
    with pytest.raises(lmkit.DataError, match="the vector of 'b' has a coordinate that is no number"):
        lmkit.word_map(vectors_of({"a": (1, 2), "b": (np.nan, 2)}), top=2)


def test_at_unit_length_only_directions_count() -> None:
    long, short = {"a": (3, 4), "b": (0, 9), "c": (-5, 0)}, {"a": (0.6, 0.8), "b": (0, 1), "c": (-1, 0)}
    found = lmkit.word_map(vectors_of(long), unit_length=True)
    assert found.points == pytest.approx(lmkit.word_map(vectors_of(short)).points, abs=1e-6)
    assert "|unit-length:yes|projection:pca|" in found.signature
    with pytest.raises(lmkit.DataError, match="the vector of 'b' is all zeros"):
        lmkit.word_map(vectors_of({"a": (1, 2), "b": (0, 0)}), unit_length=True)


def test_a_model_is_no_vectors(lmkit_run: Run, french_model: Path) -> None:
    result = lmkit_run("vectors", "plot", french_model)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"lmkit: {french_model} holds an n-gram model, and word vectors are needed.")


def test_t_sne_is_the_same_each_time_and_keeps_groups_together() -> None:
    pytest.importorskip("sklearn", reason="pip install 'lmkit[tsne]'")
    generator = np.random.default_rng(1)
    near = {f"{group}{n}": generator.normal(size=5) + 20 * (group == "b") for group in "ab" for n in range(10)}
    maps = [lmkit.word_map(vectors_of(near), projection="tsne") for _ in range(2)]
    assert (maps[0].points == maps[1].points).all()
    assert "|projection:tsne|perplexity:6.333333333|" in maps[0].signature
    first, second = maps[0].points[:10], maps[0].points[10:]
    between = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert between > max(np.linalg.norm(part - part.mean(axis=0), axis=1).max() for part in (first, second))


def test_without_scikit_learn_t_sne_is_an_error_and_principal_components_are_not(
    lmkit_run: Run, corners_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    result = lmkit_run("vectors", "plot", "/missing", "--projection", "tsne")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "lmkit: t-SNE is computed by scikit-learn, which is not installed.\n"
        "Install it with: pip install 'lmkit[tsne]'. Without it there are principal components: --projection pca.\n"
    )
    assert lmkit_run("vectors", "plot", corners_file).code == 0
