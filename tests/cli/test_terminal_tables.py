"""Tables on terminals of any width: no line is wider, and no number is broken."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.cli.output.terminal.tables import LEAST_ROOM, Layout
from lmkit.engine.wording import display_width
from tests.conftest import CORPORA, TOY, held_out_text
from tests.shell_lines import on_terminal

NUMBER = re.compile(r"(?<!\S)-?\d[\d.]*(?:e-?\d+)?(?!\S)")
WIDTHS = (60, 80, 120)
TABLES = (
    "compare {kn} {laplace} {text}",
    "perplexity {kn} {text}",
    "perplexity {kn} {text} --by token",
    "perplexity {kn} {text} {other} --by file",
    "count {text} -n 3 --top 30",
    "vocabulary list {text} --top 30",
    "explain {kn} la",
    "evaluate {suite}",
    "functions",
    "functions softmax 1 2 3 4 5 6 7 8",
    "optimizers",
    "positions --dimensions 24",
    "matches {text} {other} --by sentence",
    "info {kn}",
    "smooth {counts} --all --held-out {text} -n 2 -n 3",
    "vectors evaluate {vectors} {analogies}",
    "vectors neighbours {vectors} la le",
    "classify {kn} {laplace} {text}",
    "entropy {text}",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the commands read, by names that are long, as those of real files are."""
    folder = tmp_path_factory.mktemp("a-folder-that-has-a-long-name")
    made = {name: folder / f"{name}.safetensors" for name in ("counts", "kn", "laplace", "vectors")}
    text = CORPORA / "fr.train.tok"
    counts = lmkit.count_ngrams(text, 3)
    lmkit.save(counts, made["counts"])
    lmkit.save(lmkit.kneser_ney(counts), made["kn"])
    lmkit.save(lmkit.laplace(counts), made["laplace"])
    lmkit.save(lmkit.svd_vectors(lmkit.cooccurrence(lmkit.encode_text(text)), 8), made["vectors"])
    suite = folder / "suite.toml"
    suite.write_text(
        "[models]\nkneser-ney = 'kn.safetensors'\nadditive = 'laplace.safetensors'\n"
        f"[texts]\ntest = '{held_out_text('fr')}'\nanother = '{CORPORA / 'fr.train.tok'}'\n"
    )
    others = {"text": held_out_text("fr"), "other": TOY, "analogies": CORPORA / "fr.analogies.txt", "suite": suite}
    return made | others


@pytest.mark.parametrize("line", TABLES)
def test_no_line_is_wider_than_the_terminal_and_no_number_is_broken(line: str, files: dict[str, Path]) -> None:
    words = line.format(**files).split()
    wide = on_terminal(*words, "-q", COLUMNS="2000")
    numbers = sorted(NUMBER.findall(wide))
    for columns in WIDTHS:
        lines = on_terminal(*words, "-q", COLUMNS=str(columns)).splitlines()
        assert [each for each in lines if display_width(each) > columns] == []
        assert set(NUMBER.findall("\n".join(lines))) >= set(numbers), columns


cells = st.text("ab é|-_日1", max_size=60).map(str.strip)
tables = st.integers(1, 6).flatmap(
    lambda number: st.lists(st.tuples(*[cells] * number, st.integers(-(10**18), 10**18).map(str)), min_size=1)
)


@given(table=tables, other=tables, columns=st.integers(LEAST_ROOM, 100))
def test_all_letters_of_any_table_are_shown_in_lines_that_fit(
    table: list[tuple[str, ...]], other: list[tuple[str, ...]], columns: int
) -> None:
    """Block after block: what was laid out for the first may be too wide for the next."""
    blocks = [table, *([other] if len(other[0]) == len(table[0]) else [])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        layout = Layout(len(table[0]))
        for rows in blocks:
            lines = layout.lines(list(zip(*rows, strict=True)), [False] * (len(rows[0]) - 1) + [True])
            assert max(map(display_width, lines)) <= columns
            letters = sorted("".join(lines).replace(" ", ""))
            assert letters == sorted("".join(map("".join, rows)).replace(" ", ""))
            assert {row[-1] for row in rows} <= set("  ".join(lines).split())


def test_facts_stand_apart_and_figures_have_their_own_digits(files: dict[str, Path]) -> None:
    """A long name does not push figures aside, and 731 tokens are no 731.0."""
    lines = on_terminal("compare", files["kn"], files["laplace"], files["text"], "-q").splitlines()
    assert lines[0].split()[0] == "model.a"
    rows = {line.split()[0]: line for line in lines[lines.index("") + 1 :]}
    assert rows["tokens"].split()[1:] == ["731", "731"]
    assert rows["figure"].index(" a ") == rows["tokens"].index(" 731 ")


def test_what_all_rows_share_is_told_once_where_they_are_too_wide(files: dict[str, Path]) -> None:
    line = ["vectors", "compare", files["vectors"], files["vectors"], files["analogies"], "-q"]
    narrow, wide = (on_terminal(*line, COLUMNS=columns) for columns in ("80", "300"))
    assert narrow.count(files["analogies"].name) == 1
    assert wide.count(files["analogies"].name) == len(re.findall("3cos", wide))


@pytest.mark.parametrize("number", [2, 9])
def test_rows_that_are_all_the_same_are_a_table(number: int, files: dict[str, Path]) -> None:
    """With nothing in them that tells them apart, there would be no column left."""
    lines = on_terminal("perplexity", files["kn"], *[TOY] * number, "--by", "file", "-q", COLUMNS="80")
    assert lines.count(str(TOY)) == number or lines.count(TOY.name) == number


def test_few_rows_have_their_signature_once_and_their_numbers_side_by_side(files: dict[str, Path]) -> None:
    lines = on_terminal("perplexity", files["kn"], files["text"], TOY, "--by", "file", "-q", COLUMNS="80").splitlines()
    assert lines[0].startswith("signature  order:3|")
    rows = [line.split() for line in lines[lines.index("") + 1 :]]
    assert ["tokens", "731", "20"] in rows
    assert "signature" not in {row[0] for row in rows}


def test_signatures_of_vectors_say_what_differs_from_the_defaults(files: dict[str, Path]) -> None:
    told = on_terminal("vectors", "evaluate", files["vectors"], files["analogies"], "-q", COLUMNS="2000")
    assert "method:svd|" in told
    assert "normalize:nfc" not in told
