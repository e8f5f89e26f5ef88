"""The benchmark of single words."""

import sys
from pathlib import Path

import pytest

import lmkit
from benchmarks import decoding
from tests.conftest import held_out_text


def test_every_word_of_whole_sentences_is_timed_once(
    french_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = held_out_text("fr")
    monkeypatch.setattr(sys, "argv", ["decoding", str(french_model), str(text), "--words", "1000000"])
    decoding.main()
    opened, single, score, scores = capsys.readouterr().out.splitlines()
    figures = lmkit.perplexity(lmkit.load_model(french_model), text)
    assert opened.startswith("lmkit.kenlm\topened in ")
    assert f"BaseScore of {figures.tokens:,} words: median " in single
    assert score.endswith(f"; sum {figures.log10_prob:.2f}")
    assert scores.startswith("lmkit.kenlm\tscores: ")
    assert [len(words) for words in decoding.first_sentences(str(text), 20)] == [13, 12]
