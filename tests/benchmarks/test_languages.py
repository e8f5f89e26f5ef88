"""The trials of languages: what they read, and how they cut it."""

from pathlib import Path

import pytest

import lmkit
from benchmarks.languages import Trials, lines_of, parts_of, texts_in, without


def test_texts_that_are_not_there_are_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ewe-udhr.txt").write_text("ŋu\n", encoding="utf-8")
    assert list(texts_in(tmp_path)) == ["French", "English", "Ewe"]
    assert capsys.readouterr().out == f"Kabiye is left out: there is no kabiye-udhr.txt in the folder ({tmp_path}).\n"
    assert list(texts_in(None)) == ["French", "English"]


def test_lines_are_taken_once_and_no_part_shares_one_with_another(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("a\nb\n\na\nc\nd\ne \n", encoding="utf-8")
    lines = lines_of([path, path])
    assert lines == ["a", "b", "c", "d", "e"]
    parts = [{"x": part} for part in parts_of(lines)]
    assert parts == [{"x": ["a"]}, {"x": ["b", "c"]}, {"x": ["d", "e"]}]
    assert without(parts, 1) == {"x": ["a", "d", "e"]}


def test_lines_are_found_to_be_of_the_language_whose_letters_they_have(tmp_path: Path) -> None:
    trials = Trials(tmp_path, 2, lmkit.TextSettings(unit="character"))
    training, held_out = {"x": ["aa ab"], "y": ["cc cd"]}, {"x": ["a b a b a", "b"], "y": ["d c d"]}
    every, long = trials.classify("witten-bell", training, held_out, listed=False)
    assert every.counts == {("x", "x"): 2, ("y", "y"): 1}
    assert long.counts == {("x", "x"): 1}
