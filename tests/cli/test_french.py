"""What people see in French: help, errors, warnings, narration, plots; data stay as they are."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lmkit.cli.language import interface_language
from lmkit.locales.catalogues import NO_BREAK
from tests.conftest import ROOT
from tests.shell_lines import Command, run_lmkit, variables

FRENCH = {"LMKIT_LANG": "fr", "COLUMNS": "100"}


def run(*words: str, language: dict[str, str] = FRENCH, encoding: str = "") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of lmkit; with an encoding, of a process whose streams have it."""
    with variables(language, without=("LMKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")):
        if not encoding:
            done = run_lmkit(Command("", first=True, arguments=[*words]), b"", ROOT)
        else:
            environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
            command = [sys.executable, "-m", "lmkit", *words]
            done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(encoding or "utf-8"), done.stderr.decode(encoding or "utf-8")


def said(text: str) -> str:
    """French as it is typed here, with blanks that do not break where they are printed."""
    return text.replace(" :", f"{NO_BREAK}:").replace(" ;", f"{NO_BREAK};")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("le chat dort\nle chien dort\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "fr_TG"}, "fr"),
        ({"LANG": "fr_FR", "LC_ALL": "C"}, "en"),
        ({"LANG": "fr_FR", "LMKIT_LANG": "en"}, "en"),
        ({"LANG": "C.UTF-8", "LMKIT_LANG": "FR"}, "fr"),
        ({"LANG": "fr_CA", "LMKIT_LANG": ""}, "fr"),
        ({"LANG": "ee_TG"}, "en"),
    ],
)
def test_the_language_is_that_of_lmkit_lang_or_else_of_the_locale(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LMKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert interface_language() == language


def test_help_is_french() -> None:
    code, shown, _ = run("perplexity", "--help")
    assert code == 0
    assert shown.startswith(said("Utilisation : lmkit perplexity"))
    assert said("Mesurer à quel point un modèle prédit un texte : perplexité avec et sans") in shown
    assert "# un seuil pour la CI" in shown
    assert said("[défaut : corpus]") in shown
    for panel in ("Arguments :", "Options :", "Lecture du texte :", "Ressources :"):
        assert f"\n{said(panel)}\n" in shown
    assert not {"Measure", "Memory:", "standard input", "default"} & set(shown.replace("\n", " ").split(" "))


def test_short_help_is_french_and_names_what_it_leaves_out() -> None:
    code, shown, _ = run("perplexity", "-h")
    assert code == 0
    assert said("Options :\n  MODEL ") in shown
    assert said("\nRessources : --quiet") in shown
    assert said("Tout ce qu'elles font : lmkit perplexity --help") in shown


def test_no_option_of_any_command_is_explained_in_english() -> None:
    """What is said of each is in the catalogue, be it declared where several commands share it."""
    from lmkit.cli import command
    from lmkit.cli.nearest import everything
    from lmkit.locales.catalogues import catalogue_of

    french = catalogue_of("fr")
    same = {
        "Witten-Bell.",
        "bigram, feed-forward, transformer.",
        "gradient-descent, sgd, momentum, adam, adamw.",
    }  # names
    english = [
        (name, told)
        for name, declared in everything()
        if not declared.is_group
        for each in command.parameters_of(declared)
        if (told := each.told.how.get("help", "")) and french.translated(told) == told and told not in same
    ]
    assert english == []


def test_no_option_of_any_command_is_explained_half_in_english() -> None:
    """Help is put together of sentences, defaults and names of networks: each of these parts is translated."""
    from lmkit.cli import command
    from lmkit.cli.help.options import right
    from lmkit.cli.nearest import everything
    from lmkit.locales import speak

    english = re.compile(r"(?<![\w-])(?:the|of|and|which|with|is|are|that|by|in|or)(?![\w-])")
    speak("fr")
    try:
        half = {
            told
            for _, declared in everything()
            if not declared.is_group
            for each in command.parameters_of(declared)
            if english.search(told := right(each))
        }
    finally:
        speak("en")
    assert half == set()


@pytest.mark.parametrize("columns", ["50", "80"])
@pytest.mark.parametrize("words", [["-h"], ["count", "--help"], ["vectors", "similarity", "-h"]])
def test_no_line_of_help_is_wider_than_the_terminal_or_begins_with_a_sign(words: list[str], columns: str) -> None:
    shown = run(*words, language={"LMKIT_LANG": "fr", "COLUMNS": columns})[1]
    assert [line for line in shown.splitlines() if line.lstrip().startswith((":", ";", "?", NO_BREAK))] == []
    assert [line for line in shown.splitlines() if len(line) > int(columns) and not line.startswith("  lmkit")] == []


def test_all_commands_are_listed_in_french() -> None:
    code, shown, _ = run("--help")
    assert code == 0
    assert "Faire un modèle lissé à partir de comptes." in shown
    assert "\nEntraîner  ngram       Entraîner, mélanger, élaguer, vérifier des modèles.\n" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["perplexity", "--hlp"], "--hlp"),
        (["perplexity"], "MODEL"),
        (["count", "--order", "x"], "n'est pas un nombre entier"),
        (["cuont"], "cuont"),
    ],
)
def test_wrong_usage_is_told_in_french(words: list[str], message: str) -> None:
    code, _, told = run(*words)
    assert code == 2
    assert message in told
    assert not {"Usage:", "Try", "Error:", "Missing", "such"} & set(told.split())


def test_a_missing_file_is_told_in_french() -> None:
    assert run("count", "nowhere.txt") == (
        1,
        "",
        said(
            "lmkit : impossible de lire nowhere.txt : Aucun fichier ou dossier de ce nom.\n"
            "Vérifiez le nom du fichier et ses permissions.\n"
        ),
    )


def test_a_damaged_model_is_told_in_french(tmp_path: Path, text: Path) -> None:
    model = tmp_path / "counts.safetensors"
    assert run("ngram", "train", "-n", "2", str(text), "-o", str(model))[0] == 0
    model.write_bytes(model.read_bytes()[:-9])
    code, _, told = run("perplexity", str(model), str(text))
    assert code == 1
    assert said(f"lmkit : {model} : le fichier est endommagé ou tronqué (") in told
    assert "Écrivez-le de nouveau." in told


def test_narration_is_french_and_what_is_printed_is_not(tmp_path: Path, text: Path) -> None:
    code, _, told = run("ngram", "train", "-n", "2", str(text), "-o", str(tmp_path / "counts.safetensors"))
    assert (code, told) == (0, said("lmkit : 6 tokens dans 2 phrases ; n-grammes des ordres 1 à 2 : 7 6\n"))
    figures = run("perplexity", str(tmp_path / "counts.safetensors"), str(text), "--quiet")
    assert figures == run("perplexity", str(tmp_path / "counts.safetensors"), str(text), "--quiet", language={})
    as_json = run("perplexity", str(tmp_path / "counts.safetensors"), str(text), "--quiet", "--json")[1]
    assert json.loads(as_json)["tokens"] == 8


def test_sentences_that_read_like_messages_are_shown_as_they_are(tmp_path: Path) -> None:
    sentence = "the unknown word was not seen"
    (tmp_path / "the words.txt").write_text(f"{sentence}\n" * 3, encoding="utf-8")
    _, shown, _ = run("vectors", "word2vec", "--explain", "--epochs", "1", str(tmp_path / "the words.txt"))
    assert shown.splitlines()[0] == sentence
    _, _, told = run("count", str(tmp_path / "a model, counts and weights"))
    assert told.startswith(said(f"lmkit : impossible de lire {tmp_path}/a model, counts and weights : Aucun fichier"))


def test_spellings_and_unknown_words_are_shown_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "v.vec").write_text("2 2\nweights 1 0\nmot 0 1\n", encoding="utf-8")
    _, _, told = run("vectors", "neighbours", str(tmp_path / "v.vec"), "a word", "weight")
    assert told == said(
        "lmkit : 2 mots ne sont pas parmi les 2 mots : a word, weight.\nOrthographes les plus proches : weight (weights).\n"
    )


def test_a_warning_is_french(tmp_path: Path, text: Path) -> None:
    known = tmp_path / "words.txt"
    known.write_text("ein\nzwei\n", encoding="utf-8")
    code, _, told = run("count", str(text), "--vocabulary", str(known))
    assert code == 0
    assert said(f"lmkit : aucun token de {text} n'est dans le vocabulaire {known} (") in told
    assert "Est-il dans la même langue et la même casse ?".replace(" ?", f"{NO_BREAK}?") in told


def test_plots_are_labelled_in_french_and_their_data_are_not(text: Path) -> None:
    shown = run("plot", "zipf", str(text), "--quiet")[1]
    assert said("Comptes des mots par rang : text.txt") in shown
    assert "loi de Zipf, ajustée" in shown
    assert "rang du mot" in shown
    data = run("plot", "zipf", str(text), "--json", "--quiet")
    assert data == run("plot", "zipf", str(text), "--json", "--quiet", language={})


def test_plots_in_ascii_have_french_without_accents(text: Path) -> None:
    shown = run("plot", "zipf", str(text), "--quiet", "--ascii")[1]
    assert shown.isascii()
    assert "loi de Zipf, ajustee" in shown


def test_pages_say_which_language_they_are_in(tmp_path: Path, text: Path) -> None:
    model, page = tmp_path / "counts.safetensors", tmp_path / "page.html"
    run("ngram", "train", "-n", "2", "--quiet", str(text), "-o", str(model))
    for language, sign in ((FRENCH, "en tirets"), ({}, "dashed")):
        assert (
            run("plot", "surprisal", str(model), "le chat dort", "-o", str(page), "--quiet", language=language)[0] == 0
        )
        shown = page.read_text(encoding="utf-8")
        assert f'<html lang="{"fr" if language else "en"}">' in shown
        assert sign in shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "cp850", "ascii"])
def test_consoles_of_few_letters_are_told_all_the_same(encoding: str) -> None:
    code, _, told = run("count", "nowhere.txt", encoding=encoding)
    assert code == 1
    assert "impossible de lire nowhere.txt" in told
    if encoding != "ascii":
        assert "Vérifiez" in told


def test_help_is_printed_in_the_encoding_of_windows() -> None:
    code, shown, _ = run("perplexity", "--help", encoding="cp1252")
    assert code == 0
    assert "Mesurer à quel point" in shown


def test_english_reads_no_catalogue() -> None:
    code = "import sys; from lmkit.cli.app import run; run(['count', 'nowhere.txt']); print(*sys.modules)"
    environment = dict(os.environ, LMKIT_LANG="en")
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
    assert not {"gettext", "lmkit.locales.catalogues"} & set(done.stdout.split())


def test_errors_in_python_are_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lmkit.errors import DataError
    from lmkit.storage import load_model

    monkeypatch.setenv("LMKIT_LANG", "fr")
    with pytest.raises(DataError, match="No such file"):
        load_model(tmp_path / "nowhere.arpa")
