"""Text of files and names does not get out of its place: no cell, line or color of a terminal begins within it."""

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.cli.app import run
from lmkit.cli.output import rendering
from lmkit.errors import DataError, VocabularyWarning
from lmkit.escaping import visible, visible_lines
from lmkit.neural.attention_weights import AttentionWeights
from lmkit.plots.attention.text import attention_text
from lmkit.plots.attention.view import attention_view
from lmkit.signature import signature
from tests.conftest import CASES
from tests.shell_lines import on_terminal
from tests.vectors.small import vectors_of

CHAT = "le\x9b31mchat\u202e dort"  # a C1 control that begins a color, and a change of direction
SEEN = "le\\u009b31mchat\\u202e dort"


@pytest.mark.parametrize(
    "character", [*map(chr, range(32)), *map(chr, range(127, 160)), *"\u061c\u200e\u200f\u2028\u2029\u202e\u2066\u2069"]
)
def test_each_character_that_moves_something_is_written_out(character: str) -> None:
    shown = visible(f"a{character}b")
    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == f"a{character}b"
    in_lines = bytes(visible_lines(f"a{character}b".encode())).decode()
    assert in_lines == (f"a{character}b" if character in "\n\t" else shown if character != "\r" else "a\\rb")


def test_letters_of_all_scripts_are_left_as_they_are() -> None:
    text = "ɛ́ kpɔ ƒe été שלום नमस्ते می\u200cخواهم 👩\u200d👩\u200d👧 e\u0301"
    assert visible(text) == text
    assert visible_lines(text.encode()) == text.encode()


def test_what_people_are_told_stays_on_its_line_also_after_it_was_sent_to_another_process() -> None:
    error = DataError("no file a\nlmkit: all is well\x1b[32m", "Look\nfor it.")
    assert str(error) == "no file a\\nlmkit: all is well\\u001b[32m\nLook\nfor it."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 (its own)
    assert str(VocabularyWarning("a\rb")) == "a\\rb"


def test_a_signature_from_a_file_adds_no_figure(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    told = "x\nperplexity\t1.0\n\x1b[31mred"
    assert signature({"smoothing": told}).startswith("smoothing:x\\nperplexity\\t1.0\\n\\u001b[31mred|lmkit:")
    rendering.write_figures({"smoothing": told, f"of {told}": {"a": 1}})
    assert [len(line.split("\t")) for line in capfdbinary.readouterr().out.decode().splitlines()] == [2, 2]
    assert run(["info", str(CASES / "model_smoothing_injects.safetensors")]) == 1
    assert b"details of the model are damaged" in capfdbinary.readouterr().err


def test_names_of_files_stay_within_their_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = tmp_path / "a\n\x1b[2Jb.txt"
    assert run(["count", str(name)]) == 1
    assert "a\\n\\u001b[2Jb.txt" in capfd.readouterr().err
    name.write_bytes(b"\xff\xfe\n")
    assert run(["count", str(name)]) == 1
    assert "\x1b" not in capfd.readouterr().err
    assert run(["count", f"--no-such\x1b[2J={name}"]) == 2
    assert "\x1b" not in capfd.readouterr().err


@pytest.mark.parametrize("command", ["tokenize", "count -n 1", "sentences", "count --json", "vocabulary list"])
def test_words_are_written_out_on_a_terminal_and_raw_in_a_pipe(
    command: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    text = tmp_path / "text.txt"
    text.write_text(f"{CHAT}\n", encoding="utf-8")
    words = CHAT if command in ("tokenize", "sentences") else CHAT.split(maxsplit=1)[0]
    seen = SEEN if command in ("tokenize", "sentences") else SEEN.split(maxsplit=1)[0]
    assert seen in on_terminal(*command.split(), "-q", text)
    assert run([*command.split(), "-q", str(text)]) == 0
    assert words in capfdbinary.readouterr().out.decode()


def test_words_of_vectors_stay_in_their_cells(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    words = ["le", "un\tdeux", "trois\nquatre", "cinq\rsix", "\x1b"]
    file = tmp_path / "v.safetensors"
    lmkit.save(vectors_of({word: (1, place) for place, word in enumerate(words)}), file)
    assert run(["vectors", "neighbours", str(file), "le", "--top", "4"]) == 0
    lines = capfdbinary.readouterr().out.decode().removesuffix("\n").split("\n")
    rows = [line.split("\t") for line in lines]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) in (4, 5)
    assert {"un\\tdeux", "trois\\nquatre", "cinq\\rsix"} <= {cell for row in rows for cell in row}
    assert run(["vectors", "neighbours", str(file), "le", "--top", "4", "--json"]) == 0
    found = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert {*words[1:]} <= {str(value) for record in found for value in record.values()}


@pytest.mark.parametrize(
    "command", ["plot zipf", "plot cooc", "plot surprisal", "plot perplexity", "generate --seed 1"]
)
def test_drawings_and_sentences_on_a_terminal_move_nothing_but_their_colors(command: str, tmp_path: Path) -> None:
    text = tmp_path / f"{CHAT}.txt"
    text.write_text(f"{CHAT}\n" * 3, encoding="utf-8")
    model = tmp_path / "m.safetensors"
    lmkit.save(lmkit.count_ngrams(text, 2), model)
    with_model = {"plot surprisal": [model, text], "plot perplexity": [model, text], "generate --seed 1": [model]}
    shown = on_terminal(*command.split(), "-q", *with_model.get(command, [text]))
    uncolored = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert visible(uncolored, keep="\n\t") == uncolored


@pytest.mark.parametrize("heads", [(1,), (1, 2)], ids=["numbers", "shades"])
def test_tokens_and_titles_of_attention_move_nothing(heads: tuple[int, ...]) -> None:
    alpha = np.full((1, len(heads), 2, 2), 0.5)
    weights = AttentionWeights(("\x9b31m", "\u202ea"), (), alpha, (1,), heads, "")
    shown = attention_text(attention_view(weights, CHAT))
    assert visible(shown, keep="\n") == shown
